"""When a job is due: by the clocks of the city, once, and not long after it made sense."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.jobs.rules import Daily, Every, Job, Turn, due_now, pause, slot_of, told
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text, ZhulianError

moments = st.integers(1_700_000_000, 1_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
plans = st.one_of(
    st.builds(Daily, st.times().map(lambda at: at.replace(second=0, microsecond=0))),
    st.sampled_from([Every(5), Every(15), Every(60), Every(360)]),
)


def nothing(turn: Turn) -> Text:
    return Text(turn.job, turn.job)


@given(plans, moments)
def test_the_latest_is_past_and_the_following_is_not(when: Daily | Every, now: datetime) -> None:
    latest, following = when.latest(now), when.following(now)
    assert latest <= now < following
    assert when.latest(following) == following
    assert slot_of(latest) != slot_of(following)


def test_a_day_begins_in_shanghai() -> None:
    before, after = datetime(2026, 11, 24, 17, 29, tzinfo=UTC), datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert slot_of(Daily(time(1, 30)).latest(before)) == "2026-11-24T01:30"
    assert slot_of(Daily(time(1, 30)).latest(after)) == "2026-11-25T01:30"


def test_what_makes_no_sense_any_more_is_not_due() -> None:
    job = Job("x", Text("", ""), Daily(time(8)), nothing, Text("", ""), catch_up=timedelta(hours=2))
    due = datetime(2026, 11, 25, 8, tzinfo=SHANGHAI)
    assert due_now(job, due + timedelta(hours=2)) == due
    assert due_now(job, due + timedelta(hours=2, minutes=1)) is None


def test_pauses_grow() -> None:
    pauses = [pause(failures) for failures in range(1, 8)]
    assert pauses == sorted(pauses)
    assert pauses[0] == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (ValueError("no"), "ValueError: no"),
        (ZhulianError("x", Text("甲。", "A."), Text("乙。", "B.")), "甲。乙。 / A. B."),
    ],
)
def test_faults_are_told_in_their_own_words(fault: Exception, words: str) -> None:
    assert told(fault) == words


def test_jobs_within_the_day_are_not_tried_again() -> None:
    assert Job("x", Text("", ""), Every(15), nothing, Text("", "")).tries == 1
