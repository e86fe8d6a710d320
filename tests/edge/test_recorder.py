"""While the disk takes nothing: named, bounded in memory, in order, and nothing twice."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from zhulian.edge import recorder as recorder_module
from zhulian.edge.faults import EdgeError, fault
from zhulian.edge.outbox import Outbox
from zhulian.edge.points import PointKey, Sample
from zhulian.edge.recorder import Recorder
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import Quality, TimeUs


class Moody(Outbox):
    """An outbox on a disk that may be full."""

    full = False
    kept: list[float]

    def append(self, samples: Sequence[Sample], now_us: TimeUs) -> None:
        if self.full:
            raise fault("outbox_disk_full", "满", "full", "清", "clear")
        super().append(samples, now_us)
        self.kept = [*getattr(self, "kept", []), *(sample.value for sample in samples)]


def samples(*values: int) -> list[Sample]:
    return [Sample(PointKey("#1"), TimeUs(1), float(value), Quality.GOOD, None) for value in values]


async def test_a_full_disk_is_bounded_named_and_recovered_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "COMMIT_EVERY_S", 0.01)
    outbox = Moody(tmp_path / "outbox.sqlite3", 10**9, 1e9)
    recorder = Recorder(outbox, system_clock, most_in_memory=10)
    running = asyncio.create_task(recorder.run())
    outbox.full = True
    await recorder.keep(samples(*range(6)))
    await recorder.keep(samples(*range(6, 12)))
    waiting = asyncio.create_task(recorder.keep(samples(12)))
    async with asyncio.timeout(60):
        while recorder.fault is None:  # noqa: ASYNC110 - the recorder tells nobody, by design
            await asyncio.sleep(0.01)
    assert not waiting.done()
    assert recorder.is_full
    assert recorder.in_memory == 12
    assert isinstance(recorder.fault, EdgeError)
    outbox.full = False
    await asyncio.wait_for(waiting, 60)
    recorder.close()
    await asyncio.wait_for(running, 60)
    assert outbox.kept == [float(value) for value in range(13)]
    assert recorder.fault is None
    await recorder.release()
