"""Nothing lost, nothing renumbered, nothing sent twice with other content: in any order of things and crashes."""

import sqlite3
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from zhulian.edge.faults import EdgeError
from zhulian.edge.outbox import LIVE_S, Batch, Lane, Outbox, open_outbox
from zhulian.edge.points import PointKey, Sample
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire import batch as wire_batch

NOON = TimeUs(1_800_000_000_000_000)
LARGE, OLD_S = 10**9, 30 * 86400.0
NAMED, NAMELESS = PointKey("#17"), PointKey("总电表\n功率")
REFUSAL = ZhulianError("batch_schema", Text("不对。", "Wrong."), Text("请看。", "Look."))


def sample(value: float, key: PointKey = NAMED, time_us: TimeUs = NOON, text: str | None = None) -> Sample:
    return Sample(key, time_us, value, Quality.GOOD, text)


def rows(batch: Batch) -> list[tuple[int, float]]:
    decoded = wire_batch.decode(batch.body, batch.rows)
    return list(zip(decoded.column("point").to_pylist(), decoded.column("value").to_pylist(), strict=True))


def later(seconds: float) -> TimeUs:
    return TimeUs(NOON + int(seconds * 1e6))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "outbox.sqlite3"


@pytest.fixture
def outbox(path: Path) -> Outbox:
    return Outbox(path, LARGE, OLD_S)


class OutboxLife(RuleBasedStateMachine):
    """A model beside the real file: which values were appended, which are numbered how, which were delivered."""

    @initialize()
    def begin(self) -> None:
        self.folder = TemporaryDirectory()
        self.now_s = 0.0
        self.count = 0
        self.numbered: dict[tuple[str, int], bytes] = {}
        self.delivered: list[float] = []
        self.aside: list[float] = []
        self.names: dict[PointKey, int] = {}
        self.open()

    def open(self) -> None:
        self.outbox = Outbox(Path(self.folder.name) / "outbox.sqlite3", LARGE, OLD_S)

    @property
    def now_us(self) -> TimeUs:
        return later(self.now_s)

    @rule(size=st.integers(1, 30), own=st.integers(0, 3), texts=st.booleans())
    def append(self, size: int, own: int, texts: bool) -> None:
        samples = []
        for _ in range(size):
            self.count += 1
            key = PointKey(f"own\n{self.count % own}") if own else PointKey(f"#{self.count % 5 + 1}")
            samples.append(sample(float(self.count), key, self.now_us, "运行" if texts else None))
        self.outbox.append(samples, self.now_us)

    @rule(lane=st.sampled_from(list(Lane)), most=st.integers(1, 50))
    def freeze(self, lane: Lane, most: int) -> None:
        if self.outbox.frozen(lane) is None:
            batch = self.outbox.freeze(lane, most, self.now_us)
            if batch is not None:
                taken = range(batch.first, batch.last + 1)
                assert not any((batch.epoch, number) in self.numbered for number in taken), "renumbered"
                self.numbered |= {(batch.epoch, number): batch.body for number in taken}

    @rule(lane=st.sampled_from(list(Lane)))
    def deliver(self, lane: Lane) -> None:
        batch = self.outbox.frozen(lane)
        if batch is not None:
            assert self.numbered[batch.epoch, batch.first] == batch.body, "content changed"
            self.delivered += [value for _, value in rows(batch)]
            self.outbox.delivered(batch)

    @rule(lane=st.sampled_from(list(Lane)))
    def refuse(self, lane: Lane) -> None:
        batch = self.outbox.frozen(lane)
        if batch is not None:
            self.aside += [value for _, value in rows(batch)]
            self.outbox.put_aside(batch, REFUSAL, self.now_us)

    @rule(number=st.integers(0, 2))
    def name(self, number: int) -> None:
        self.outbox.name_points({PointKey(f"own\n{number}"): 100 + number})

    @rule(seconds=st.sampled_from([0.5, LIVE_S * 2, -3600.0]))
    def time_passes(self, seconds: float) -> None:
        self.now_s += seconds

    @rule()
    def crash(self) -> None:
        """The connection is dropped without a closing word, as a killed process would."""
        self.outbox._database.close()
        self.open()

    @rule()
    def new_epoch(self) -> None:
        self.outbox.begin_epoch()

    @precondition(lambda self: hasattr(self, "outbox"))
    @invariant()
    def everything_is_somewhere(self) -> None:
        fill = self.outbox.fill()
        assert fill.rows + len(self.delivered) + len(self.aside) == self.count
        assert len(set(self.delivered)) == len(self.delivered)
        assert not set(self.delivered) & set(self.aside)

    def teardown(self) -> None:
        """At last everything that has a name goes out exactly once."""
        if not hasattr(self, "outbox"):
            return
        self.outbox.name_points({PointKey(f"own\n{number}"): 100 + number for number in range(4)})
        self.now_s += 1e6
        for lane in Lane:
            self.deliver(lane)
        while self.outbox.freeze(Lane.BACKLOG, 1000, self.now_us) is not None:
            batch = self.outbox.frozen(Lane.BACKLOG)
            assert batch is not None
            self.delivered += [value for _, value in rows(batch)]
            self.outbox.delivered(batch)
        assert sorted(self.delivered + self.aside) == [float(number) for number in range(1, self.count + 1)]
        self.outbox.close()
        self.folder.cleanup()


OutboxLife.TestCase.settings = settings(max_examples=25, stateful_step_count=30)
test_life = OutboxLife.TestCase


def test_live_goes_before_the_backlog_and_both_arrive_whole(outbox: Outbox) -> None:
    outbox.append([sample(1.0)], NOON)
    outbox.append([sample(2.0)], later(60))
    live = outbox.freeze(Lane.LIVE, 100, later(61))
    backlog = outbox.freeze(Lane.BACKLOG, 100, later(61))
    assert live is not None
    assert backlog is not None
    assert (rows(live), rows(backlog)) == ([(17, 2.0)], [(17, 1.0)])
    assert (live.first, backlog.first) == (1, 2)
    assert outbox.freeze(Lane.BACKLOG, 100, later(61)) is None


def test_young_lots_are_left_to_the_live_lane(outbox: Outbox) -> None:
    outbox.append([sample(1.0)], NOON)
    assert outbox.freeze(Lane.BACKLOG, 100, later(1)) is None
    assert not outbox.has_backlog(later(1))
    assert outbox.has_backlog(later(60))


def test_batches_are_bounded_but_never_empty(outbox: Outbox) -> None:
    for number in range(10):
        outbox.append([sample(float(number))] * 100, NOON)
    sizes = []
    while (batch := outbox.freeze(Lane.BACKLOG, 250, later(60))) is not None:
        sizes.append(batch.rows)
    assert sizes == [200] * 5


def test_readings_wait_for_the_name_of_their_point(outbox: Outbox) -> None:
    outbox.append([sample(1.0), sample(2.0, NAMELESS), sample(3.0)], NOON)
    first = outbox.freeze(Lane.LIVE, 100, NOON)
    assert first is not None
    assert rows(first) == [(17, 1.0), (17, 3.0)]
    assert outbox.freeze(Lane.LIVE, 100, NOON) is None
    assert outbox.fill().nameless_rows == 1
    outbox.name_points({NAMELESS: 99})
    second = outbox.freeze(Lane.LIVE, 100, NOON)
    assert second is not None
    assert rows(second) == [(99, 2.0)]
    assert second.first == 3


def test_when_full_the_oldest_lots_go_counted_and_told(path: Path) -> None:
    outbox = Outbox(path, 5_000, OLD_S)
    for number in range(200):
        outbox.append([sample(float(number), time_us=later(number))], later(number))
    fill, gaps = outbox.fill(), outbox.gaps()
    assert fill.size_bytes <= 5_000
    assert fill.rows + fill.lost_rows == 200
    assert len(gaps) == 1
    assert (gaps[0].reason, gaps[0].rows) == ("full", fill.lost_rows)
    assert (gaps[0].from_us, gaps[0].to_us) == (NOON, later(fill.lost_rows - 1))
    kept = outbox.freeze(Lane.BACKLOG, 1000, later(9999))
    assert kept is not None
    assert [value for _, value in rows(kept)] == [float(number) for number in range(fill.lost_rows, 200)]


def test_too_old_goes_too(path: Path) -> None:
    outbox = Outbox(path, LARGE, 100.0)
    outbox.append([sample(1.0)], NOON)
    outbox.append([sample(2.0)], later(101))
    assert (outbox.fill().rows, outbox.fill().lost_rows) == (1, 1)
    assert outbox.gaps()[0].reason == "old"


def test_a_lot_larger_than_the_whole_outbox_does_not_stick(path: Path) -> None:
    outbox = Outbox(path, 1_000, OLD_S)
    outbox.append([sample(float(number)) for number in range(7_000)], NOON)
    outbox.append([sample(1.0)], NOON)
    assert outbox.fill().rows == 1
    assert outbox.fill().lost_rows == 7_000


def test_refused_batches_are_kept_with_the_reason_and_bounded(path: Path) -> None:
    outbox = Outbox(path, LARGE, OLD_S)
    outbox.append([sample(1.0)], NOON)
    batch = outbox.freeze(Lane.LIVE, 10, NOON)
    assert batch is not None
    outbox.put_aside(batch, REFUSAL, NOON)
    assert outbox.frozen(Lane.LIVE) is None
    assert [(aside.first, aside.fault["code"]) for aside in outbox.set_aside()] == [(1, "batch_schema")]


def test_a_full_disk_is_named_and_nothing_is_half_applied(outbox: Outbox) -> None:
    pages = outbox._database.execute("PRAGMA page_count").fetchone()[0]
    outbox._database.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(EdgeError) as caught:
        outbox.append([sample(float(number), PointKey(f"a\n{number}")) for number in range(5_000)], NOON)
    assert caught.value.code == "outbox_disk_full"
    assert outbox.fill().rows == 0
    outbox._database.execute("PRAGMA max_page_count = 1000000")
    outbox.append([sample(float(number), PointKey(f"a\n{number}")) for number in range(5_000)], NOON)
    assert outbox.fill().rows == 5_000


def test_a_read_only_disk_is_named(outbox: Outbox) -> None:
    outbox._database.execute("PRAGMA query_only = 1")
    with pytest.raises(EdgeError) as caught:
        outbox.append([sample(1.0)], NOON)
    assert caught.value.code == "outbox_read_only"


def test_a_damaged_file_is_moved_aside_and_kept(path: Path) -> None:
    path.write_bytes(b"this is no database, sorry" * 200)
    outbox, moved = open_outbox(path, LARGE, OLD_S, NOON)
    assert moved is not None
    assert moved.read_bytes().startswith(b"this is no database")
    outbox.append([sample(1.0)], NOON)
    assert outbox.fill().rows == 1


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError) as caught:
        Outbox(tmp_path / "missing" / "outbox.sqlite3", LARGE, OLD_S)
    assert caught.value.code == "state_unwritable"


def test_the_file_is_private_and_synchronous(outbox: Outbox, path: Path) -> None:
    assert path.stat().st_mode & 0o077 == 0
    assert outbox._database.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert outbox._database.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


WRITER = """
import sys
from pathlib import Path
from zhulian.edge.outbox import Lane, Outbox
from zhulian.edge.points import PointKey, Sample
from zhulian.vocabulary.readings import Quality, TimeUs
outbox = Outbox(Path(sys.argv[1]), 10**9, 1e9)
number = int(sys.argv[2])
now = TimeUs(1_800_000_000_000_000)
while True:
    lot = [Sample(PointKey("#1"), now, float(number + i), Quality.GOOD, None) for i in range(7)]
    number += 7
    outbox.append(lot, now)
    print(number, flush=True)
    if number % 5 == 0 and outbox.frozen(Lane.LIVE) is None:
        outbox.freeze(Lane.LIVE, 50, now)
"""


def test_a_killed_writer_loses_nothing_that_was_committed(path: Path) -> None:
    committed = 0
    for kill_after in (3, 17, 40):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path), str(committed)], stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        for _ in range(kill_after):
            committed = int(writer.stdout.readline())
        writer.kill()
        committed = max([committed, *(int(line) for line in writer.stdout if line.endswith("\n"))])
        writer.wait()
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        database.close()
        outbox = Outbox(path, LARGE, OLD_S)
        assert outbox.fill().rows in (committed, committed + 7)  # the last commit may have come before its line
        committed = outbox.fill().rows
        outbox.close()
    outbox = Outbox(path, LARGE, OLD_S)
    seen: list[float] = []
    numbers: list[int] = []
    for lane in Lane:
        while (batch := outbox.frozen(lane) or outbox.freeze(lane, 1000, later(3600))) is not None:
            seen += [value for _, value in rows(batch)]
            numbers += range(batch.first, batch.last + 1)
            outbox.delivered(batch)
    assert sorted(seen) == [float(number) for number in range(committed)]
    assert sorted(numbers) == list(range(1, committed + 1))
