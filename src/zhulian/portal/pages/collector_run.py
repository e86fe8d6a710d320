"""How a collector came to a value, from the fact's ``details``: machines, points, interval, counts, other facts.

The keys are those of docs/explanation/evidence.md ("What a collector leaves behind"); what is missing is not shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from zhulian.evidence import queries as evidence
from zhulian.evidence.rules import FactRow
from zhulian.organisations.tenancy import Scope

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Run:
    """One collector's run as the origin shows it. ``machines`` are (id, name) of those still in sight."""

    method: str
    start: str
    end: str
    machines: tuple[tuple[int, str], ...]
    machine_count: int
    point_count: int
    counts: tuple[tuple[str, object], ...]
    inputs: tuple[FactRow, ...]
    more: tuple[tuple[str, object], ...]


_KNOWN = {"method", "from", "until", "machines", "points", "counts", "inputs"}


def run_of(scope: Scope, details: Mapping[str, object]) -> Run | None:
    """The run that ``details`` tell of; ``None`` where they tell nothing. Two statements."""
    if not details:
        return None
    machines, points = _ids(details.get("machines")), _ids(details.get("points"))
    inputs = _ids(details.get("inputs"))
    seen = scope.machines().filter(id__in=machines[:MOST_SHOWN]).order_by("id").values_list("id", "name")
    rows = evidence.records(scope).filter(id__in=inputs[:MOST_SHOWN]) if inputs else ()
    counts = details.get("counts")
    return Run(
        method=str(details.get("method", "")),
        start=str(details.get("from", "")),
        end=str(details.get("until", "")),
        machines=tuple((number, name) for number, name in seen) if machines else (),
        machine_count=len(machines),
        point_count=len(points),
        counts=tuple(counts.items()) if isinstance(counts, Mapping) else (),
        inputs=tuple(evidence.fact_row(row) for row in rows),
        more=tuple((name, value) for name, value in details.items() if name not in _KNOWN),
    )


def _ids(given: object) -> list[int]:
    return [one for one in given if isinstance(one, int)] if isinstance(given, list | tuple) else []
