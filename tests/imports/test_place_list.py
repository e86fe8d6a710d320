"""A list of sites, workshops and lines: what stands in several rows, what contradicts itself, again, and undone."""

from collections.abc import Sequence

import pytest

from peers.records import World
from zhulian.audit.models import Entry
from zhulian.imports import queries, workflows
from zhulian.imports.rules import ImportsError
from zhulian.organisations.models import Enterprise, Line, Machine, Site, Workshop
from zhulian.organisations.queries import files
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.towns import towns_of

pytestmark = pytest.mark.django_db
TITLES = "信用代码,场所,乡镇,地址,投产日期,车间,产线,主要产品"


def started(world: World, rows: Sequence[str], *, enterprise: int | None = None) -> int:
    """An import of these rows, each without its code, by the owner of A."""
    code = Enterprise.objects.get(pk=enterprise or world.a.enterprise).credit_code
    body = "\n".join([TITLES, *(f"{code},{row}" for row in rows)])
    return workflows.start(visible_to(world.a.owner), "places", "场所.csv", body.encode())


def judgements(world: World, run: int) -> list[str]:
    return [row.judgement for row in queries.rows(visible_to(world.a.owner), run).rows]


def tree() -> list[tuple[object, ...]]:
    """Every place, by name."""
    found: list[tuple[object, ...]] = list(Site.objects.values_list("name", "town", "address", "opened_on"))
    found += Workshop.objects.values_list("site__name", "name")
    found += Line.objects.values_list("workshop__name", "name", "product")
    return sorted(found, key=repr)


ROWS = (
    "东厂,,皋城东路 1 号,2018-05,冲压车间,一号线,支架",
    "东厂,,皋城东路 1 号,,冲压车间,二号线,",
    "东厂,,,,涂装车间,,",
    "西厂,,,,,,",
    "西厂,,解放路 2 号,,,,",
)


def test_a_list_of_places_goes_in_and_again_changes_nothing(world: World) -> None:
    owner, before = visible_to(world.a.owner), tree()
    run = started(world, ROWS)
    assert judgements(world, run) == ["new", "new", "new", "new", "change"]
    workflows.commit(owner, run)
    east = next(site for site in files.places(owner, world.a.enterprise) if site.name == "东厂")
    assert (east.address, str(east.opened_on)) == ("皋城东路 1 号", "2018-05-01")
    assert [(shop.name, [line.name for line in shop.lines]) for shop in east.workshops] == [
        ("冲压车间", ["一号线", "二号线"]),
        ("涂装车间", []),
    ]
    assert Site.objects.get(name="西厂").address == "解放路 2 号"
    assert Entry.objects.filter(action="place.saved", organisation=world.a.enterprise).exists()

    again = started(world, ROWS)
    assert set(judgements(world, again)) == {"same"}
    workflows.undo(owner, run)
    assert tree() == before


def test_portions_are_judged_as_the_whole_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zhulian.imports.workflows.committing.PORTION", 1)
    run = started(world, ROWS)
    workflows.commit(visible_to(world.a.owner), run)
    assert queries.run(visible_to(world.a.owner), run).counts.fault == 0
    assert Line.objects.filter(workshop__name="冲压车间").count() == 2


@pytest.mark.parametrize(
    ("rows", "field", "reason"),
    [
        (["东厂,,,,,一号线,"], "line", "车间"),
        (["东厂,,,,冲压车间,,支架"], "product", "产线"),
        (["东厂,不存在镇,,,,,"], "town", "不在"),
        (["东厂,,甲路,,,,", "东厂,,乙路,,,,"], "address", "第 2 行"),
        ([",,甲路,,,,"], "site", "必填"),
    ],
    ids=["line", "product", "town", "contradiction", "no site"],
)
def test_what_is_wrong_is_named_by_column(world: World, rows: list[str], field: str, reason: str) -> None:
    run = started(world, rows)
    faulty = queries.rows(visible_to(world.a.owner), run, "fault").rows
    assert [(spot.field, reason in spot.reason.zh) for row in faulty for spot in row.faults] == [(field, True)]


def test_a_township_is_named_or_given_by_code(world: World) -> None:
    code, name = next(iter(towns_of(Enterprise.objects.get(pk=world.a.enterprise).district).items()))
    run = started(world, [f"东厂,{name},,,,,", f"西厂,{code},,,,,"])
    workflows.commit(visible_to(world.a.owner), run)
    assert set(Site.objects.filter(name__in=("东厂", "西厂")).values_list("town", flat=True)) == {code}


def test_places_of_another_are_out_of_reach(world: World) -> None:
    run = started(world, ROWS[:1], enterprise=world.b.enterprise)
    assert judgements(world, run) == ["fault"]
    with pytest.raises(NotAllowedError):
        workflows.start(visible_to(world.others["member_unit"]), "places", "场所.csv", TITLES.encode())


def test_somebody_elses_change_meanwhile_is_not_overwritten(world: World) -> None:
    Site.objects.create(enterprise_id=world.a.enterprise, name="东厂", address="旧址")
    run = started(world, ["东厂,,新址,,,,"])
    Site.objects.filter(name="东厂").update(address="他人所填")
    workflows.commit(visible_to(world.a.owner), run)
    assert Site.objects.get(name="东厂").address == "他人所填"
    assert queries.run(visible_to(world.a.owner), run).counts.fault == 1


def test_places_in_use_or_changed_since_stay(world: World) -> None:
    owner = visible_to(world.a.owner)
    run = started(world, ROWS)
    workflows.commit(owner, run)
    shop = Workshop.objects.get(name="涂装车间")
    Machine.objects.filter(pk=world.a.machine).update(shop=shop)
    with pytest.raises(ImportsError) as fault:
        workflows.undo(owner, run)
    assert fault.value.code == "undo_refused"
    assert Workshop.objects.filter(pk=shop.pk).exists()


def test_the_number_of_statements_does_not_grow_with_the_rows(
    world: World, django_assert_max_num_queries: "pytest.FixtureRequest"
) -> None:
    rows = [f"厂区 {number},,,,车间 {number},," for number in range(300)]
    with django_assert_max_num_queries(25):  # type: ignore[operator]
        run = started(world, rows)
    assert queries.run(SYSTEM, run).counts.new == 300
