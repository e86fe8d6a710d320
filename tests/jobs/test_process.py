"""The jobs process itself: killed in the middle its run is made again; asked to end it finishes and leaves nothing."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import peers.jobs_process
from peers import migrated

TESTS = Path(peers.jobs_process.__file__).parents[1]


class Process:
    """A real worker on a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        data = folder / "data"
        if not data.exists():
            data.mkdir()
            shutil.copy(migrated.sqlite_file(), data)
        wanted = {"ZHULIAN_DATA": str(data), "JOBS_PROCESS_FOLDER": str(folder)}
        program = [sys.executable, "-m", "peers.jobs_process"]
        self.process = subprocess.Popen(program, cwd=TESTS, env=os.environ | wanted, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(timeout=100)


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Wait for another process, bounded by the test's own time limit."""

    def wait(is_so: Callable[[], bool]) -> None:
        while not is_so():
            time.sleep(0.02)

    return wait


def test_a_killed_worker_s_run_is_made_again(tmp_path: Path, until: Callable[[Callable[[], bool]], None]) -> None:
    began, done, records = tmp_path / "began", tmp_path / "done", tmp_path / "data/records.sqlite3"
    first = Process(tmp_path)
    until(lambda: began.exists() and began.read_text().endswith("\n"))  # a file is there before its words are
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    with sqlite3.connect(records) as database:  # a minute goes by
        database.execute("update jobs_worker set seen_at = '2020-01-01 00:00:00'")
    (tmp_path / "go").touch()
    second = Process(tmp_path)
    until(done.exists)
    until(lambda: _one(records, "select state from jobs_run") == "done")
    assert second.end(signal.SIGTERM) == 0
    assert len(began.read_text().split()) == 2
    assert _one(records, "select count(*) from jobs_run") == 1
    assert _one(records, "select attempts from jobs_run") == 2
    assert _one(records, "select count(*) from jobs_worker") == 0


def test_asked_to_end_it_finishes_first(tmp_path: Path, until: Callable[[Callable[[], bool]], None]) -> None:
    worker = Process(tmp_path)
    until((tmp_path / "began").exists)
    worker.process.send_signal(signal.SIGTERM)
    (tmp_path / "go").touch()
    assert worker.end(signal.SIGTERM) == 0
    assert (tmp_path / "done").exists()
    assert _one(tmp_path / "data/records.sqlite3", "select state from jobs_run") == "done"


def _one(records: Path, sql: str) -> object:
    with sqlite3.connect(records) as database:
        return database.execute(sql).fetchone()[0]
