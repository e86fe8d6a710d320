"""The journal keeps what it acknowledged: through torn tails, damage, full disks and bounds."""

import asyncio
import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhulian.telemetry.journal import checkpoint, frames, segments
from zhulian.telemetry.journal import journal as journal_module
from zhulian.telemetry.journal import writer as writer_module
from zhulian.telemetry.journal.errors import JournalDamagedError, JournalError
from zhulian.telemetry.journal.frames import BatchFrame, CutFrame
from zhulian.telemetry.journal.journal import Journal
from zhulian.telemetry.journal.recovery import recover
from zhulian.telemetry.journal.segments import Span
from zhulian.vocabulary.readings import TenantId, TimeUs

ROOMY = 64 * 2**20
FRAMES = st.one_of(
    st.builds(
        BatchFrame,
        gateway=st.integers(1, 2**40),
        tenant=st.integers(0, 2**32 - 1).map(TenantId),
        epoch=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
        first=st.integers(1, 2**60),
        last=st.integers(1, 2**60),
        received_us=st.integers(0, 2**60).map(TimeUs),
        offset_us=st.integers(-(2**60), 2**60),
        body=st.binary(max_size=300) | st.binary(max_size=20).map(lambda tail: frames.MAGIC + tail),
    ),
    st.builds(CutFrame, start=st.integers(0, 2**60), end=st.integers(0, 2**60)),
)


def numbered(number: int, size: int = 40) -> BatchFrame:
    return BatchFrame(7, TenantId(3), "life", number, number, TimeUs(1), 0, bytes([number % 251]) * size)


async def write_all(journal: Journal, count: int, size: int = 40) -> list[Span]:
    return list(await asyncio.gather(*(journal.append(numbered(n, size)) for n in range(1, count + 1))))


def only_segment(folder: Path) -> Path:
    ((_, path),) = segments.listed(folder)
    return path


def held(folder: Path) -> list[int]:
    """First sequence number of every batch found when the journal is opened again."""
    found = recover(folder, checkpoint.load_or_create(folder).position)
    read = (segments.read(folder, found.bases, span) for span in found.batches)
    return [frame.first for frame in read if isinstance(frame, BatchFrame)]


@given(FRAMES)
def test_a_frame_comes_back_as_it_went_in(frame: frames.Frame) -> None:
    data = frames.encode(frame)
    assert frames.length_at(data, 0) == len(data)
    assert frames.decode(data) == frame


@given(FRAMES, st.data())
def test_no_changed_byte_goes_unseen(frame: frames.Frame, data: st.DataObject) -> None:
    raw = bytearray(frames.encode(frame))
    at = data.draw(st.integers(0, len(raw) - 1).filter(lambda at: at not in {5, 6, 7}))  # padding means nothing
    raw[at] ^= data.draw(st.integers(1, 255))
    length = frames.length_at(bytes(raw), 0)
    assert length is None or length != len(raw)


async def test_what_was_acknowledged_is_there_after_reopening(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    spans = await write_all(journal, 50)
    await journal.close()
    assert held(tmp_path) == list(range(1, 51))
    again = Journal.open(tmp_path, ROOMY)
    assert again.recovered.batches == spans
    assert again.read(spans[20]) == numbered(21)
    await again.append(numbered(51))
    await again.close()
    assert held(tmp_path) == list(range(1, 52))


async def test_a_tail_torn_at_any_byte_costs_only_the_torn_frame(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    spans = await write_all(journal, 4)
    await journal.close()
    path = only_segment(tmp_path)
    whole = path.read_bytes()
    for length in range(spans[1].end, len(whole) + 1):
        path.write_bytes(whole[:length])
        kept = [n for n, span in enumerate(spans, 1) if span.end <= length]
        assert held(tmp_path) == kept, length
        journal = Journal.open(tmp_path, ROOMY)
        await journal.append(numbered(99))
        await journal.close()
        assert held(tmp_path) == [*kept, 99], length


@given(tail=st.binary(max_size=60))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_rubbish_behind_the_last_sync_is_cut_off(tmp_path: Path, tail: bytes) -> None:
    folder = tmp_path / os.urandom(4).hex()
    journal = Journal.open(folder, ROOMY)
    await write_all(journal, 3)
    await journal.close()
    path = only_segment(folder)
    path.write_bytes(path.read_bytes() + tail)
    assert Journal.open(folder, ROOMY).recovered.torn_bytes == len(tail)
    assert held(folder) == [1, 2, 3]


async def test_damage_in_the_middle_is_named_and_copied_and_costs_only_itself(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    spans = await write_all(journal, 5)
    await journal.close()
    path = only_segment(tmp_path)
    raw = bytearray(path.read_bytes())
    raw[spans[2].start + 30] ^= 0xFF
    path.write_bytes(raw)
    (damage,) = Journal.open(tmp_path, ROOMY).recovered.damages
    assert damage.span == spans[2]
    assert damage.copy is not None
    assert damage.copy.read_bytes() == bytes(raw[spans[2].start : spans[2].end])
    assert held(tmp_path) == [1, 2, 4, 5]


async def test_a_missing_segment_is_named(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, 8 * 1000)
    for number in range(1, 40):
        await journal.append(numbered(number, 100))
    await journal.close()
    bases = segments.listed(tmp_path)
    assert len(bases) > 3
    bases[1][1].unlink()
    (damage,) = recover(tmp_path, 0).damages
    assert damage.span == Span(bases[1][0], bases[2][0])


async def test_segments_go_when_the_checkpoint_has_passed_them(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, 8 * 1000)
    spans = [await journal.append(numbered(number, 100)) for number in range(1, 40)]
    before = journal.used_bytes
    await journal.move_checkpoint(spans[20].end, {7: {"life": [(1, 21)]}})
    assert journal.used_bytes < before
    await journal.close()
    assert held(tmp_path) == list(range(22, 40))
    again = Journal.open(tmp_path, 8 * 1000)
    assert again.checkpoint.ledger == {7: {"life": [(1, 21)]}}
    await again.move_checkpoint(spans[-1].end, {})
    assert again.used_bytes <= 1100


async def test_a_full_journal_takes_cuts_only_and_recovers(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, 2000)
    spans = [await journal.append(numbered(number, 200)) for number in range(1, 8)]
    with pytest.raises(JournalError) as caught:
        await write_all(journal, 1, 1000)
    assert caught.value.code == "journal_full"
    await journal.append(CutFrame(0, spans[-1].end))
    await journal.move_checkpoint(spans[-1].end, {})
    await journal.append(numbered(100, 200))
    await journal.close()
    assert held(tmp_path) == [100]


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "disk_read_only"), (errno.EIO, "disk_fault")]
)
@pytest.mark.parametrize("step", ["write", "fdatasync"])
async def test_a_failing_disk_is_named_and_forgotten_when_cured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, code: str, step: str
) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    await journal.append(numbered(1))
    real_write = os.write

    def failing(handle: int, *data: memoryview) -> int:
        if data:
            real_write(handle, data[0][:17])  # part of it arrives, as on a disk that fills up
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writer_module.os, step, failing)
    refused = [journal.append(numbered(n)) for n in (2, 3)]
    for outcome in await asyncio.gather(*refused, return_exceptions=True):
        assert isinstance(outcome, JournalError)
        assert outcome.code == code
        assert outcome.next_step.zh
    assert journal.fault is not None
    monkeypatch.undo()
    await journal.append(numbered(4))
    assert journal.fault is None
    await journal.close()
    assert held(tmp_path) == [1, 4]


async def test_nothing_is_appended_behind_a_place_that_cannot_be_cut_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    await journal.append(numbered(1))

    def dead(*_: object) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(writer_module.os, "fdatasync", dead)
    monkeypatch.setattr(writer_module.os, "ftruncate", dead)
    for number in (2, 3):
        with pytest.raises(JournalError):
            await journal.append(numbered(number))
    monkeypatch.undo()
    await journal.append(numbered(4))
    await journal.close()
    assert held(tmp_path) == [1, 4]


async def test_room_is_left_for_what_empties_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    span = await journal.append(numbered(1))
    monkeypatch.setattr(journal_module, "RESERVE_BYTES", 2**62)
    with pytest.raises(JournalError) as caught:
        journal.append(numbered(2))
    assert caught.value.code == "disk_full"
    await journal.append(CutFrame(0, span.end))
    await journal.move_checkpoint(span.end, {})
    monkeypatch.undo()
    await journal.append(numbered(3))
    assert journal.fault is None
    await journal.close()
    assert held(tmp_path) == [3]


async def test_appends_of_a_moment_share_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    await journal.append(numbered(1))
    syncs = []
    real = os.fdatasync
    monkeypatch.setattr(writer_module.os, "fdatasync", lambda handle: syncs.append(real(handle)))
    await write_all(journal, 100)
    assert len(syncs) == 1
    await journal.close()


async def test_a_closing_journal_finishes_what_it_took(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    waiting = journal.append(numbered(1))
    await journal.close()
    assert waiting.done()
    with pytest.raises(JournalError):
        journal.append(numbered(2))
    assert held(tmp_path) == [1]


async def test_a_damaged_or_missing_checkpoint_stops_the_start(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, ROOMY)
    await journal.append(numbered(1))
    await journal.close()
    path = tmp_path / checkpoint.NAME
    path.write_bytes(path.read_bytes().replace(b"0", b"1"))
    with pytest.raises(JournalDamagedError):
        Journal.open(tmp_path, ROOMY)
    path.unlink()
    with pytest.raises(JournalDamagedError):
        Journal.open(tmp_path, ROOMY)


def test_a_half_written_checkpoint_is_never_seen(tmp_path: Path) -> None:
    first = checkpoint.load_or_create(tmp_path)
    (tmp_path / f"{checkpoint.NAME}.draft").write_bytes(b"half")
    assert checkpoint.load_or_create(tmp_path) == first


async def test_a_flood_waits_behind_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "GROUP_BYTES", 10_000)
    journal = Journal.open(tmp_path, ROOMY)
    groups: list[list[bytes]] = []
    write = writer_module.SegmentWriter.write

    def noted(writer: writer_module.SegmentWriter, group: list[bytes]) -> list[Span]:
        groups.append(group)
        return write(writer, group)

    monkeypatch.setattr(writer_module.SegmentWriter, "write", noted)
    flood = [BatchFrame(1, TenantId(3), "life", n, n, TimeUs(1), 0, bytes(3000)) for n in range(1, 31)]
    quiet = [BatchFrame(gateway, TenantId(3), "life", 1, 1, TimeUs(1), 0, b"quiet") for gateway in range(2, 12)]
    spans = await asyncio.gather(*(journal.append(frame) for frame in [*flood, *quiet]))
    await journal.close()
    assert sum(b"quiet" in data for data in groups[0]) == 10, "all of the quiet in the first write, beside the flood"
    assert all(sum(map(len, group)) <= 10_000 + 11 * 3100 for group in groups)
    assert [span.start for span in spans[:30]] == sorted(span.start for span in spans[:30]), "its own order stays"
    assert len(recover(tmp_path, 0).batches) == 40


async def test_what_keeps_batches_out_is_a_fault_for_as_long_as_it_does(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, 2000)
    spans = [await journal.append(numbered(number, 200)) for number in range(1, 7)]
    assert journal.fault is None
    with pytest.raises(JournalError):
        journal.append(numbered(7, 500))
    assert journal.fault is not None
    assert journal.fault.code == "journal_full"
    await journal.append(CutFrame(0, spans[-1].end))
    assert journal.fault is not None, "a cut is written all the same, and changes nothing"
    await journal.move_checkpoint(spans[-1].end, {})
    assert journal.fault is None
    await journal.close()
