"""What was said of a rule: its alarms in event time, and what has to be said anew once its past is another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from zhulian.telemetry.alarms.rules import Rule
from zhulian.telemetry.alarms.states import Change


class Span(NamedTuple):
    """One alarm of a rule in event time; ``end_us`` is ``None`` while it is active."""

    start_us: int
    end_us: int | None
    value: float


class Said(NamedTuple):
    """What became known of a rule: an alarm began or ended, or (``from_us``) its history from then on is ``spans``."""

    rule: Rule
    spans: tuple[Span, ...]
    from_us: int | None = None


@dataclass(slots=True)
class Past:
    """What was said of one rule so far, oldest first."""

    spans: list[Span] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        """Whether the last one has not ended."""
        return bool(self.spans) and self.spans[-1].end_us is None

    def change(self, change: Change) -> Span:
        """The span that began or ended."""
        if change.is_raised:
            self.spans.append(Span(change.time_us, None, change.value))
        else:
            self.spans[-1] = self.spans[-1]._replace(end_us=change.time_us)
        return self.spans[-1]

    def is_active_before(self, moment_us: int) -> bool:
        """Whether an alarm was active right before."""
        return any(s.start_us < moment_us and (s.end_us is None or s.end_us >= moment_us) for s in self.spans)

    def amend(self, from_us: int, changes: Iterable[Change]) -> tuple[Span, ...] | None:
        """Let ``changes`` be what happened from ``from_us`` on; its spans, or None when they are what was said."""
        kept = [span for span in self.spans if span.end_us is not None and span.end_us < from_us]
        running = [span for span in self.spans if span.start_us < from_us and span not in kept]
        new = Past([span._replace(end_us=None) for span in running])
        for change in changes:
            new.change(change)
        before, self.spans = self.spans[len(kept) :], kept + new.spans
        return None if _same(before, new.spans) else tuple(new.spans)

    def forget_before(self, moment_us: int) -> None:
        """Drop what ended before."""
        self.spans = [span for span in self.spans if span.end_us is None or span.end_us >= moment_us]


def _same(before: Sequence[Span], after: Sequence[Span]) -> bool:
    return [span[:2] for span in before] == [span[:2] for span in after]
