"""What the rules about the tree look at: the files that a clone would contain."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def files(repository: Path, need_tool: Callable[[str], Path]) -> tuple[Path, ...]:
    """Every file that is tracked, or would be by ``git add``; absolute paths."""
    if not (repository / ".git").exists():
        pytest.skip("this is no git clone, so nobody can tell our files from others'")
    listed = subprocess.run(
        [need_tool("git"), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (repository / name for name in listed.split("\0") if name)
    return tuple(path for path in paths if path.is_file())


@pytest.fixture(scope="session")
def texts(files: tuple[Path, ...]) -> dict[Path, str]:
    """The content of every file that is text."""
    found = {}
    for path in files:
        try:
            found[path] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
    return found


@pytest.fixture(scope="session")
def modules(repository: Path, texts: dict[Path, str]) -> dict[Path, str]:
    """Our own Python below ``src``, without migrations."""
    source = repository / "src"
    return {
        path: text
        for path, text in texts.items()
        if path.suffix == ".py" and source in path.parents and "migrations" not in path.parts
    }


@pytest.fixture(scope="session")
def pages(repository: Path, texts: dict[Path, str]) -> dict[Path, str]:
    """Every Markdown page."""
    return {path: text for path, text in texts.items() if path.suffix == ".md"}
