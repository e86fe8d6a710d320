"""Silence for a quarter, then life in the last thirty days: what is switched on for an application only."""

from collections.abc import Iterator

from zhulian.evidence.flags.known import Hint, Known, Presence, day_words
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("只在近期活跃", "Active only lately")
MEANING = Text(
    "早已接入，此前 90 天几乎没有数据，最近 30 天突然天天有：可能只为申报而开。",
    "Connected long ago, hardly any data for 90 days, then data nearly every day of the last 30: perhaps switched on"
    " for an application only.",
)
RECENT, BEFORE = 30, 90
LEAST_RECENT, MOST_BEFORE = 15, 5
_WEEK = 7


def find(known: Known) -> Iterator[Hint]:
    """One hint an enterprise. Who was connected within these 120 days is simply new."""
    for presence in known.presences:
        recent = _within(presence, known.today - RECENT, known.today)
        before = _within(presence, known.today - RECENT - BEFORE, known.today - RECENT)
        is_old = presence.since <= known.today - RECENT - BEFORE
        if is_old and recent >= LEAST_RECENT and before <= MOST_BEFORE:
            yield _hint(presence, recent, before, known.today)


def _within(presence: Presence, start: int, end: int) -> int:
    return sum(start <= day < end for day in presence.days)


def _hint(presence: Presence, recent: int, before: int, today: int) -> Hint:
    since = day_words(presence.since)
    said = Text(
        f"{since} 就有数据，但最近 30 天之前的 {BEFORE} 天里只有 {before} 天有，最近 {RECENT} 天里有 {recent} 天。"
        "请核对设备是长期在用，还是只为一次申报开启。",
        f"There have been data since {since}, but on {before} of the {BEFORE} days before the last {RECENT} only, and"
        f" on {recent} of these. Check whether the machines are in use, or were switched on for one application.",
    )
    columns = (Text("一周始于", "week from"), Text("有数据的天数", "days with data"))
    first = today - RECENT - BEFORE
    rows = [
        [day_words(start), _within(presence, start, min(start + _WEEK, today))] for start in range(first, today, _WEEK)
    ]
    title = Text(
        f"此前 {BEFORE} 天有 {before} 天数据，最近 {RECENT} 天有 {recent} 天",
        f"Data on {before} of {BEFORE} days, then on {recent} of {RECENT}",
    )
    return Hint(str(presence.enterprise), presence.enterprise, title, said, None, columns, rows)
