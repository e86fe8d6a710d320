"""Several processes write at once and one is killed in the middle: no gap, no fork, nothing acknowledged is lost."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from peers import migrated
from zhulian.audit.rules.verification import verify
from zhulian.cli.bench.peers import postgresql

WRITERS, EACH = 4, 40


@pytest.fixture(params=["sqlite", "postgresql"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[dict[str, str]]:
    """Where the writers find their database: a file, or a server of its own."""
    given = os.environ | {"ZHULIAN_DATA": str(tmp_path / "data"), "PYTHONPATH": os.pathsep.join(sys.path)}
    given.pop("ZHULIAN_DATABASE", None)
    with ExitStack() as servers:
        if request.param == "postgresql":
            binaries = postgresql.programs()
            if binaries is None:
                request.getfixturevalue("no_postgresql")
                return
            address = servers.enter_context(postgresql.serving(binaries))
            given["ZHULIAN_DATABASE"] = migrated.in_database(address, "writers")
        else:
            (tmp_path / "data").mkdir()
            shutil.copy(migrated.sqlite_file(), tmp_path / "data")
        yield given


def started(environment: dict[str, str], *words: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "peers.trail_writer", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def done(environment: dict[str, str], *words: str) -> None:
    assert started(environment, *words).wait(250) == 0


def test_writers_never_fork_the_chain(environment: dict[str, str], tmp_path: Path) -> None:
    writers = [started(environment, "write", str(EACH)) for _ in range(WRITERS)]
    victim = started(environment, "write", "100000")
    acknowledged = [victim.stdout.readline() for _ in range(15)]  # type: ignore[union-attr]
    victim.kill()
    rest, _ = victim.communicate()
    acknowledged += [line for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    for writer in writers:
        said, _ = writer.communicate(timeout=250)
        assert writer.returncode == 0
        acknowledged += said.splitlines(keepends=True)
    done(environment, "export", str(tmp_path / "trail.jsonl"))
    lines = (tmp_path / "trail.jsonl").read_bytes().splitlines(keepends=True)
    report = verify(lines)
    assert report.fault is None
    assert (report.first, report.anchors) == (1, 1)
    kept = [json.loads(line) for line in lines if b'"kind":"entry"' in line]
    assert [entry["sequence"] for entry in kept] == list(range(1, report.last + 1))
    written = {(entry["actor"], entry["changes"]["name"][1]) for entry in kept if "name" in entry["changes"]}
    committed = {(int(person), number) for person, number in (line.split() for line in acknowledged)}
    assert committed <= written
    assert not {number for _, number in written if int(number) % 7 == 6}
