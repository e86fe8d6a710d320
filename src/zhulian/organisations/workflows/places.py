"""Sites, workshops, lines, and which machine stands where (ISA-95). A machine's ``workshop`` text follows it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from django.db import transaction
from django.db.models import F, QuerySet

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Enterprise, Line, Machine, Site, Workshop
from zhulian.organisations.queries import ENTERPRISE, MACHINE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import refused
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.towns import checked_town
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text

SITE, WORKSHOP, LINE = Text("场所", "site"), Text("车间", "workshop"), Text("产线", "line")
_FIELDS = {
    "site": ("name", "town", "address", "opened_on", "closed_on"),
    "workshop": ("name",),
    "line": ("name", "product"),
}
FIRST_SITE = "主厂区"
"""What the site is called that machines with a workshop bring along."""


@dataclass(frozen=True, slots=True)
class SiteDraft:
    """A site as a form gives it; ``id`` 0 makes a new one, ``revision`` is the one the edit began from."""

    name: str
    town: str = ""
    address: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    id: int = 0
    revision: int = 0


def save_site(scope: Scope, enterprise: int, draft: SiteDraft) -> int:
    """Save a site. One that is given up gets its last day and stays in the file."""
    if draft.opened_on and draft.closed_on and draft.closed_on < draft.opened_on:
        raise refused("site_days_wrong", "停用日期早于启用日期", "the site closed before it opened")
    with transaction.atomic():
        file = _arranged(scope, enterprise)
        checked_town(draft.town, file.district)
        row = _one(Site.objects.filter(enterprise=file), draft.id, SITE) if draft.id else Site(enterprise=file)
        before = _begun(row, draft.revision, _FIELDS["site"])
        row.name, row.town, row.address = _name(draft.name), draft.town, draft.address.strip()[:200]
        row.opened_on, row.closed_on = draft.opened_on, draft.closed_on
        _refuse_twin(Site.objects.filter(enterprise=file), row.name, row.pk)
        _save(scope, file, "site", row, before)
    return row.pk


def save_workshop(scope: Scope, enterprise: int, site: int, name: str, *, workshop: int = 0, revision: int = 0) -> int:
    """Add a workshop to a site, or give one another name: its machines' text changes with it."""
    with transaction.atomic():
        file = _arranged(scope, enterprise)
        held = _one(Site.objects.filter(enterprise=file), site, SITE)
        row = _one(Workshop.objects.filter(site=held), workshop, WORKSHOP) if workshop else Workshop(site=held)
        before = _begun(row, revision, _FIELDS["workshop"])
        row.name = _name(name)
        _refuse_twin(Workshop.objects.filter(site=held), row.name, row.pk)
        _save(scope, file, "workshop", row, before)
        Machine.objects.filter(shop=row).exclude(workshop=row.name).update(
            workshop=row.name, revision=F("revision") + 1
        )
    return row.pk


@dataclass(frozen=True, slots=True)
class LineDraft:
    """A line as a form gives it; ``id`` 0 makes a new one, ``revision`` is the one the edit began from."""

    name: str
    product: str = ""
    id: int = 0
    revision: int = 0


def save_line(scope: Scope, enterprise: int, workshop: int, draft: LineDraft) -> int:
    """Add a line to a workshop, or change one of it."""
    with transaction.atomic():
        file = _arranged(scope, enterprise)
        shop = _one(Workshop.objects.filter(site__enterprise=file), workshop, WORKSHOP)
        row = _one(Line.objects.filter(workshop=shop), draft.id, LINE) if draft.id else Line(workshop=shop)
        before = _begun(row, draft.revision, _FIELDS["line"])
        row.name, row.product = _name(draft.name), draft.product.strip()[:120]
        _refuse_twin(Line.objects.filter(workshop=shop), row.name, row.pk)
        _save(scope, file, "line", row, before)
    return row.pk


def remove_place(scope: Scope, enterprise: int, kind: str, place: int) -> None:
    """Take an empty site, workshop or line out of the file; one with machines is refused."""
    with transaction.atomic():
        file = _arranged(scope, enterprise)
        kinds: dict[str, tuple[QuerySet[Site] | QuerySet[Workshop] | QuerySet[Line], Text, str]] = {
            "site": (Site.objects.filter(enterprise=file), SITE, "shop__site"),
            "workshop": (Workshop.objects.filter(site__enterprise=file), WORKSHOP, "shop"),
            "line": (Line.objects.filter(workshop__site__enterprise=file), LINE, "line"),
        }
        if kind not in kinds:
            raise NotVisibleError(SITE)
        rows, words, machines = kinds[kind]
        row = rows.select_for_update().filter(pk=place).first()
        if row is None:
            raise NotVisibleError(words)
        if Machine.objects.filter(**{machines: row.pk}, removed_at=None).exists():
            raise refused("place_in_use", f"这个{words.zh}里还有设备，请先移走", f"machines stand in this {words.en}")
        about = Subject(kind, row.pk, row.name)
        row.delete()
        record(actor(scope), "place.removed", about, organisation=file.pk)


def put_machine(scope: Scope, machine: int, *, workshop: int = 0, line: int = 0) -> None:
    """Say where a machine stands; a line brings its workshop along, 0 for both takes it out."""
    with transaction.atomic():
        row = scope.machines().select_for_update().filter(pk=machine).first()
        if row is None:
            raise NotVisibleError(MACHINE)
        file = _arranged(scope, row.enterprise_id)
        before = trail.values(row, ("workshop", "line_id"))
        on = _one(Line.objects.filter(workshop__site__enterprise=file), line, LINE) if line else None
        shop = on.workshop if on else None
        if shop is None and workshop:
            shop = _one(Workshop.objects.filter(site__enterprise=file), workshop, WORKSHOP)
        row.line, row.shop, row.workshop = on, shop, shop.name if shop else ""
        row.revision += 1
        row.save(update_fields=["line", "shop", "workshop", "revision"])
        changes = trail.difference(before, trail.values(row, ("workshop", "line_id")))
        record(actor(scope), "machine.changed", trail.of_machine(row), organisation=file.pk, changes=changes)


def shop_named(machine: Machine, name: str) -> Workshop | None:
    """The workshop record that a machine's text speaks of, made where there is none; the present one is preferred."""
    if not name:
        return None
    of = Workshop.objects.filter(site__enterprise_id=machine.enterprise_id, name=name)
    if machine.shop_id and (present := of.filter(pk=machine.shop_id).first()):
        return present
    found = of.order_by("pk").first()
    if found is None:
        site = site_of_new_shops([machine.enterprise_id]).get(machine.enterprise_id)
        site = site or _first_site(machine.enterprise_id)
        found, _ = Workshop.objects.get_or_create(site=site, name=name)
    return found


def shops_named(named: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Workshop]:
    """(enterprise, text) → the workshop record that the text speaks of, where there is one; one statement."""
    wanted = set(named)
    of = {"site__enterprise__in": {owner for owner, _name in wanted}, "name__in": {name for _owner, name in wanted}}
    rows = Workshop.objects.filter(**of).select_related("site").order_by("-pk")  # the oldest has the last word
    return {(row.site.enterprise_id, row.name): row for row in rows if (row.site.enterprise_id, row.name) in wanted}


def site_of_new_shops(enterprises: Collection[int]) -> dict[int, Site]:
    """Enterprise → the site that gets a workshop of which nobody says where it is: the first that is in use."""
    rows = Site.objects.filter(enterprise__in=enterprises, closed_on=None).order_by("-pk")
    return {row.enterprise_id: row for row in rows}


def _first_site(enterprise: int) -> Site:
    made, _ = Site.objects.get_or_create(enterprise_id=enterprise, name=FIRST_SITE)
    return made


def _arranged(scope: Scope, enterprise: int) -> Enterprise:
    """The enterprise, for those who keep its file or configure its machines."""
    found = scope.enterprises().select_for_update().filter(pk=enterprise).first()
    if found is None:
        raise NotVisibleError(ENTERPRISE)
    if not (scope.may_keep(enterprise) or scope.may_configure(enterprise)):
        raise NotAllowedError
    return found


P = TypeVar("P", Site, Workshop, Line)


def _one(rows: QuerySet[P], place: int, words: Text) -> P:
    found = rows.select_for_update().filter(pk=place).first()
    if found is None:
        raise NotVisibleError(words)
    return found


def _name(given: str) -> str:
    name = given.strip()
    if not 0 < len(name) <= 80:
        raise refused("place_name_wrong", "名称应有 1 到 80 个字", "a name has 1 to 80 characters")
    return name


def _refuse_twin(rows: QuerySet[Site] | QuerySet[Workshop] | QuerySet[Line], name: str, besides: int | None) -> None:
    take_turns("places", rows.model.__name__)
    if rows.filter(name=name).exclude(pk=besides or 0).exists():
        raise refused("place_name_taken", f"这里已有“{name}”", f"there is a “{name}” here already")


def _begun(row: Site | Workshop | Line, revision: int, fields: tuple[str, ...]) -> dict[str, object]:
    """What the place said, for the trail; refused where somebody else saved after this edit began."""
    if not row.pk:
        return {}
    if revision != row.revision:
        raise ChangedMeanwhileError(row.changed_name or "zhulian")
    row.revision += 1
    return trail.values(row, fields)


def _save(scope: Scope, file: Enterprise, kind: str, row: Site | Workshop | Line, before: dict[str, object]) -> None:
    row.changed_name = scope.name
    row.save()
    changes = trail.difference(before, trail.values(row, _FIELDS[kind]))
    record(actor(scope), "place.saved", Subject(kind, row.pk, row.name), organisation=file.pk, changes=changes)
