"""The reference says what the code has, and nothing else: settings, commands, protocols, roles, benchmarks."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from zhulian.cli import main as entry
from zhulian.vocabulary.roles import ROLE_NAMES
from zhulian.vocabulary.settings import SETTINGS

FOR_TESTS_ONLY = {"ZHULIAN_TEST_DATA", "ZHULIAN_TEST_CLICKHOUSE", "ZHULIAN_TEST_CLICKHOUSE_CLUSTER"}


def page(repository: Path, name: str) -> str:
    return (repository / "docs/reference" / name).read_text("utf-8")


def first_column(text: str) -> dict[str, str]:
    """Name in backticks → second cell, for every row of every table on a page."""
    return {row[1]: row[2].strip() for row in re.finditer(r"^\| `([^`]+)` \| ([^|]*)\|", text, re.MULTILINE)}


def test_the_settings_page_is_the_table_in_the_code(repository: Path) -> None:
    described = {name: cell for name, cell in first_column(page(repository, "settings.md")).items() if name.isupper()}
    assert sorted(described) == sorted(setting.name for setting in SETTINGS)
    for setting in SETTINGS:
        assert not setting.default or described[setting.name] == f"`{setting.default}`"


def test_no_setting_is_used_that_is_not_in_the_table(repository: Path, texts: dict[Path, str]) -> None:
    known = {setting.name for setting in SETTINGS} | FOR_TESTS_ONLY
    strange = {
        f"{path.relative_to(repository)}: {name}"
        for path, text in texts.items()
        for name in re.findall(r"\bZHULIAN_[A-Z][A-Z_]*[A-Z]\b", text)
        if name not in known and not path.is_relative_to(repository / "tests")
    }
    assert not strange


def root_command() -> click.Group:
    return next(value for value in (entry.main, getattr(entry, "command", None)) if isinstance(value, click.Group))


def commands(group: click.Group, path: str = "zhulian") -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if command.hidden:
            continue
        yield f"{path} {name}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")


def test_every_command_is_documented_with_its_options(repository: Path) -> None:
    text = page(repository, "commands.md")
    found = dict(commands(root_command()))
    assert found
    assert [name for name in found if not re.search(rf"{re.escape(name)}\b", text)] == []
    options = {
        (name, spelled)
        for name, command in found.items()
        for option in command.params
        if isinstance(option, click.Option) and not option.hidden
        for spelled in option.opts
        if spelled.startswith("--")
    }
    assert sorted(f"{name} {spelled}" for name, spelled in options if spelled not in text) == []


def test_no_command_is_documented_that_does_not_exist(repository: Path) -> None:
    known = {"zhulian", *dict(commands(root_command()))}
    named = re.findall(r"`(zhulian(?: [a-z][a-z-]*)*)", page(repository, "commands.md"))
    assert named
    assert sorted({name for name in named if name not in known}) == []


def test_every_protocol_has_a_page_and_every_page_a_protocol(repository: Path) -> None:
    folders = {path.parent.name for path in (repository / "src/zhulian/edge/protocols").glob("*/__init__.py")}
    described = {path.stem for path in (repository / "docs/reference/protocols").glob("*.md")} - {"README"}
    assert folders
    assert folders == described


@pytest.mark.parametrize("role", ROLE_NAMES)
def test_every_role_is_described(repository: Path, role: str) -> None:
    text = page(repository, "roles.md")
    assert f"`{role}`" in text
    assert ROLE_NAMES[role].zh in text  # type: ignore[index]


def test_every_benchmark_is_described(repository: Path) -> None:
    folder = repository / "src/zhulian/cli/bench"
    names = {path.stem for path in folder.glob("*.py") if "\ndef run(" in path.read_text("utf-8")}
    text = page(repository, "benchmarks.md")
    assert names
    assert [name for name in names if f"zhulian bench {name}" not in text] == []
