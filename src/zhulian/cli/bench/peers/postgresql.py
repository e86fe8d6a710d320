"""A throw-away PostgreSQL from Debian: its own folder, a socket and no port, never root, gone with the process.

Nothing is kept through a power cut (fsync off), because nothing in it is worth keeping.
"""

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from zhulian.cli.lifeline import die_with_parent

OLDEST = 15
READY_WITHIN_S = 30
LONGEST_SOCKET_PATH = 90
"""The kernel allows 107 bytes; a folder deeper than this one is not used."""
_HURRY = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "50",
    "autovacuum": "off",
}


def programs() -> Path | None:
    """The folder of Debian's newest PostgreSQL server, or of the one on the PATH."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    newest = sorted(debian, key=lambda path: int(path.parent.name), reverse=True)
    if newest and int(newest[0].parent.name) >= OLDEST:
        return newest[0]
    found = shutil.which("initdb")
    return Path(found).parent if found else None


@contextmanager
def serving(binaries: Path, **settings: str) -> Iterator[str]:
    """The address of a fresh, empty server; it is stopped and deleted at the end, whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="zhulian-pg-", dir=_short_folder()))
    person = _unprivileged()
    try:
        if person:
            os.chown(folder, person.pw_uid, person.pw_gid)
        _as(person, [binaries / "initdb", "-D", folder / "data", "-U", "zhulian", "-A", "trust", "-E", "UTF8",
                     "--locale=C.UTF-8", "--no-sync", "--no-instructions"])  # fmt: skip
        with _running(binaries, folder, person, _HURRY | settings):
            yield f"postgresql://zhulian@/zhulian?host={folder}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _running(
    binaries: Path, folder: Path, person: pwd.struct_passwd | None, settings: dict[str, str]
) -> Iterator[None]:
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [str(word) for word in (binaries / "postgres", "-D", folder / "data", "-k", folder, *options)]
    gone_with_us = partial(die_with_parent, os.getpid(), signal.SIGQUIT)
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603 - Debian's own program
            command,
            stdout=log,
            stderr=log,
            preexec_fn=gone_with_us,  # noqa: PLW1509 - it only asks the kernel for a signal
            **_identity(person),
        )
    try:
        _wait(server, folder)
        _as(person, [binaries / "createdb", "-h", folder, "-U", "zhulian", "zhulian"])
        yield
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: there is nothing to save
        server.wait(READY_WITHIN_S)


def _wait(server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    status = folder / "data" / "postmaster.pid"
    while not (status.exists() and re.search(r"^ready", status.read_text(), re.MULTILINE)):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()}")
        time.sleep(0.02)


def _as(person: pwd.struct_passwd | None, command: list[object]) -> None:
    done = subprocess.run(  # noqa: S603 - Debian's own program
        [str(word) for word in command], capture_output=True, text=True, check=False, **_identity(person)
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr}")


def _identity(person: pwd.struct_passwd | None) -> dict[str, Any]:
    if person is None:
        return {}
    environment = {**os.environ, "HOME": "/"}
    return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": [], "env": environment, "cwd": "/"}


def _unprivileged() -> pwd.struct_passwd | None:
    """Whom root lends the server to, since PostgreSQL refuses to be root; ``None`` where we are somebody already."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("root, and neither postgres nor nobody to run a server as")


def _short_folder() -> Path:
    """The usual temporary folder if others may enter it and a socket's path fits; else /tmp."""
    usual = Path(tempfile.gettempdir())
    open_to_all = all(path.stat().st_mode & 0o001 for path in (usual, *usual.parents))
    return usual if open_to_all and len(str(usual)) < LONGEST_SOCKET_PATH - 20 else Path("/tmp")  # noqa: S108 - mkdtemp makes the folder ours
