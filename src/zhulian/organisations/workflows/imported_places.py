"""Sites, workshops and lines from a list, and taken back by the undo of an import. Callers hold the transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from zhulian.audit import workflows as audit
from zhulian.audit.rules import Draft, Subject
from zhulian.organisations.models import Enterprise, Line, Machine, Site, Workshop
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows.places import FIRST_SITE, shops_named, site_of_new_shops
from zhulian.vocabulary.errors import Text

Place = Site | Workshop | Line
KINDS: Mapping[str, type[Site] | type[Workshop] | type[Line]] = {"site": Site, "workshop": Workshop, "line": Line}
_WORDS = {"site": Text("场所", "site"), "workshop": Text("车间", "workshop"), "line": Text("产线", "line")}


@dataclass(frozen=True, slots=True)
class Placement:
    """One row: where, from the site down (empty from where nothing is named), and what it says of site and line."""

    enterprise: int
    site: str
    workshop: str = ""
    line: str = ""
    of_site: Mapping[str, str] | None = None
    of_line: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a row did to one place, which was at ``revision`` then. ``before`` is None for a place that it made."""

    kind: str
    id: int
    revision: int
    before: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Placed:
    """What a row left behind at an enterprise."""

    enterprise: int
    name: str
    steps: tuple[Step, ...]


def place(scope: Scope, wanted: Sequence[Placement], note: str) -> list[Placed]:
    """Make the places that are missing, change the others; the answers come in the order of ``wanted``."""
    _arranged(scope, {one.enterprise for one in wanted})
    entries: list[Draft] = []
    found = [_place(scope, one, note, entries) for one in wanted]
    audit.record_all(entries)
    return found


def place_shops(scope: Scope, named: Sequence[tuple[int, str]], note: str) -> list[Placed | None]:
    """Make the workshops that (enterprise, name) speak of and that are missing, each in the enterprise's first site.

    The answers come in the order of ``named``, with what was made at the first that names it.
    """
    present = shops_named(named)
    sites = site_of_new_shops({owner for owner, _name in named})
    fresh = dict.fromkeys(one for one in named if one[1] and one not in present)
    wanted = [Placement(owner, sites[owner].name if owner in sites else FIRST_SITE, name) for owner, name in fresh]
    made = dict(zip(fresh, place(scope, wanted, note), strict=True))
    return [made.pop(one, None) for one in named]


def placed_refusals(rows: Sequence[Placed]) -> dict[int, Text]:
    """Enterprise → why its places cannot be taken back: changed since, in use, or with further places in them."""
    newest: dict[tuple[str, int], int] = {}
    for row in rows:
        for step in row.steps:
            newest[step.kind, step.id] = max(step.revision, newest.get((step.kind, step.id), 0))
    present = {kind: {row.pk: row for row in _rows(kind, newest)} for kind in KINDS}
    reasons: dict[int, Text] = {}
    for row in rows:
        for step in row.steps:
            why = _why_not(step, present[step.kind].get(step.id), newest)
            if why is not None:
                reasons.setdefault(row.enterprise, why)
    return reasons


def take_back_places(scope: Scope, rows: Sequence[Placed], note: str) -> None:
    """Places say again what they said; those that were made are gone. ``rows`` come with the newest first."""
    _arranged(scope, {row.enterprise for row in rows})
    made: dict[str, list[tuple[int, int]]] = {kind: [] for kind in KINDS}
    entries: list[Draft] = []
    for row in rows:
        for step in reversed(row.steps):
            if step.before is None:
                made[step.kind].append((step.id, row.enterprise))
            else:
                _restore(scope, step, row.enterprise, note, entries)
    for kind in ("line", "workshop", "site"):
        for id_, enterprise in made[kind]:
            gone = KINDS[kind].objects.get(pk=id_)
            entries.append(Draft(actor(scope), "place.removed", Subject(kind, id_, gone.name), enterprise, {}, note))
            gone.delete()
    audit.record_all(entries)


def take_back_unused(scope: Scope, rows: Sequence[Placed], note: str) -> None:
    """The same where nothing stands in the way; the places of other enterprises stay as they are."""
    refused = placed_refusals(rows)
    take_back_places(scope, [row for row in rows if row.enterprise not in refused], note)


def _place(scope: Scope, wanted: Placement, note: str, entries: list[Draft]) -> Placed:
    site, steps = _step(scope, "site", {"enterprise_id": wanted.enterprise, "name": wanted.site}, wanted.of_site or {})
    places, names = [(site, steps)], [wanted.site]
    if wanted.workshop:
        shop, made = _step(scope, "workshop", {"site_id": site.pk, "name": wanted.workshop}, {})
        places.append((shop, made))
        names.append(wanted.workshop)
        if wanted.line:
            of_line = {"workshop_id": shop.pk, "name": wanted.line}
            places.append(_step(scope, "line", of_line, wanted.of_line or {}))
            names.append(wanted.line)
    done = [(row, step) for row, step in places if step is not None]
    for row, step in done:
        before = step.before or {}
        changes = {name: (before.get(name), _text(row, name)) for name in before}
        about = Subject(step.kind, row.pk, row.name)
        entries.append(Draft(actor(scope), "place.saved", about, wanted.enterprise, changes, note))
    return Placed(wanted.enterprise, " · ".join(names), tuple(step for _row, step in done))


def _step(scope: Scope, kind: str, where: Mapping[str, object], values: Mapping[str, str]) -> tuple[Place, Step | None]:
    """The place of that name, made or changed; no step where it says so already."""
    row = KINDS[kind].objects.select_for_update().filter(**where).first()
    if row is None:
        fresh = KINDS[kind](**where, changed_name=scope.name)
        _set(fresh, values)
        fresh.save()
        return fresh, Step(kind, fresh.pk, fresh.revision, None)
    before = {name: _text(row, name) for name in values if _text(row, name) != values[name]}
    if not before:
        return row, None
    _save(scope, row, {name: values[name] for name in before})
    return row, Step(kind, row.pk, row.revision, before)


def _restore(scope: Scope, step: Step, enterprise: int, note: str, entries: list[Draft]) -> None:
    row, before = KINDS[step.kind].objects.select_for_update().get(pk=step.id), step.before or {}
    changes = {name: (_text(row, name), value) for name, value in before.items()}
    _save(scope, row, before)
    about = Subject(step.kind, row.pk, row.name)
    entries.append(Draft(actor(scope), "place.saved", about, enterprise, changes, note))


def _why_not(step: Step, row: Place | None, newest: Mapping[tuple[str, int], int]) -> Text | None:
    words = _WORDS[step.kind]
    if row is None:
        return Text(f"有{words.zh}已被移除", f"a {words.en} was removed")
    if row.revision != newest[step.kind, step.id]:
        return Text(f"{words.zh}“{row.name}”之后又被修改过", f"the {words.en} “{row.name}” was changed since")
    if step.before is None and _is_used(row, newest):
        return Text(f"{words.zh}“{row.name}”里已有设备或新的分级", f"the {words.en} “{row.name}” is in use by now")
    return None


def _is_used(row: Place, newest: Mapping[tuple[str, int], int]) -> bool:
    if isinstance(row, Line):
        return Machine.objects.filter(line=row, removed_at=None).exists()
    if isinstance(row, Workshop):
        inner = [("line", pk) for pk in row.lines.values_list("pk", flat=True)]
        return Machine.objects.filter(shop=row, removed_at=None).exists() or any(one not in newest for one in inner)
    return any(("workshop", pk) not in newest for pk in row.workshops.values_list("pk", flat=True))


def _rows(kind: str, wanted: Iterable[tuple[str, int]]) -> Iterable[Place]:
    return KINDS[kind].objects.filter(pk__in=[id_ for of, id_ in wanted if of == kind])


def _arranged(scope: Scope, enterprises: set[int]) -> None:
    """Locks the enterprises, so that nobody else arranges them meanwhile; refuses those that are not this person's."""
    rows = list(scope.enterprises().select_for_update().filter(pk__in=enterprises).order_by("pk"))
    if len(rows) != len(enterprises) or not all(_may_arrange(scope, row) for row in rows):
        raise NotAllowedError


def _may_arrange(scope: Scope, row: Enterprise) -> bool:
    return scope.may_keep_area(row.reporting_area) or row.pk in scope.owns or scope.may_configure(row.pk)


def _save(scope: Scope, row: Place, values: Mapping[str, str]) -> None:
    _set(row, values)
    row.revision, row.changed_name = row.revision + 1, scope.name
    row.save()


def _set(row: Place, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        setattr(row, name, (date.fromisoformat(value) if value else None) if name == "opened_on" else value)


def _text(row: Place, name: str) -> str:
    value = getattr(row, name)
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)
