"""How often a key may be used: by hand, and by several processes that share the count."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.portal.api.limits import Limits
from zhulian.vocabulary.readings import TimeUs

SECOND_US = 1_000_000
NOON_US = 1_790_000_000_000_000


class Hand:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_us = NOON_US

    def __call__(self) -> TimeUs:
        return TimeUs(self.now_us)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def limits(tmp_path: Path, clock: Hand) -> Limits:
    return Limits(tmp_path / "limits" / "api-keys", clock)


def test_a_minute_s_calls_at_once_then_one_by_one(limits: Limits, clock: Hand) -> None:
    found = [limits.take(7, 6) for _ in range(8)]
    assert [each.left for each in found] == [5, 4, 3, 2, 1, 0, 0, 0]
    assert [each.retry_after_s for each in found] == [0, 0, 0, 0, 0, 0, 10, 10]
    clock.now_us += 10 * SECOND_US
    assert [limits.take(7, 6).retry_after_s for _ in range(2)] == [0, 10]
    clock.now_us += 60 * SECOND_US
    assert limits.take(7, 6).left == 5


def test_keys_do_not_use_up_each_other_s(limits: Limits) -> None:
    assert [limits.take(key, 1).retry_after_s for key in (1, 2, 3_000_000, 1)] == [0, 0, 0, 60]


def test_what_is_said_in_headers(limits: Limits) -> None:
    assert limits.take(1, 2).headers == {"RateLimit-Policy": '"key";q=2;w=60', "RateLimit": '"key";r=1;t=30'}
    limits.take(1, 2)
    assert limits.take(1, 2).headers == {
        "RateLimit-Policy": '"key";q=2;w=60',
        "RateLimit": '"key";r=0;t=30',
        "Retry-After": "30",
    }


def test_a_clock_that_was_set_back_locks_nobody_out_for_long(limits: Limits, clock: Hand) -> None:
    limits.take(1, 60)
    clock.now_us -= 86_400 * SECOND_US
    assert limits.take(1, 60).retry_after_s <= 1
    clock.now_us += 60 * SECOND_US
    assert limits.take(1, 60).retry_after_s == 0


@given(per_minute=st.integers(1, 1000), pauses=st.lists(st.integers(0, 90), max_size=40))
def test_never_more_than_twice_a_minute_s_calls_within_one(
    tmp_path_factory: pytest.TempPathFactory, per_minute: int, pauses: list[int]
) -> None:
    clock = Hand()
    limits = Limits(tmp_path_factory.mktemp("limits") / "file", clock)
    allowed: list[int] = []
    for pause in pauses:
        clock.now_us += pause * SECOND_US // 10
        found = limits.take(1, per_minute)
        assert (found.retry_after_s == 0) or found.left == 0
        allowed += [clock.now_us] if not found.retry_after_s else []
        assert sum(at > clock.now_us - 60 * SECOND_US for at in allowed) <= 2 * per_minute


def test_several_processes_share_one_count(tmp_path: Path) -> None:
    path = tmp_path / "api-keys"
    program = (
        "import sys; from pathlib import Path; from zhulian.portal.api.limits import Limits;"
        f"limits = Limits(Path(sys.argv[1]), lambda: {NOON_US});"
        "print(sum(not limits.take(5, 100).retry_after_s for _ in range(60)))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert sum(int(each.communicate(timeout=200)[0]) for each in running) == 100
