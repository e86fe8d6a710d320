"""The thread that carries imports in children: one at a time, ended with it, its words kept when it fails."""

import sys
import threading
from pathlib import Path

import pytest

from peers.platform import wait_until
from zhulian.portal import backfill_carrier
from zhulian.portal.backfill_carrier import BackfillCarrier


def test_a_child_is_told_which_import_and_whose_child_it_is(caplog: pytest.LogCaptureFixture) -> None:
    code = "import sys; sys.stderr.write(' '.join(sys.argv[1:])); sys.exit(2)"
    assert BackfillCarrier((sys.executable, "-c", code)).carry(7) == 2
    assert "import --json --resume 7 --parent" in caplog.text


def test_what_runs_ends_with_the_jobs_process() -> None:
    carrier = BackfillCarrier((sys.executable, "-c", "import time; time.sleep(60)"))
    ending = threading.Timer(0.1, carrier.end)
    ending.start()
    assert carrier.carry(7) != 0
    ending.join()


def test_a_child_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(backfill_carrier, "STOP_S", 0.3)
    deaf = tmp_path / "deaf"
    code = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"pathlib.Path({str(deaf)!r}).touch(); time.sleep(60)"
    )
    carrier = BackfillCarrier((sys.executable, "-c", code))

    def end() -> None:
        wait_until(deaf.exists, 60, "the child does not listen")
        carrier.end()

    ending = threading.Thread(target=end)
    ending.start()
    assert carrier.carry(7) == -9
    ending.join()


def test_it_looks_for_work_until_it_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, carrier = [3, None, 4], BackfillCarrier()
    carried: list[int] = []

    def carry(number: int) -> int:
        carried.append(number)
        return 0

    def next_waiting() -> int | None:
        if not waiting:
            carrier.end()
            return None
        return waiting.pop(0)

    monkeypatch.setattr(backfill_carrier, "LOOK_EVERY_S", 0.0)
    monkeypatch.setattr(backfill_carrier, "next_waiting", next_waiting)
    monkeypatch.setattr(backfill_carrier, "close_old_connections", lambda: None)
    monkeypatch.setattr(carrier, "carry", carry)
    carrier.run()
    assert carried == [3, 4]
