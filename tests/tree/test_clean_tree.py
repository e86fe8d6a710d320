"""Nothing in the tree depends on where it was made: no registry address, no path of a machine, no foreign code."""

import json
import re
import tomllib
from pathlib import Path

import pytest

REGISTRIES = [
    ".".join(words)
    for words in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
        ("mirrors", "aliyun", "com"),
        ("tuna", "tsinghua", "edu", "cn"),
        ("mirrors", "ustc", "edu", "cn"),
    )
]
"""Joined here, so that this file does not hold what it forbids."""
ABSOLUTE = re.compile(r"(?<![\w./~-])/(?:" + "|".join(("work", "root", "home", "Users")) + r")/\w")
WINDOWS = re.compile(r"\b[A-Z]:\\" + "Users")


def naming(repository: Path, texts: dict[Path, str], pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(repository)}:{number}: {line.strip()[:120]}"
        for path, text in texts.items()
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_a_registry(repository: Path, texts: dict[Path, str]) -> None:
    assert not naming(repository, texts, re.compile("|".join(map(re.escape, REGISTRIES))))


@pytest.mark.parametrize("pattern", [ABSOLUTE, WINDOWS], ids=["posix", "windows"])
def test_no_file_names_a_path_of_somebodys_machine(
    repository: Path, texts: dict[Path, str], pattern: re.Pattern[str]
) -> None:
    assert not naming(repository, texts, pattern)


def test_the_patterns_find_what_they_forbid() -> None:
    assert ABSOLUTE.search("see " + "/" + "home/somebody")
    assert not ABSOLUTE.search("frame/" + "work/er, ../" + "work/x")


def test_locks_are_hashed_and_name_no_index(repository: Path) -> None:
    locks = sorted((repository / "locks").glob("*.txt"))
    assert locks
    for lock in locks:
        lines = lock.read_text("utf-8").replace("\\\n", " ").splitlines()
        entries = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
        assert not [line for line in entries if line.startswith("-") or "://" in line], lock.name
        assert not [line for line in entries if "==" not in line or "--hash=sha256:" not in line], lock.name


def test_the_front_end_lock_names_no_registry(repository: Path) -> None:
    lock = json.loads((repository / "frontend/package-lock.json").read_text("utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert packages
    assert not [name for name, entry in packages.items() if "resolved" in entry]
    assert not [name for name, entry in packages.items() if "integrity" not in entry]


def test_the_front_end_lock_stays_that_way(repository: Path) -> None:
    assert "omit-lockfile-registry-resolved=true" in (repository / "frontend/.npmrc").read_text("utf-8")


def test_no_other_lock_file_slips_in(files: tuple[Path, ...]) -> None:
    assert not {path.name for path in files} & {"uv.lock", "poetry.lock", "yarn.lock", "pnpm-lock.yaml", "Pipfile.lock"}


def test_no_third_party_code_is_committed(repository: Path, files: tuple[Path, ...]) -> None:
    foreign = ("node_modules", "vendor", "site-packages", "third_party", "built")
    assert not [str(path.relative_to(repository)) for path in files if set(path.parts) & set(foreign)]
    assert not [str(path.relative_to(repository)) for path in files if path.name.endswith((".min.js", ".min.css"))]


def test_no_file_is_large(repository: Path, files: tuple[Path, ...]) -> None:
    large = [path for path in files if path.stat().st_size > 1_000_000 and "pictures" not in path.parts]
    assert not [str(path.relative_to(repository)) for path in large]


def test_the_project_table_can_be_read(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    assert "index" not in project.get("tool", {}).get("uv", {})
