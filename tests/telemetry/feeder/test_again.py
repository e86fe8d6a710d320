"""A block that may be in the real store already, in every state that a kill or a power cut can leave behind."""

from collections.abc import Iterator

import pyarrow as pa
import pytest

from zhulian.telemetry.again import DAY_US, insert_again, lacking
from zhulian.telemetry.store.engine import BLOCK_SCHEMA, Block, Engine, open_engine
from zhulian.telemetry.store.rollups import OF_POINTS, ROLLUPS
from zhulian.vocabulary.settings import read_settings

START_US = 20_600 * DAY_US
DAY, WEEK, MONTH = "2026-05-27", "2026-05-25", "202605"
"""The partition of the first rows, a Wednesday; that of their hourly sums, which begins on the Monday before; and that
of their daily ones."""
ROWS = 3000


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_engine(read_settings({"ZHULIAN_DATA": str(tmp_path_factory.mktemp("store"))}))
    yield engine
    engine.close()


@pytest.fixture
def engine(opened: Engine) -> Engine:
    for table in ("readings", *(rollup.name for rollup in ROLLUPS)):
        ask(opened, f"TRUNCATE TABLE {table}")
    return opened


def ask(engine: Engine, sql: str) -> str:
    return b"".join(engine.query(sql, "TabSeparated")).decode().strip()


def block_of(token: str, days: int = 2, rows: int = ROWS, shift: float = 0.1) -> Block:
    """Rows over ``days`` days, with values that have no short decimal."""
    numbers = range(rows)
    columns = [
        pa.array([5 for _ in numbers], pa.uint32()),
        pa.array([n % 7 for n in numbers], pa.uint32()),
        pa.array([START_US + n % days * DAY_US + n for n in numbers], pa.timestamp("us", tz="UTC")),
        pa.array([n / 3 + shift for n in numbers], pa.float64()),
        pa.array(["" for _ in numbers], pa.utf8()),
        pa.array([n % 3 for n in numbers], pa.uint8()),
    ]
    return Block(token, pa.table(columns, schema=BLOCK_SCHEMA))


def assert_once(engine: Engine, rows: int = ROWS) -> None:
    assert ask(engine, "SELECT count(), uniqExact(tenant, point, ts, value) FROM readings") == f"{rows}\t{rows}"
    raw = ask(engine, "SELECT count(), countIf(quality < 2), round(sumIf(value, quality < 2), 3) FROM readings")
    for rollup in OF_POINTS:
        assert ask(engine, f"SELECT sum(rows), sum(count), round(sum(total), 3) FROM {rollup.name}") == raw, rollup.name
    raw = ask(engine, "SELECT count(), countIf(quality < 2), uniqExact(point) FROM readings")
    assert ask(engine, "SELECT sum(rows), sum(count), groupBitmapMerge(points) FROM tenant_hourly") == raw


def test_a_block_that_never_arrived(engine: Engine) -> None:
    insert_again(engine, block_of("never"))
    assert_once(engine)


def test_a_block_that_is_there(engine: Engine) -> None:
    engine.insert(block_of("there"))
    insert_again(engine, block_of("there"))
    assert_once(engine)
    assert lacking(engine, block_of("there").rows).num_rows == 0


def test_a_block_whose_token_was_forgotten_in_a_power_cut(engine: Engine) -> None:
    engine.insert(block_of("forgotten"))
    insert_again(engine, block_of("by another token"))
    assert_once(engine)


def test_a_block_whose_token_is_known_though_its_rows_are_gone(engine: Engine) -> None:
    engine.insert(block_of("phantom"))
    for table, partition in (
        ("readings", f"'{DAY}'"),
        ("hourly", f"'{WEEK}'"),
        ("daily", MONTH),
        ("tenant_hourly", MONTH),
    ):
        ask(engine, f"ALTER TABLE {table} DETACH PARTITION {partition}")
        ask(engine, f"ALTER TABLE {table} DROP DETACHED PARTITION {partition} SETTINGS allow_drop_detached = 1")
    assert int(ask(engine, "SELECT sum(rows) FROM hourly")) == 0
    assert int(ask(engine, "SELECT count() FROM readings")) == ROWS // 2
    insert_again(engine, block_of("phantom"))
    assert_once(engine)


def test_rows_without_their_hourly_sums(engine: Engine) -> None:
    engine.insert(block_of("half"))
    ask(engine, f"ALTER TABLE hourly DROP PARTITION '{WEEK}'")
    assert int(ask(engine, "SELECT sum(rows) FROM hourly")) == 0
    insert_again(engine, block_of("half"))
    assert_once(engine)
    insert_again(engine, block_of("half"))
    assert_once(engine)


@pytest.mark.parametrize("rollup", [rollup.name for rollup in ROLLUPS])
@pytest.mark.parametrize("days", [1, 2, 9])
def test_sums_that_count_a_day_twice(engine: Engine, days: int, rollup: str) -> None:
    """As a power cut can leave them between a part of the rows and a part of the sums; on any day of week and month."""
    engine.insert(block_of("twice", days))
    ask(engine, f"INSERT INTO {rollup} SELECT * FROM {rollup} SETTINGS insert_deduplicate = 0")
    assert int(ask(engine, f"SELECT sum(rows) FROM {rollup}")) == 2 * ROWS
    insert_again(engine, block_of("twice", days))
    assert_once(engine)


def test_days_without_sums_though_their_hours_have_them(engine: Engine) -> None:
    engine.insert(block_of("days", days=9))
    ask(engine, f"ALTER TABLE daily DROP PARTITION {MONTH}")
    insert_again(engine, block_of("days", days=9))
    assert_once(engine)


def test_other_rows_of_the_same_points_and_times_do_not_count(engine: Engine) -> None:
    engine.insert(block_of("others", shift=0.5))
    insert_again(engine, block_of("these"))
    assert ask(engine, "SELECT count() FROM readings") == str(2 * ROWS)
    assert ask(engine, "SELECT sum(rows) FROM hourly") == str(2 * ROWS)


def test_equal_rows_that_came_another_way_do_not_hide_the_rest(engine: Engine) -> None:
    few = block_of("few", rows=1200)
    engine.insert(few)
    insert_again(engine, block_of("all"))
    assert_once(engine)


def test_other_words_or_another_quality_at_the_same_moment_are_another_reading(engine: Engine) -> None:
    """States have words and no number: by value alone the later one would pass for the one that is there."""

    def states(*told: tuple[str, int]) -> pa.Table:
        return pa.table(
            [[5] * len(told), [1] * len(told), [START_US] * len(told), [0.0] * len(told),
             [words for words, _ in told], [quality for _, quality in told]], schema=BLOCK_SCHEMA,
        )  # fmt: skip

    engine.insert(Block("first", states(("停机", 0))))
    insert_again(engine, Block("second", states(("停机", 0), ("运行\t", 0), ("停机", 1), ("", 0))))
    found = ask(engine, "SELECT DISTINCT text, quality FROM readings ORDER BY hex(text), quality").split("\n")
    assert found == ["0", "停机\t0", "停机\t1", "运行\\t\t0"]
    assert ask(engine, "SELECT count() FROM readings") == "4"
