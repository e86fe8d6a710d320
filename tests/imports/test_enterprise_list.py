"""The journey of an enterprise list: 1,200 rows, 15 deliberate faults, once more, corrected, and undone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from peers.enterprise_lists import COLUMNS, FAULTS, enterprise_rows, enterprise_workbook, faulty_workbook
from peers.records import World, person
from zhulian.audit.models import Entry
from zhulian.imports import queries, workflows
from zhulian.imports.models import ImportRun
from zhulian.imports.rules import ImportsError
from zhulian.imports.workflows import Committed, RowSeen, Undone
from zhulian.organisations.models import Contact, Enterprise, EnterpriseEvent, Machine
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import SYSTEM, Scope, visible_to
from zhulian.vocabulary import events
from zhulian.vocabulary.roles import Role

pytestmark = pytest.mark.django_db


@contextmanager
def refused(code: str) -> Iterator[pytest.ExceptionInfo[ImportsError]]:
    """The block is refused with this code, in both languages."""
    with pytest.raises(ImportsError) as fault:
        yield fault
    assert fault.value.code == code
    assert all(fault.value.as_json().values())


def everything() -> list[tuple[Any, ...]]:
    """The whole register, except how often each file was changed."""
    names = [field.name for field in Enterprise._meta.concrete_fields if field.name != "revision"]
    return list(Enterprise.objects.order_by("pk").values_list(*names))


def started(scope: Scope, rows: list[list[Any]]) -> int:
    return workflows.start(scope, "enterprises", "名单.xlsx", enterprise_workbook(rows))


def changed_rows(count: int, **values: Any) -> list[list[Any]]:
    rows = enterprise_rows(count)
    for row in rows:
        for name, value in values.items():
            row[COLUMNS.index(name)] = value
    return rows


def test_1200_rows_with_15_faults(world: World) -> None:
    before, body, began = everything(), faulty_workbook(), time.perf_counter()
    run = workflows.start(SYSTEM, "enterprises", "名单.xlsx", body)
    faulty = queries.rows(SYSTEM, run, "fault", 1, 100).rows
    assert [row.number for row in faulty] == [fault.row for fault in FAULTS]
    titles = queries.run(SYSTEM, run).titles
    for row, fault in zip(faulty, FAULTS, strict=True):
        assert [spot.field for spot in row.faults] == [fault.column], row.faults
        assert fault.reason in row.faults[0].reason.zh
        assert row.faults[0].reason.en
        assert 0 <= row.faults[0].column < len(titles)

    workflows.commit(SYSTEM, run)
    counts = queries.run(SYSTEM, run).counts
    assert (counts.created, counts.changed, counts.fault) == (1_185, 0, 15)
    assert Enterprise.objects.count() == len(before) + 1_185

    again = workflows.start(SYSTEM, "enterprises", "名单.xlsx", body)
    counts = queries.run(SYSTEM, again).counts
    assert (counts.new, counts.change, counts.same, counts.fault) == (0, 0, 1_185, 15)
    assert [found for found, _at in queries.earlier_commits(SYSTEM, again)] == [run]
    with refused("import_nothing"):
        workflows.commit(SYSTEM, again)

    workflows.undo(SYSTEM, run)
    assert everything() == before
    took_s = time.perf_counter() - began
    print(f"1,200 rows: import, again and undo in {took_s:.1f} s")  # noqa: T201 - the figure of the acceptance
    assert took_s < 60


def test_values_are_read_as_people_write_them(world: World) -> None:
    workflows.commit(SYSTEM, started(SYSTEM, enterprise_rows(8)))
    row = Enterprise.objects.get(name__startswith="示例企业00000")
    assert (row.registered_capital_fen, row.revenue_fen) == (500 * 10_000 * 100, 1000 * 10_000 * 100)
    assert (row.employees, row.size, row.industry, row.revenue_year) == (20, "large", "C3484", 2025)
    days = [
        str(day)
        for day in Enterprise.objects.filter(name__startswith="示例企业").values_list("established_on", flat=True)
    ]
    assert days[:7] == [
        "2018-05-20",
        "2019-03-01",
        "2020-07-01",
        "2021-11-30",
        "2020-01-01",
        "2022-04-15",
        "2016-12-01",
    ]
    assert EnterpriseEvent.objects.get(enterprise=row).kind == "registered"


def test_updates_are_shown_old_to_new_and_empty_cells_erase_nothing(world: World) -> None:
    workflows.commit(SYSTEM, started(SYSTEM, enterprise_rows(3)))
    run = started(SYSTEM, changed_rows(3, employees=999, revenue_fen=""))
    rows = queries.rows(SYSTEM, run).rows
    assert {row.judgement for row in rows} == {"change"}
    assert [(name, old.zh, new.zh) for name, (old, new) in rows[1].changes.items()] == [("employees", "21", "999")]
    before = everything()
    workflows.commit(SYSTEM, run)
    assert Enterprise.objects.filter(employees=999).count() == 3
    workflows.undo(SYSTEM, run)
    assert everything() == before
    assert EnterpriseEvent.objects.filter(kind="changed", withdrawn_at=None).count() == 0


def test_a_corrected_cell_settles_its_fault_and_others_with_it(world: World) -> None:
    rows = enterprise_rows(4)
    rows[3][2] = rows[0][2]
    run = started(SYSTEM, rows)
    faulty = queries.rows(SYSTEM, run, "fault").rows[0]
    column = faulty.faults[0].column
    workflows.correct_row(SYSTEM, run, RowSeen(faulty.number, faulty.revision), {column: enterprise_rows(4)[3][2]})
    assert queries.run(SYSTEM, run).counts.fault == 0
    with refused("import_row_changed"):
        workflows.correct_row(SYSTEM, run, RowSeen(faulty.number, faulty.revision), {column: "x"})


def test_a_preview_that_is_out_of_date_is_not_committed(world: World) -> None:
    run = started(SYSTEM, enterprise_rows(2))
    seen = queries.run(SYSTEM, run).revision
    row = queries.rows(SYSTEM, run).rows[0]
    workflows.correct_row(SYSTEM, run, RowSeen(row.number, row.revision), {1: "示例改名有限公司"})
    with refused("import_changed"):
        workflows.commit(SYSTEM, run, seen)
    workflows.commit(SYSTEM, run, queries.run(SYSTEM, run).revision)
    with refused("import_state"):
        workflows.commit(SYSTEM, run)


def test_records_that_changed_after_the_preview_are_not_overwritten(world: World) -> None:
    workflows.commit(SYSTEM, started(SYSTEM, enterprise_rows(3)))
    run = started(SYSTEM, changed_rows(3, employees=7))
    somebody = Enterprise.objects.get(name__startswith="示例企业00001")
    Enterprise.objects.filter(pk=somebody.pk).update(employees=55, revision=somebody.revision + 1)
    workflows.commit(SYSTEM, run)
    counts = queries.run(SYSTEM, run).counts
    assert (counts.changed, counts.fault) == (2, 1)
    assert Enterprise.objects.get(pk=somebody.pk).employees == 55
    assert "被别人改过" in queries.rows(SYSTEM, run, "fault").rows[0].faults[0].reason.zh


def test_undo_refuses_as_a_whole_what_changed_since(world: World) -> None:
    run = started(SYSTEM, enterprise_rows(5))
    workflows.commit(SYSTEM, run)
    edited, called = Enterprise.objects.filter(name__startswith="示例企业").order_by("pk")[:2]
    Enterprise.objects.filter(pk=edited.pk).update(employees=1, revision=edited.revision + 1)
    Contact.objects.create(enterprise=called, name="示例联系人")
    before = everything()
    with refused("undo_refused") as fault:
        workflows.undo(SYSTEM, run)
    assert edited.name in fault.value.what.zh
    assert called.name in fault.value.what.zh
    assert everything() == before
    assert workflows.undo(SYSTEM, run, leave_changed=True).restored == 3
    assert Enterprise.objects.filter(name__startswith="示例企业").count() == 2


def test_undo_ends_after_a_day(world: World) -> None:
    run = started(SYSTEM, enterprise_rows(1))
    workflows.commit(SYSTEM, run)
    ImportRun.objects.filter(pk=run).update(committed_at=timezone.now() - timedelta(hours=24))
    with refused("undo_late"):
        workflows.undo(SYSTEM, run)


def test_a_crash_in_the_middle_is_continued(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from zhulian.imports.workflows import committing

    monkeypatch.setattr(committing, "PORTION", 2)
    run = started(SYSTEM, enterprise_rows(5))
    workflows.claim(SYSTEM, run)
    monkeypatch.setattr(committing, "_finish", lambda *_: None)
    workflows.write_claimed(SYSTEM, run)
    assert queries.run(SYSTEM, run).state == "committing"
    monkeypatch.undo()
    workflows.write_claimed(SYSTEM, run)
    assert queries.run(SYSTEM, run).state == "committed"
    assert Enterprise.objects.filter(name__startswith="示例企业").count() == 5


def test_commit_and_undo_are_announced_and_on_record(world: World) -> None:
    heard: list[object] = []
    events.listen(Committed, heard.append)
    events.listen(Undone, heard.append)
    run = started(SYSTEM, enterprise_rows(2))
    workflows.commit(SYSTEM, run)
    workflows.undo(SYSTEM, run)
    assert heard == [Committed(run, "enterprises", None, 2, 0), Undone(run, "enterprises", None, 2, 0)]
    actions = list(Entry.objects.order_by("sequence").values_list("action", flat=True))[-6:]
    assert actions == ["enterprise.created"] * 2 + ["import.commit"] + ["enterprise.import_undone"] * 2 + [
        "import.undo"
    ]


def test_county_officers_import_their_own_area_and_learn_nothing_of_others(world: World) -> None:
    scope = visible_to(world.county_a)
    rows = changed_rows(3, district="金安区", reporting_area="")
    rows[1][COLUMNS.index("district")] = "金寨县"
    rows[2][COLUMNS.index("credit_code")] = Enterprise.objects.get(pk=world.b.enterprise).credit_code
    run = started(scope, rows)
    shown = queries.rows(scope, run).rows
    assert [row.judgement for row in shown] == ["new", "fault", "fault"]
    assert "Balthazar" not in str(shown)
    assert "不在您负责的县区" in shown[1].faults[0].reason.zh
    workflows.commit(scope, run)
    assert Enterprise.objects.filter(name__startswith="示例企业").count() == 1


def test_a_namesake_elsewhere_betrays_no_code(world: World) -> None:
    rows = changed_rows(1, district="金安区", reporting_area="", name="Balthazar Works")
    code = Enterprise.objects.get(pk=world.b.enterprise).credit_code
    run = started(visible_to(world.county_a), rows)
    assert code not in str(queries.rows(visible_to(world.county_a), run).rows)
    assert code in str(queries.rows(SYSTEM, started(SYSTEM, rows)).rows)


def test_runs_belong_to_who_began_them(world: World) -> None:
    run = started(visible_to(world.bureau), enterprise_rows(1))
    other = person("bureau-2", Role.BUREAU)
    with pytest.raises(NotVisibleError):
        queries.run(visible_to(other), run)
    assert queries.run(visible_to(world.administrator), run).id == run
    for stranger in (world.a.engineer, world.a.owner):
        with pytest.raises(NotAllowedError):
            started(visible_to(stranger), enterprise_rows(1))


def test_a_mapping_is_remembered_for_the_next_file(world: World) -> None:
    body = "甲,乙,丙,丁\n示例机械有限公司,{code},C33,金安区\n".replace("{code}", enterprise_rows(1)[0][2]).encode()
    run = workflows.start(SYSTEM, "enterprises", "x.csv", body)
    assert queries.run(SYSTEM, run).mapping == {}
    with refused("import_unmapped"):
        workflows.commit(SYSTEM, run)
    workflows.map_columns(SYSTEM, run, {"name": 0, "credit_code": 1, "industry": 2, "district": 3})
    assert queries.run(SYSTEM, run).counts.new == 1
    again = workflows.start(SYSTEM, "enterprises", "y.csv", body)
    assert queries.run(SYSTEM, again).mapping == {"name": 0, "credit_code": 1, "industry": 2, "district": 3}


def test_html_in_names_stays_text(world: World) -> None:
    run = started(SYSTEM, changed_rows(1, name="<b>示例</b>&<script>alert(1)</script>公司"))
    workflows.commit(SYSTEM, run)
    assert Enterprise.objects.filter(name="<b>示例</b>&<script>alert(1)</script>公司").exists()


def test_machines_go_the_same_way(world: World) -> None:
    code = Enterprise.objects.get(pk=world.a.enterprise).credit_code
    other = Enterprise.objects.get(pk=world.b.enterprise).credit_code
    rows = [f"{code},1 号车床,东车间,车床", f"{code},Alderney meter,西车间,", f"{other},偷看,,", f"{code},1 号车床,,"]
    text = "\n".join(["企业代码,设备名称,车间,类型", *rows])
    scope = visible_to(world.a.engineer)
    run = workflows.start(scope, "machines", "台账.csv", text.encode("gb18030"))
    shown = queries.rows(scope, run).rows
    assert [row.judgement for row in shown] == ["new", "change", "fault", "fault"]
    before = list(Machine.objects.order_by("pk").values_list("pk", "name", "workshop", "kind"))
    workflows.commit(scope, run)
    assert Machine.objects.get(name="1 号车床").enterprise_id == world.a.enterprise
    workflows.undo(scope, run)
    assert list(Machine.objects.order_by("pk").values_list("pk", "name", "workshop", "kind")) == before
