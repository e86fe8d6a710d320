"""What a device taught us by saying no: kept in mind, so that the next poll does not run into the same wall.

One wrong point, a hole between two points, or a request longer than the device likes spoils a whole group. The driver
then asks each point of the group alone, once, and comes here with the outcome.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from zhulian.edge.protocols.driver import DriverError, Outcome
from zhulian.edge.protocols.modbus_tcp.planner import Limits, Range, Request, Wanted

ASK_AGAIN_AFTER_S = 60.0
"""A refused point is asked for again this often; someone may have set the device right."""


class Lessons:
    """``limits`` begins as configured and only grows stricter."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._refused: dict[str, tuple[DriverError, float]] = {}

    def refuse(self, name: str, fault: DriverError, now_s: float) -> None:
        """Point ``name`` cannot be read; say ``fault`` for it without asking again for a while."""
        self._refused[name] = (fault, now_s + ASK_AGAIN_AFTER_S)

    def accept(self, name: str) -> bool:
        """Point ``name`` was read after all; true when that is news."""
        return self._refused.pop(name, None) is not None

    def fault_of(self, name: str) -> DriverError | None:
        """Why ``name`` is not asked for, if it is not."""
        known = self._refused.get(name)
        return None if known is None else known[0]

    def to_ask_again(self, names: Sequence[str], now_s: float) -> str | None:
        """The refused point among ``names`` that has waited longest, when its time has come: one a poll, not all."""
        waiting = [(self._refused[name][1], name) for name in names if name in self._refused]
        due_s, name = min(waiting, default=(now_s + 1, ""))
        return name if due_s <= now_s else None

    def learn(self, request: Request, outcomes: Mapping[str, Outcome], now_s: float) -> None:
        """``request`` was refused as a whole; ``outcomes`` is what its points gave, each asked for alone."""
        readable = []
        for each in request.serves:
            outcome = outcomes[each.point.name]
            if isinstance(outcome, DriverError):
                self.refuse(each.point.name, outcome, now_s)
            else:
                readable.append(each)
        self.limits = self._stricter(request, readable)

    def _stricter(self, request: Request, readable: Sequence[Wanted]) -> Limits:
        if holes := _holes(request, readable):
            return replace(self.limits, forbidden=self.limits.forbidden + holes)
        half = max(request.count // 2, *(each.count for each in readable))
        if request.table.holds_bits:
            return replace(self.limits, largest_bits=half)
        return replace(self.limits, largest=half)


def _holes(request: Request, readable: Sequence[Wanted]) -> tuple[Range, ...]:
    """The elements of ``request`` that no readable point vouches for, as ranges."""
    sound = {element for each in readable for element in range(each.address.start, each.end)}
    unsure = [element for element in range(request.start, request.start + request.count) if element not in sound]
    runs = [[element for _, element in run] for _, run in groupby(enumerate(unsure), lambda pair: pair[1] - pair[0])]
    return tuple((request.table, run[0], run[-1]) for run in runs)
