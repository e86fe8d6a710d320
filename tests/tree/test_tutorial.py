"""The tutorial is true: its meter and its gateway file are taken from the page, started, tried and broken."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from peers.ports import free_port
from zhulian.cli.edge import command


def block(repository: Path, language: str, holding: str) -> str:
    text = (repository / "docs/tutorials/connect-a-first-machine.md").read_text("utf-8")
    return next(found for found in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL) if holding in found)


@pytest.fixture(scope="module")
def meter(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The page's meter on a free port."""
    port = free_port()
    script = tmp_path_factory.mktemp("first") / "meter.py"
    script.write_text(block(repository, "python", "class Meter").replace("5520", str(port)), "utf-8")
    process = subprocess.Popen([sys.executable, script])
    try:
        wait_for(port)
        yield port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 100
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < deadline, "the tutorial's meter does not start"
        else:
            return


def tried(repository: Path, folder: Path, port: int, change: tuple[str, str] = ("", "")) -> tuple[int, str]:
    file = folder / "gateway.toml"
    text = block(repository, "toml", "[[device]]").replace("5520", str(port))
    file.write_text(text.replace(*change) if change[0] else text, "utf-8")
    result = CliRunner().invoke(command, ["try", str(file), "--lang", "en"], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_meter_is_read(repository: Path, tmp_path: Path, meter: int) -> None:
    code, output = tried(repository, tmp_path, meter)
    assert code == 0, output
    value = re.search(r"40001\s+([\d.]+) kW", output)
    assert value
    assert 10.5 <= float(value[1]) <= 14.5


def test_a_wrong_register_is_answered_as_the_page_says(repository: Path, tmp_path: Path, meter: int) -> None:
    code, output = tried(repository, tmp_path, meter, ("40001", "40003"))
    assert code == 1
    assert 'answered "illegal data address"' in output


def test_a_wrong_byte_order_gives_an_absurd_value(repository: Path, tmp_path: Path, meter: int) -> None:
    code, output = tried(repository, tmp_path, meter, ('"float32"', '"float32"\nbyte_order = "CDAB"'))
    assert code == 0
    value = re.search(r"40001\s+(\S+) kW", output)
    assert value
    assert not 10.5 <= float(value[1]) <= 14.5
