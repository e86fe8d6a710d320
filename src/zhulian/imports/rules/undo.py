"""How long an import may be undone."""

from datetime import datetime, timedelta

UNDO_WITHIN = timedelta(hours=24)


def may_still_be_undone(committed_at: datetime, now: datetime) -> bool:
    """Within a day after the commit, to the second."""
    return now - committed_at < UNDO_WITHIN
