"""Other organisations, platforms and their sites, places of an enterprise, contacts, and the dictionary."""

import pytest

from peers.records import World, credit_code, device, unheard
from peers.refusals import refused
from peers.register_rows import picture
from zhulian.organisations import workflows
from zhulian.organisations.models import Contact, Enterprise, Machine, Organisation, Site
from zhulian.organisations.queries import bodies as queries
from zhulian.organisations.queries import files
from zhulian.organisations.queries import pillars as dictionary
from zhulian.organisations.queries.bodies import BodyFilter
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.bodies import checked_colour, checked_slug, contrast
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.workflows import MachineDraft, bodies, contacts, pillars, places, sub_sites
from zhulian.organisations.workflows.bodies import BodyDraft
from zhulian.organisations.workflows.contacts import ContactDraft
from zhulian.organisations.workflows.pillars import PillarDraft
from zhulian.organisations.workflows.places import LineDraft, SiteDraft
from zhulian.organisations.workflows.sub_sites import SubSiteDraft

# --- organisations and platforms


def test_an_officer_registers_in_the_own_area_and_the_bureau_everywhere(world: World) -> None:
    county = visible_to(world.county_a)
    made = bodies.save_body(county, BodyDraft("bank", "甲行", district="341502"))
    with pytest.raises(NotAllowedError):
        bodies.save_body(county, BodyDraft("bank", "乙行"))
    with pytest.raises(NotAllowedError):
        bodies.save_body(county, BodyDraft("bank", "甲行", district="341524", id=made, revision=1))
    bodies.save_body(visible_to(world.bureau), BodyDraft("bank", "丙行", "", in_leading_group=True))
    assert [row.name for row in queries.bodies(SYSTEM, BodyFilter(kind="bank", leading_group=True)).rows] == ["丙行"]
    with refused("body_exists"):
        bodies.save_body(SYSTEM, BodyDraft("bank", "丙行"))
    with refused("body_level"):
        bodies.save_body(SYSTEM, BodyDraft("platform", "无级别"))


def test_the_head_says_what_the_platform_is_and_not_what_it_is_called(world: World) -> None:
    platform = world.organisations["platform_a"]
    head = visible_to(world.others["platform_a"])
    row = Organisation.objects.get(pk=platform)
    bodies.save_body(head, BodyDraft("bank", "Other", introduction="我们", id=platform, revision=row.revision))
    after = queries.body(head, platform)
    assert (after.kind, after.name, after.introduction) == ("platform", row.name, "我们")
    with pytest.raises(ChangedMeanwhileError):
        bodies.save_body(head, BodyDraft("platform", row.name, id=platform, revision=row.revision))


def test_a_platform_sees_its_members_and_loses_them_when_they_leave(world: World) -> None:
    head, platform = visible_to(world.others["platform_a"]), world.organisations["platform_a"]
    seen = queries.members(head, platform)
    assert [row.enterprise for row in seen.rows.rows] == [world.a.enterprise]
    other = queries.members(visible_to(world.county_b), platform)
    assert (other.rows.total, other.hidden) == (0, 1)
    with pytest.raises(NotVisibleError):
        bodies.leave_platform(visible_to(world.b.owner), seen.rows.rows[0].membership)
    bodies.leave_platform(visible_to(world.a.owner), seen.rows.rows[0].membership)
    assert queries.members(SYSTEM, platform).rows.total == 0
    assert not visible_to(world.others["platform_a"]).enterprises().exists()
    bodies.join_platform(visible_to(world.a.owner), platform, world.a.enterprise)
    bodies.join_platform(visible_to(world.a.owner), platform, world.a.enterprise)
    assert len(files.platforms(SYSTEM, world.a.enterprise)) == 2


@pytest.mark.parametrize(
    ("slug", "holds"), [("abc", True), ("a-b-3", True), ("ab", False), ("-ab", False), ("a_b", False)]
)
def test_an_address_has_its_form(slug: str, holds: bool) -> None:
    if holds:
        assert checked_slug(f" {slug.upper()}") == slug
    else:
        with refused("slug_wrong"):
            checked_slug(slug)


def test_white_words_have_to_be_legible() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert checked_colour("#767676") == "#767676"
    with refused("colour_too_light"):
        checked_colour("#777777")
    with refused("colour_wrong"):
        checked_colour("red")


def test_a_site_is_kept_by_its_head_and_published_on_purpose(world: World) -> None:
    head, platform = visible_to(world.others["platform_a"]), world.organisations["platform_a"]
    draft = SubSiteDraft("machine-cloud", "装备云", colour="#0b5a6b", logo=picture())
    sub_sites.save_sub_site(head, platform, draft)
    with pytest.raises(NotVisibleError):
        queries.public_site("machine-cloud")
    sub_sites.save_sub_site(head, platform, SubSiteDraft("machine-cloud", "装备云", is_public=True, revision=1))
    assert queries.public_site("machine-cloud").logo
    with pytest.raises(ChangedMeanwhileError):
        sub_sites.save_sub_site(SYSTEM, platform, SubSiteDraft("machine-cloud", "x", revision=1))
    with refused("slug_taken"):
        sub_sites.save_sub_site(SYSTEM, world.organisations["platform_b"], SubSiteDraft("machine-cloud", "二"))
    with pytest.raises(NotAllowedError):
        sub_sites.save_sub_site(visible_to(world.others["platform_b"]), platform, draft)


# --- places


def test_a_machines_workshop_has_a_record_that_follows(world: World) -> None:
    owner, firm = visible_to(world.a.owner), world.a.enterprise
    site = files.places(owner, firm)[0]
    assert [(shop.name, shop.machines) for shop in site.workshops] == [("Alderney hall", 1)]
    places.save_workshop(owner, firm, site.id, "一车间", workshop=site.workshops[0].id, revision=1)
    assert Machine.objects.get(pk=world.a.machine).workshop == "一车间"
    with refused("place_in_use"):
        places.remove_place(owner, firm, "workshop", site.workshops[0].id)
    line = places.save_line(owner, firm, site.workshops[0].id, LineDraft("一号线", "轴"))
    places.put_machine(visible_to(world.a.engineer), world.a.machine, line=line)
    assert files.places(owner, firm)[0].workshops[0].lines[0].machines == 1


def test_saving_a_machine_elsewhere_takes_it_off_its_line(world: World) -> None:
    firm = world.a.enterprise
    shop = files.places(SYSTEM, firm)[0].workshops[0]
    places.put_machine(SYSTEM, world.a.machine, line=places.save_line(SYSTEM, firm, shop.id, LineDraft("一号线")))
    row = Machine.objects.get(pk=world.a.machine)
    moved = MachineDraft(world.a.gateway, device("Alderney").__class__(**_fields(row)), "二车间")
    workflows.save_machine(SYSTEM, moved, unheard)
    row.refresh_from_db()
    assert (row.line, row.shop and row.shop.name) == (None, "二车间")


def _fields(row: Machine) -> dict[str, object]:
    return {"id": row.pk, "name": row.name, "protocol": row.protocol, "address": row.address, "points": ()}


def test_places_belong_to_their_enterprise(world: World) -> None:
    owner = visible_to(world.a.owner)
    theirs = Site.objects.get(enterprise=world.b.enterprise)
    with pytest.raises(NotVisibleError):
        places.save_workshop(owner, world.a.enterprise, theirs.pk, "x")
    with pytest.raises(NotVisibleError):
        places.save_site(owner, world.b.enterprise, SiteDraft("x"))
    with refused("town_elsewhere"):
        places.save_site(owner, world.a.enterprise, SiteDraft("x", town="341524100"))


def test_of_two_who_arrange_one_place_the_second_is_told(world: World) -> None:
    owner, bureau, firm = visible_to(world.a.owner), visible_to(world.bureau), world.a.enterprise
    site = places.save_site(owner, firm, SiteDraft("东厂", address="旧址"))
    places.save_site(bureau, firm, SiteDraft("东厂", address="新址", id=site, revision=1))
    shop = places.save_workshop(owner, firm, site, "甲")
    places.save_workshop(bureau, firm, site, "乙", workshop=shop, revision=1)
    line = places.save_line(owner, firm, shop, LineDraft("一号线"))
    places.save_line(bureau, firm, shop, LineDraft("一号线", "轴", line, 1))
    with refused("changed_meanwhile"):
        places.save_site(owner, firm, SiteDraft("西厂", id=site, revision=1))
    with refused("changed_meanwhile"):
        places.save_workshop(owner, firm, site, "丙", workshop=shop, revision=1)
    with refused("changed_meanwhile"):
        places.save_line(owner, firm, shop, LineDraft("二号线", "", line, 1))
    found = next(row for row in files.places(owner, firm) if row.id == site)
    assert (found.name, found.address, found.workshops[0].name, found.workshops[0].lines[0].product) == (
        "东厂", "新址", "乙", "轴",
    )  # fmt: skip


# --- contacts


def test_there_is_one_main_contact_and_two_editors_meet(world: World) -> None:
    owner, firm = visible_to(world.a.owner), world.a.enterprise
    first = contacts.save_contact(owner, ContactDraft("甲", phone="1", is_main=True), enterprise=firm)
    contacts.save_contact(owner, ContactDraft("乙", phone="2", is_main=True), enterprise=firm)
    assert [(row.name, row.is_main) for row in files.contacts(owner, firm)] == [("乙", True), ("甲", False)]
    contacts.save_contact(
        visible_to(world.bureau), ContactDraft("甲", phone="3", id=first, revision=1), enterprise=firm
    )
    with pytest.raises(ChangedMeanwhileError) as told:
        contacts.save_contact(owner, ContactDraft("甲", phone="4", id=first, revision=1), enterprise=firm)
    assert told.value.by == "bureau"
    with refused("contact_unreachable"):
        contacts.save_contact(owner, ContactDraft("丙"), enterprise=firm)
    with pytest.raises(NotAllowedError):
        contacts.save_contact(visible_to(world.a.engineer), ContactDraft("丙", phone="1"), enterprise=firm)
    contacts.remove_contact(owner, first, enterprise=firm)
    assert Contact.objects.count() == 1


# --- the dictionary


def test_files_follow_the_dictionary(world: World) -> None:
    cars = pillars.save_pillar(SYSTEM, PillarDraft("汽车", codes=["C33"]))
    platings = pillars.save_pillar(SYSTEM, PillarDraft("表面处理", codes=["c336"]))
    assert set(Enterprise.objects.values_list("pillar", flat=True)) == {platings}
    with refused("code_taken"):
        pillars.save_pillar(SYSTEM, PillarDraft("另一", codes=["C33"]))
    pillars.remove_pillar(SYSTEM, platings)
    assert set(Enterprise.objects.values_list("pillar", flat=True)) == {cars}
    made = workflows.create_enterprise(SYSTEM, workflows.NewEnterprise("n", credit_code(60), "C3360", "341502"))
    assert files.file(SYSTEM, made).pillar == "汽车"
    assert dictionary.in_no_pillar(SYSTEM) == 0
    with pytest.raises(NotAllowedError):
        pillars.save_pillar(visible_to(world.county_a), PillarDraft("x"))
    with pytest.raises(ChangedMeanwhileError):
        pillars.save_pillar(SYSTEM, PillarDraft("汽车", id=cars, revision=9))


def test_a_position_in_a_chain_ends_the_one_before(world: World) -> None:
    chain, owner, firm = pillars.save_chain(SYSTEM, "零部件"), visible_to(world.a.owner), world.a.enterprise
    pillars.take_position(owner, firm, chain, "upstream", product="轴")
    pillars.take_position(owner, firm, chain, "midstream")
    assert [(row.position, row.until is None) for row in files.positions(owner, firm)] == [
        ("midstream", True),
        ("upstream", False),
    ]
    assert dictionary.chain_members(SYSTEM, chain) == [("midstream", firm, "Alderney Works", "")]
