"""A list of machines: each stands in the workshop that it names, and an undo leaves everything as it was."""

from collections.abc import Callable, Sequence

import pytest

from peers.records import World
from zhulian.imports import workflows
from zhulian.organisations.models import Enterprise, Line, Machine, Site, Workshop
from zhulian.organisations.queries import files
from zhulian.organisations.tenancy import visible_to

pytestmark = pytest.mark.django_db
TITLES = "企业代码,设备名称,车间,类型"


def imported(world: World, rows: Sequence[str]) -> int:
    """Rows without their code, written by the engineer of A."""
    code, scope = Enterprise.objects.get(pk=world.a.enterprise).credit_code, visible_to(world.a.engineer)
    body = "\n".join([TITLES, *(f"{code},{row}" for row in rows)])
    run = workflows.start(scope, "machines", "台账.csv", body.encode())
    workflows.commit(scope, run)
    return run


def standing() -> list[tuple[object, ...]]:
    """Every machine with where it stands, and every place."""
    machines = Machine.objects.order_by("pk").values_list("name", "workshop", "shop", "line")
    places = (kind.objects.order_by("pk").values_list("pk", "name") for kind in (Site, Workshop, Line))
    return [*machines, *(row for rows in places for row in rows)]


@pytest.fixture
def lined_up(world: World) -> Machine:
    """The machine of A on a line of a workshop in the second of two sites that have workshops of that name."""
    row = Machine.objects.get(pk=world.a.machine)
    for name in ("东厂", "西厂"):
        site = Site.objects.create(enterprise=row.enterprise, name=name)
        row.shop = Workshop.objects.create(site=site, name="总装车间")
    assert row.shop
    row.workshop, row.line = row.shop.name, Line.objects.create(workshop=row.shop, name="一号线")
    row.save()
    return row


def test_machines_stand_in_the_workshops_they_name(world: World, lined_up: Machine) -> None:
    before, scope = standing(), visible_to(world.a.engineer)
    run = imported(world, ["1 号车床,机加工车间,车床", "2 号车床,机加工车间,", f"{lined_up.name},机加工车间,", "泵,,"])
    shop = Workshop.objects.get(name="机加工车间")
    assert set(shop.machines.values_list("name", "line")) == {
        ("1 号车床", None),
        ("2 号车床", None),
        (lined_up.name, None),
    }
    shown = {site.name: len(site.workshops) for site in files.places(scope, world.a.enterprise)}
    assert shown[shop.site.name] == Workshop.objects.filter(site=shop.site).count()
    workflows.undo(scope, run)
    assert standing() == before


def _another_comes(shop: Workshop, lined_up: Machine) -> None:
    Machine.objects.filter(pk=lined_up.pk).update(shop=shop, workshop=shop.name)


def _it_has_a_line(shop: Workshop, _lined_up: Machine) -> None:
    Line.objects.create(workshop=shop, name="二号线")


@pytest.mark.parametrize("meanwhile", [_another_comes, _it_has_a_line])
def test_a_workshop_that_is_in_use_by_now_stays(
    world: World, lined_up: Machine, meanwhile: Callable[[Workshop, Machine], None]
) -> None:
    run = imported(world, ["1 号车床,机加工车间,车床"])
    shop = Workshop.objects.get(name="机加工车间")
    meanwhile(shop, lined_up)
    workflows.undo(visible_to(world.a.engineer), run)
    assert not Machine.objects.filter(name="1 号车床").exists()
    assert Workshop.objects.filter(pk=shop.pk).exists()


def test_a_machine_does_not_come_back_to_a_place_that_is_gone(world: World, lined_up: Machine) -> None:
    run = imported(world, [f"{lined_up.name},机加工车间,"])
    Line.objects.all().delete()
    Workshop.objects.filter(name="总装车间").delete()
    workflows.undo(visible_to(world.a.engineer), run)
    lined_up.refresh_from_db()
    assert (lined_up.workshop, lined_up.shop, lined_up.line) == ("总装车间", None, None)


def test_an_enterprise_without_a_site_gets_its_first(world: World) -> None:
    Site.objects.filter(enterprise=world.a.enterprise).delete()
    imported(world, ["1 号车床,机加工车间,车床"])
    assert Workshop.objects.get(name="机加工车间").site.name == "主厂区"
