"""Lists of sites, workshops and lines: each row names a path from the enterprise down, and may say more about it.

The record of a row is the enterprise: its places are taken back together, or not at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from zhulian.imports.rules import Draft, Field, Judged, Note
from zhulian.imports.rules.place_fields import PLACE_FIELDS
from zhulian.imports.rules.place_trees import OF_LINE, OF_SITE, PlaceTree
from zhulian.imports.workflows.written import Written, kept_steps, placed
from zhulian.organisations.models import Enterprise, Line, Site, Workshop
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.towns import towns_of
from zhulian.organisations.workflows import imported_places
from zhulian.organisations.workflows.imported_places import Placed, Placement
from zhulian.vocabulary.errors import Text

_STATEMENT_ROWS = 500
_NO_FILE = Text(
    "没有这个代码的企业，或您不能管理它的场所", "no enterprise has this code, or its places are not yours to keep"
)


class Places:
    """Sites, workshops and lines (ISA-95)."""

    name = "places"
    title = Text("场所与产线", "Sites and lines")
    fields: tuple[Field, ...] = PLACE_FIELDS
    list_page = "enterprises"
    record_page = "enterprise_places"

    def may(self, scope: Scope) -> bool:
        """Who keeps files, or the machines of an enterprise."""
        return bool(scope.keeps_city or scope.keeps_areas or scope.owns or scope.administers or scope.configures)

    def repetitions(self, drafts: Sequence[Draft]) -> Mapping[int, Note]:  # noqa: ARG002 - every row may stand again
        """A row that says again what another said changes nothing."""
        return {}

    def judge(self, scope: Scope, drafts: Sequence[Draft]) -> list[Judged]:
        """Each draft against the places there are and the rows before it; four statements for 500 enterprises."""
        owners = _owners(scope, drafts)
        tree = _tree([row.pk for row in owners.values()])
        return [_judged(tree, _in_its_district(draft, owners), owners) for draft in drafts]

    def write(self, scope: Scope, good: Sequence[tuple[Draft, Judged]], run: int) -> list[Written]:
        """Make and change places, in the order of ``good``."""
        owners = _owners(scope, [draft for draft, _judged in good])
        wanted = [_placement(_in_its_district(draft, owners)[0], owners) for draft, _judged in good]
        return [_written(one) for one in imported_places.place(scope, wanted, _note(run))]

    def refusals(self, scope: Scope, rows: Sequence[Written]) -> dict[int, Text]:  # noqa: ARG002 - a kind's own rights
        """Enterprises whose places changed since, or hold machines or further places by now."""
        return imported_places.placed_refusals([_placed(row) for row in rows])

    def take_back(self, scope: Scope, rows: Sequence[Written], run: int) -> None:
        """Places as they were."""
        imported_places.take_back_places(scope, [_placed(row) for row in rows], _note(run))


def _note(run: int) -> str:
    return f"导入 {run} / import {run}"


def _owners(scope: Scope, drafts: Sequence[Draft]) -> dict[str, Enterprise]:
    """Code → enterprise, of those whose places this person arranges."""
    wanted = sorted({str(draft.values["credit_code"]) for draft in drafts if "credit_code" in draft.values})
    found: dict[str, Enterprise] = {}
    for start in range(0, len(wanted), _STATEMENT_ROWS):
        for row in scope.enterprises().filter(credit_code__in=wanted[start : start + _STATEMENT_ROWS]):
            may = scope.may_keep_area(row.reporting_area) or row.pk in scope.owns or scope.may_configure(row.pk)
            if may:
                found[row.credit_code] = row
    return found


def _tree(owners: Sequence[int]) -> PlaceTree:
    tree = PlaceTree()
    for start in range(0, len(owners), _STATEMENT_ROWS):
        some = owners[start : start + _STATEMENT_ROWS]
        for site in Site.objects.filter(enterprise__in=some):
            opened = site.opened_on.isoformat() if site.opened_on else ""
            values = {"town": site.town, "address": site.address, "opened_on": opened}
            tree.places[site.enterprise_id, site.name, "", ""] = values
        shops = Workshop.objects.filter(site__enterprise__in=some).select_related("site")
        for shop in shops:
            tree.places[shop.site.enterprise_id, shop.site.name, shop.name, ""] = {}
        for line in Line.objects.filter(workshop__site__enterprise__in=some).select_related("workshop__site"):
            site = line.workshop.site
            tree.places[site.enterprise_id, site.name, line.workshop.name, line.name] = {"product": line.product}
    return tree


def _in_its_district(draft: Draft, owners: Mapping[str, Enterprise]) -> tuple[Draft, Note | None]:
    """The draft with the code of its township, which people write by name; or why there is none."""
    owner, named = owners.get(str(draft.values.get("credit_code"))), draft.values.get("town")
    if owner is None or named is None:
        return draft, None
    towns = towns_of(owner.district)
    code = named if named in towns else next((code for code, name in towns.items() if name == named), None)
    if code is None:
        words = Text(f"“{named}”不在企业所在的县区内", f"“{named}” does not lie in the enterprise's district")
        return replace(draft, faults=(*draft.faults, Note("town", words))), Note("town", words)
    return replace(draft, values={**draft.values, "town": code}), None


def _judged(tree: PlaceTree, given: tuple[Draft, Note | None], owners: Mapping[str, Enterprise]) -> Judged:
    draft, elsewhere = given
    if "credit_code" not in draft.values or "site" not in draft.values:
        return Judged()
    owner = owners.get(str(draft.values["credit_code"]))
    if owner is None:
        return Judged(faults=(Note("credit_code", _NO_FILE),))
    told = tree.tell(owner.pk, draft)
    faults = (*told.faults, *([elsewhere] if elsewhere else []))
    return Judged(None if told.is_new else owner.pk, owner.name, told.seen, told.changes, faults)


def _placement(draft: Draft, owners: Mapping[str, Enterprise]) -> Placement:
    given = {name: str(value) for name, value in draft.values.items()}
    return Placement(
        enterprise=owners[given["credit_code"]].pk,
        site=given["site"],
        workshop=given.get("workshop", ""),
        line=given.get("line", ""),
        of_site={name: given[name] for name in OF_SITE if name in given},
        of_line={name: given[name] for name in OF_LINE if name in given},
    )


def _written(one: Placed) -> Written:
    return Written(one.enterprise, one.name, 1, {"steps": kept_steps(one)})


def _placed(row: Written) -> Placed:
    kept: Any = (row.before or {})["steps"]
    return placed(row.id, row.name, kept)
