"""The program itself: it finds its commands, and speaks kindly where something is missing."""

import importlib
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from zhulian import __version__
from zhulian.cli.main import main
from zhulian.vocabulary.errors import Text, ZhulianError


def test_every_file_that_is_listed_is_a_command() -> None:
    context = click.Context(main)
    names = main.list_commands(context)
    assert {"backup", "bench", "demo", "doctor", "edge", "restore", "telemetry", "up", "web"} <= set(names)
    for name in names:
        assert isinstance(main.get_command(context, name), click.Command), name


def test_help_and_version() -> None:
    assert CliRunner().invoke(main, ["--help"]).exit_code == 0
    assert __version__ in CliRunner().invoke(main, ["--version"]).output


def test_an_unknown_command_is_named() -> None:
    result = CliRunner().invoke(main, ["nonsense"])
    assert result.exit_code == 2
    assert "nonsense" in result.output


def test_an_error_for_people_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZhulianError("test", Text("网线断了。", "The cable is out."), Text("请插上。", "Plug it in."))

    monkeypatch.setattr(importlib.import_module("zhulian.cli.machines"), "command", click.Command("m", callback=fail))
    result = CliRunner().invoke(main, ["machines"])
    assert result.exit_code == 1
    assert result.output == "Error: 网线断了。请插上。 / The cable is out. Plug it in.\n"


def test_a_part_found_missing_only_when_it_runs_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ModuleNotFoundError("No module named 'uvicorn'", name="uvicorn")

    monkeypatch.setattr(importlib.import_module("zhulian.cli.machines"), "command", click.Command("m", callback=fail))
    result = CliRunner().invoke(main, ["machines"])
    assert result.exit_code == 1
    assert "zhulian[city]" in result.output
    assert "uvicorn" in result.output


WITHOUT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("django", "granian", "urllib3", "chdb", "uvicorn", "openpyxl", "pymodbus"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from zhulian.cli.main import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("arguments", [["up"], ["web"], ["demo"], ["restore", __file__]])
def test_the_gateway_install_says_what_the_platform_needs(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"ZHULIAN_DATA": str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 1, done.stderr
    assert "pip install 'zhulian[city]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_gateway_install_has_help_for_all() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT, "--help"], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "edge" in done.stdout
