"""When a value counts as live, late or silent: one rule for pages, exports and alarms."""

from enum import StrEnum

from zhulian.vocabulary.readings import TimeUs

LATE_AFTER_POLLS = 3
SHORTEST_GRACE_S = 30.0
SILENT_AFTER_POLLS = 20
SHORTEST_SILENCE_S = 600.0


class Freshness(StrEnum):
    """LIVE: as expected. LATE: polls were missed. SILENT: nothing for long, shown grey. NEVER: no value yet."""

    LIVE = "live"
    LATE = "late"
    SILENT = "silent"
    NEVER = "never"


def freshness(last_us: TimeUs | None, now_us: TimeUs, poll_s: float) -> Freshness:
    """Judge the age of a point's last reading against how often the point reports (``poll_s``, its longest silence)."""
    if last_us is None:
        return Freshness.NEVER
    age_s = (now_us - last_us) / 1e6
    if age_s > max(SILENT_AFTER_POLLS * poll_s, SHORTEST_SILENCE_S):
        return Freshness.SILENT
    if age_s > max(LATE_AFTER_POLLS * poll_s, SHORTEST_GRACE_S):
        return Freshness.LATE
    return Freshness.LIVE
