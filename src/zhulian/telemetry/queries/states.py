"""State time lines: what a point said, from when to when, and how long in all."""

from typing import Any

from zhulian.telemetry.queries import folds, line_statements
from zhulian.telemetry.queries.basis import NOTHING, Question, Range, Source, Standing
from zhulian.telemetry.queries.history import History
from zhulian.telemetry.queries.lines import States, StateSpan, StateTime
from zhulian.telemetry.queries.series import read_buckets
from zhulian.vocabulary.readings import TimeUs

MOST_STATES = 100
_SLOTS_FOR_COVERAGE = 600


def read_states(history: History, question: Question, most: int, standing: Standing) -> States:
    """See :meth:`Telemetry.states`."""
    point, span_us, grace_us = question.asked.point, question.span_us, question.asked.stands_us
    if not question.has_length:
        return States(point, *span_us, standing.basis(question, Source.RAW, NOTHING))
    buckets = read_buckets(history, question, _SLOTS_FOR_COVERAGE)
    basis = standing.basis(question, Source.RAW, buckets.entries, buckets.last_us)
    values = question.values | {"from": span_us[0] - grace_us, "grace": grace_us, "points": [point]}
    folded = folds.with_folds(history, folds.RUNS, values)
    pieces, values = ((folds.STATE_PIECES,), folded) if folded else ((), values)
    spans, times = _spans(history, values, span_us, most, *pieces), _times(history, values, *pieces)
    return States(point, *span_us, basis, spans, times)


def _spans(history: History, values: dict[str, Any], span_us: Range, most: int, *pieces: str) -> list[StateSpan]:
    """All of them; where they are too many, the short ones merged: each slot begins one long and one merged span."""
    statement = line_statements.state_spans(*pieces)
    whole = history.columns(statement, values | {"width": 1, "most": most + 1})
    if whole and len(whole[0]) > most:
        width_us = -(-(span_us[1] - span_us[0]) // max(most // 2, 1))
        whole = history.columns(statement, values | {"width": width_us, "most": most})
    return [
        StateSpan(TimeUs(since), TimeUs(until), value, text or None, changes, there)
        for since, until, value, text, changes, there in zip(*whole, strict=True)
    ]


def _times(history: History, values: dict[str, Any], *pieces: str) -> list[StateTime]:
    found = history.columns(line_statements.state_times(*pieces), values | {"most": MOST_STATES})
    return [StateTime(value, text or None, time_us, times) for value, text, time_us, times in zip(*found, strict=True)]
