"""What can be found. A room above adds a kind of its own with :func:`register` when it starts (``AppConfig.ready``).

A kind gives the documents of the index, says which of them a person may find, and how a hit reads on a page.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet

from zhulian.organisations.models import Enterprise, EnterpriseEvent, Machine, Organisation
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text

CHUNK = 1_000
M = TypeVar("M", Enterprise, Machine, Organisation)


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found. ``names``: the present one first, then former ones and further words."""

    subject: int
    enterprise: int | None
    names: tuple[str, ...]
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """How a hit reads: its name, and what tells it from others."""

    name: str
    note: str = ""
    area: str = ""
    is_sample: bool = False
    former: tuple[str, ...] = ()
    """Earlier names, newest first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``documents(ids)`` gives those of the records that exist (all for ``None``); ``sight(scope)`` narrows entries.

    ``lines`` goes through the scope again, so that a hit is shown only if the record itself is in sight.
    """

    name: str
    words: Text
    documents: Callable[[Sequence[int] | None], Iterable[Document]]
    count: Callable[[], int]
    sight: Callable[[Scope], Q]
    lines: Callable[[Scope, Sequence[int]], Mapping[int, Line]]


KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make one more kind findable; ``zhulian search rebuild`` or the next start fills its index."""
    KINDS[kind.name] = kind


def of_tenant(scope: Scope) -> Q:
    """Entries of the enterprises in sight."""
    return Q() if scope.whole_city else Q(enterprise__in=scope.enterprises().order_by().values("id"))


def _rows(found: QuerySet[M], ids: Sequence[int] | None) -> Iterator[M]:
    return (found if ids is None else found.filter(pk__in=ids)).order_by("id").iterator(chunk_size=CHUNK)


def _earlier(ids: Sequence[int] | None) -> dict[int, list[tuple[str, str]]]:
    """Enterprise → the (name, code) that it had before it was renamed, newest first."""
    renamed = EnterpriseEvent.objects.filter(kind="renamed", withdrawn_at=None).order_by("-on", "-id")
    if ids is not None:
        renamed = renamed.filter(enterprise__in=ids)
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for enterprise, before in renamed.values_list("enterprise_id", "before"):
        found[enterprise].append((str(before.get("name") or ""), str(before.get("credit_code") or "")))
    return found


def _enterprises(ids: Sequence[int] | None) -> Iterator[Document]:
    earlier = _earlier(ids)
    for row in _rows(Enterprise.objects.only("name", "credit_code"), ids):
        names, codes = zip((row.name, row.credit_code), *earlier.get(row.pk, ()), strict=True)
        yield Document(row.pk, row.pk, names, codes)


def _enterprise_lines(scope: Scope, ids: Sequence[int]) -> dict[int, Line]:
    found = scope.enterprises().filter(pk__in=ids).only("name", "credit_code", "reporting_area", "is_sample")
    earlier = _earlier(ids)
    return {
        row.pk: Line(row.name, row.credit_code, row.reporting_area, row.is_sample, _names(earlier.get(row.pk, ())))
        for row in found
    }


def _names(earlier: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    return tuple(name for name, _code in earlier if name)


def _machines(ids: Sequence[int] | None) -> Iterator[Document]:
    present = Machine.objects.filter(removed_at=None).only("enterprise_id", "name", "kind", "workshop")
    for row in _rows(present, ids):
        yield Document(row.pk, row.enterprise_id, (row.name, row.kind, row.workshop))


def _machine_lines(scope: Scope, ids: Sequence[int]) -> dict[int, Line]:
    found = scope.machines().filter(pk__in=ids).select_related("enterprise")
    return {
        row.pk: Line(row.name, row.enterprise.name, row.enterprise.reporting_area, row.enterprise.is_sample)
        for row in found
    }


def _organisations(ids: Sequence[int] | None) -> Iterator[Document]:
    for row in _rows(Organisation.objects.only("enterprise_id", "name", "credit_code"), ids):
        yield Document(row.pk, None, (row.name,), (row.credit_code,))


def _organisation_lines(scope: Scope, ids: Sequence[int]) -> dict[int, Line]:
    found = scope.organisations().filter(pk__in=ids)
    return {row.pk: Line(row.name, row.get_kind_display(), row.reporting_area, row.is_sample) for row in found}


register(
    Kind(
        "enterprise", Text("企业", "Enterprises"), _enterprises, Enterprise.objects.count, of_tenant, _enterprise_lines
    )
)
register(
    Kind(
        "organisation",
        Text("单位", "Organisations"),
        _organisations,
        Organisation.objects.count,
        lambda scope: Q() if scope.roles else Q(pk=None),
        _organisation_lines,
    )
)
register(
    Kind(
        "machine",
        Text("设备", "Machines"),
        _machines,
        Machine.objects.filter(removed_at=None).count,
        of_tenant,
        _machine_lines,
    )
)
