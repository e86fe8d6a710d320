"""Imports go down only: the contracts of ``.importlinter``, and that they cover every room."""

import configparser
from pathlib import Path

import pytest
from importlinter.cli import lint_imports


def test_the_import_contracts_hold(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repository)
    failed = lint_imports(config_filename=".importlinter", no_cache=True, no_logo=True)
    assert failed == 0, capsys.readouterr().out


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
