"""One set of tests for both databases: what people type, and what they mean by it."""

from datetime import date

import pytest
from django.utils import timezone

from peers.records import World, credit_code
from zhulian.organisations import workflows
from zhulian.organisations.models import Enterprise, EnterpriseEvent, Machine, Organisation
from zhulian.organisations.queries import EnterpriseFilter, MachineFilter
from zhulian.organisations.queries import enterprises as list_of
from zhulian.organisations.queries import machines as machines_of
from zhulian.organisations.search import queries, rules
from zhulian.organisations.search.kinds import KINDS
from zhulian.organisations.search.workflows import complete, counts, keep, rebuild
from zhulian.organisations.tenancy import NOTHING, SYSTEM, Scope

NAMES = (
    "六安金安轴承制造有限公司",
    "六安市皖西精密铸造有限公司",
    "安徽长安重工股份有限公司",
    "霍邱乐行新材料有限公司",
    "金寨绿源茶业有限公司",
    "舒城机械厂",
    "Anhui Kestrel Robotics",
)


@pytest.fixture
def city(db: None) -> dict[str, int]:
    """Invented enterprises by name, in Jin'an the first, in Jinzhai the others."""
    areas = ["341502", *["341524"] * (len(NAMES) - 1)]
    return {
        name: workflows.create_enterprise(SYSTEM, workflows.NewEnterprise(name, credit_code(number), "C3451", area))
        for number, (name, area) in enumerate(zip(NAMES, areas, strict=True), 100)
    }


def found(text: str, scope: Scope = SYSTEM, kind: str = "enterprise") -> list[str]:
    return [hit.line.name for hit in queries.find(scope, text, [kind]).hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("轴承", NAMES[0]),  # two signs
        ("茶", NAMES[4]),  # one sign
        ("金安轴承", NAMES[0]),
        ("金安 轴承", NAMES[0]),
        ("轴承 金安", NAMES[0]),
        ("liuanjinanzhoucheng", NAMES[0]),  # pinyin
        ("luanjinan", NAMES[0]),  # the other reading of 六
        ("jinanzhouch", NAMES[0]),  # in the middle of typing
        ("jin an zhou cheng", NAMES[0]),
        ("JinAn ZhouCheng", NAMES[0]),
        ("lajazc", NAMES[0]),  # initials
        ("laswx", NAMES[1]),
        ("wxjmzz", NAMES[1]),
        ("changanzhonggong", NAMES[2]),
        ("zhanganchonggong", NAMES[2]),
        ("lexing", NAMES[3]),
        ("yuehang", NAMES[3]),
        ("lvyuan", NAMES[4]),
        ("luyuan", NAMES[4]),
        ("kestrel", NAMES[6]),
        ("金安zhoucheng", NAMES[0]),
        ("Ｋｅｓｔｒｅｌ", NAMES[6]),  # full width
        ("金安轴乘", NAMES[0]),  # a wrong sign
        ("金安轴制造", NAMES[0]),  # a missing one
        ("六安京安轴乘制造有限公司", NAMES[0]),  # two wrong ones
        ("jinanzhoucheg", NAMES[0]),  # a missing letter
        ("kestrol", NAMES[6]),  # a wrong one
        ("lajaxc", NAMES[0]),  # a wrong initial
    ],
)
def test_what_people_type_finds_what_they_mean(city: dict[str, int], text: str, first: str) -> None:
    assert found(text)[:1] == [first]


@pytest.mark.parametrize(
    "text", ["", "  ", "·", "不存在的企业名", "qqqqqq", "%", "_", '"', "机车", "承轴", "OR", "'; --"]
)
def test_nothing_is_found_where_nothing_is(city: dict[str, int], text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(("start", "end"), [(0, 18), (0, 4), (7, 12), (10, 18), (14, 18)])
def test_any_part_of_a_code_from_four_signs(city: dict[str, int], start: int, end: int) -> None:
    code = Enterprise.objects.get(pk=city[NAMES[5]]).credit_code
    assert NAMES[5] in found(code[start:end])
    assert NAMES[5] in found(code[start:end].lower())


def test_a_former_name_is_found_and_said(city: dict[str, int]) -> None:
    enterprise = Enterprise.objects.get(pk=city[NAMES[5]])
    EnterpriseEvent.objects.create(
        enterprise=enterprise,
        kind="renamed",
        on=date(2026, 3, 1),
        changes={"name": "舒城智能装备有限公司"},
        before={"name": NAMES[5]},
        revision=2,
        recorded_at=timezone.now(),
    )
    Enterprise.objects.filter(pk=enterprise.pk).update(name="舒城智能装备有限公司")
    keep(KINDS["enterprise"], [enterprise.pk])
    [hit] = queries.find(SYSTEM, "机械厂").hits
    assert (hit.line.name, hit.former) == ("舒城智能装备有限公司", NAMES[5])
    assert queries.find(SYSTEM, "智能装备").hits[0].former == ""


def test_the_better_hit_stands_first(city: dict[str, int]) -> None:
    for number, name in enumerate(("华东舒城机械厂配套有限公司", "舒城机械厂设备分厂"), 200):
        workflows.create_enterprise(SYSTEM, workflows.NewEnterprise(name, credit_code(number), "C3451", "341523"))
    assert found("舒城机械厂") == [NAMES[5], "舒城机械厂设备分厂", "华东舒城机械厂配套有限公司"]


def test_all_kinds_and_pages(world: World) -> None:
    Organisation.objects.create(kind="government", name="Alderney bureau")
    rebuild()
    groups = {group.kind.name: group for group in queries.find(SYSTEM, "alderney", limit=1).groups}
    assert set(groups) == {"enterprise", "organisation", "machine"}
    assert [hit.line.name for hit in groups["machine"].hits] == ["Alderney meter"]
    assert queries.find(SYSTEM, "works", ["enterprise"], limit=1, number=2).hits[0].line.name == "Balthazar Works"
    assert queries.ids(SYSTEM, "works", "enterprise") == [world.a.enterprise, world.b.enterprise]


def test_only_what_is_in_sight(world: World) -> None:
    for text in ("works", "meter", "balthazar", "balthazer", "blthzrwrks"):
        names = [hit.line.name for hit in queries.find(world.a.scope, text).hits]
        assert not [name for name in names if "Balthazar" in name], text
    assert queries.find(NOTHING, "works").total == 0
    assert queries.find(world.a.scope, "balthazar").groups == ()


def test_the_index_follows_the_records(world: World) -> None:
    rebuild()
    assert all(count.is_right for count in counts())
    workflows.rename_machine(SYSTEM, world.a.machine, "三号车床", lambda *_: None)
    assert found("三号", kind="machine") == ["三号车床"]
    assert found("alderney meter", kind="machine") == []
    workflows.remove_machine(SYSTEM, world.a.machine, lambda *_: None)
    assert found("三号", kind="machine") == []
    assert all(count.is_right for count in counts())


def test_what_is_wrong_with_the_index_is_put_right(world: World) -> None:
    Machine.objects.filter(pk=world.a.machine).update(removed_at=timezone.now())
    Enterprise.objects.create(name="悄悄来的企业", credit_code=credit_code(300), industry="C", district="341503")
    assert not all(count.is_right for count in counts())
    complete()
    assert all(count.is_right for count in counts())
    assert found("悄悄来") == ["悄悄来的企业"]
    assert found("alderney", kind="machine") == []


def test_a_broad_word_is_capped_and_still_begins_with_the_best(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST", 20)
    names = [f"第{number}皖西公司" for number in range(40)] + ["皖西"]
    Enterprise.objects.bulk_create(
        [
            Enterprise(name=name, credit_code=str(number), industry="C", district="341503")
            for number, name in enumerate(names)
        ]
    )
    rebuild()
    [group] = queries.find(SYSTEM, "皖西").groups
    assert group.is_capped
    assert group.hits[0].line.name == "皖西"


def test_the_number_of_statements_stays(world: World, django_assert_max_num_queries: object) -> None:
    for text in ("works", "alderney meter", "balthazer"):
        with django_assert_max_num_queries(12):  # type: ignore[operator]
            queries.find(SYSTEM, text)


def test_a_list_is_narrowed_by_the_same_words(city: dict[str, int]) -> None:
    for text in ("轴承", "lajazc", "金安 轴承", "jinanzhoucheng"):
        assert [row.name for row in list_of(SYSTEM, EnterpriseFilter(text=text)).rows] == [NAMES[0]]
    assert machines_of(SYSTEM, MachineFilter(text="轴承")).total == 0


def test_the_table_of_signs_is_the_library_s_own() -> None:
    from pypinyin.constants import PINYIN_DICT

    assert rules._table() == PINYIN_DICT
