"""The dictionary of pillar industries and chains, with how many files count to each entry."""

from dataclasses import dataclass

from django.db.models import Count, Q

from zhulian.organisations.models import Chain, Enterprise, PillarCode, PillarIndustry
from zhulian.organisations.tenancy import Scope


@dataclass(frozen=True, slots=True)
class PillarRow:
    """One entry with its codes; ``enterprises`` counts the active files in sight."""

    id: int
    name: str
    name_en: str
    source: str
    position: int
    codes: tuple[str, ...]
    is_sample: bool
    revision: int
    enterprises: int


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A named chain; ``enterprises`` counts present positions in sight."""

    id: int
    name: str
    name_en: str
    pillar: int | None
    pillar_name: str
    is_sample: bool
    enterprises: int


def pillars(scope: Scope) -> list[PillarRow]:
    """The whole dictionary, in its order; three statements."""
    codes: dict[int, list[str]] = {}
    for pillar, prefix in PillarCode.objects.order_by("prefix").values_list("pillar_id", "prefix"):
        codes.setdefault(pillar, []).append(prefix)
    active = scope.enterprises().filter(status="active").order_by().values_list("pillar_id")
    counted = dict(active.annotate(n=Count("pk")))
    return [
        PillarRow(
            row.pk,
            row.name,
            row.name_en,
            row.source,
            row.position,
            tuple(codes.get(row.pk, ())),
            row.is_sample,
            row.revision,
            counted.get(row.pk, 0),
        )
        for row in PillarIndustry.objects.all()
    ]


def choices() -> list[tuple[int, str]]:
    """(id, name) of every entry in its order, for a filter; the dictionary is the same for everybody."""
    return list(PillarIndustry.objects.values_list("pk", "name"))


def in_no_pillar(scope: Scope) -> int:
    """Active files in sight that no entry counts."""
    return scope.enterprises().filter(status="active", pillar=None).count()


def chains(scope: Scope) -> list[ChainRow]:
    """All named chains."""
    seen = scope.enterprises().filter(status="active")
    present = Count("positions", filter=Q(positions__until=None, positions__enterprise__in=seen))
    rows = Chain.objects.select_related("pillar").annotate(n=present).order_by("pk")
    return [
        ChainRow(
            row.pk,
            row.name,
            row.name_en,
            row.pillar_id,
            row.pillar.name if row.pillar else "",
            row.is_sample,
            row.__dict__["n"],
        )
        for row in rows
    ]


def chain_members(scope: Scope, chain: int) -> list[tuple[str, int, str, str]]:
    """(position, enterprise, name, product) of those in sight who stand in ``chain`` now; at most 500."""
    seen = scope.enterprises().filter(status="active")
    rows = Enterprise.objects.filter(pk__in=seen, chain_positions__chain=chain, chain_positions__until=None)
    columns = ("chain_positions__position", "pk", "name", "chain_positions__product")
    return list(rows.order_by("chain_positions__position", "name").values_list(*columns)[:500])
