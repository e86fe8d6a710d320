"""Imports go down only: the contracts of ``.importlinter``, and that they cover every room."""

import configparser
import subprocess
import sys
from pathlib import Path


def test_the_import_contracts_hold(repository: Path) -> None:
    """In a process of its own: the linter sets up logging anew, and tests that listen to it would hear nothing."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_contracts_name_exactly_the_rooms_that_exist(repository: Path) -> None:
    contracts = configparser.ConfigParser()
    contracts.read(repository / ".importlinter")
    layers = contracts["importlinter:contract:rooms"]["layers"].replace("|", " ").split()
    rooms = [path.parent.name for path in (repository / "src/zhulian").glob("*/__init__.py")]
    assert sorted(layers) == sorted(rooms)


def test_no_protocol_knows_another(repository: Path, modules: dict[Path, str]) -> None:
    folder = repository / "src/zhulian/edge/protocols"
    names = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert names
    crossing = [
        f"{path.relative_to(folder)} knows {other}"
        for name in names
        for path, text in modules.items()
        if folder / name in path.parents
        for other in names - {name}
        if f"zhulian.edge.protocols.{other}" in text
    ]
    assert not crossing


def test_every_room_is_tested(repository: Path) -> None:
    rooms = [path.parent.name for path in (repository / "src/zhulian").glob("*/__init__.py")]
    assert not [room for room in rooms if not list((repository / "tests" / room).rglob("test_*.py"))]
