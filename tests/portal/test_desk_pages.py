"""Pages of desk and forms as people use them: acting on a task, testing a channel, the workbook there and back."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings as DjangoSettings

from peers.receivers import web_hook
from peers.records import World
from zhulian.audit.models import Sighting
from zhulian.desk import workflows
from zhulian.desk.calendar import today
from zhulian.desk.models import Channel, Task
from zhulian.desk.rules import Audience
from zhulian.evidence.rules import of_enterprise
from zhulian.evidence.workflows import NewFact, state
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import SYSTEM
from zhulian.returns.models import Return
from zhulian.returns.workflows import NewReporting, open_reporting
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.settings import Settings

SignedIn = Callable[[User | None], Client]


def task(world: World) -> Task:
    number = workflows.open_task(
        "k", Text("核对 <b>名单</b>", "Check the list"), "/", Audience(place="341502"), source="测试", due=today()
    )
    return Task.objects.get(pk=number)


def test_a_task_is_listed_counted_taken_and_finished(world: World, signed_in: SignedIn) -> None:
    one, browser = task(world), signed_in(world.county_a)
    listed = browser.get("/desk/").content.decode()
    assert "核对 &lt;b&gt;名单&lt;/b&gt;" in listed
    assert "今天到期" in listed
    assert "<b>1</b>" in listed
    page = f"/desk/tasks/{one.pk}/"
    assert browser.post(page, {"act": "take", "revision": 1}).status_code == 302
    stale = browser.post(page, {"act": "finish", "revision": 1, "note": "写了一半"})
    assert stale.status_code == 422
    assert "写了一半" in stale.content.decode()
    assert browser.post(page, {"act": "finish", "revision": 2}).status_code == 302
    assert "没有待办" in browser.get("/desk/").content.decode()
    assert browser.get("/desk/?state=closed&form=csv").status_code == 200


def test_filters_narrow_and_stand_in_the_address(world: World, signed_in: SignedIn) -> None:
    task(world)
    browser = signed_in(world.county_a)
    assert "没有符合条件的待办" in browser.get("/desk/?state=late").content.decode()
    assert "名单" in browser.get("/desk/?q=名单&source=测试").content.decode()


def test_returns_and_reporting_tasks_are_narrowed(world: World, signed_in: SignedIn, form: Return) -> None:
    own, officer = signed_in(world.a.owner), signed_in(world.bureau)
    link = f"/returns/{form.pk}/"
    assert link in own.get("/returns/?state=missing&q=" + form.task.title[:4]).content.decode()
    assert "没有符合条件的填报" in own.get("/returns/?state=sent").content.decode()
    assert f"/reporting/{form.task_id}/" in officer.get("/reporting/?state=open").content.decode()
    assert "没有符合条件的填报任务" in officer.get("/reporting/?state=ended").content.decode()


def test_a_channel_is_tried_from_its_page_and_its_fault_named(
    world: World, signed_in: SignedIn, settings: DjangoSettings
) -> None:
    browser = signed_in(world.administrator)
    with web_hook() as hook:
        values = {**settings.ZHULIAN.values, "ZHULIAN_WEBHOOK_HOSTS": hook.host}
        form = {"name": "群", "kind": "feishu", "url": hook.url, "secret": "geheim", "place": "341502"}
        refused = browser.post("/channels/", form)
        assert refused.status_code == 422
        assert "ZHULIAN_WEBHOOK_HOSTS" in refused.content.decode()
        settings.ZHULIAN = Settings(values)
        assert browser.post("/channels/", form).status_code == 302
        page = f"/channels/{Channel.objects.get().pk}/"
        assert browser.post(page, {"act": "try"}).status_code == 302
        assert hook.json()["msg_type"] == "post"
        hook.answer = {"code": 19021, "msg": "sign match fail"}
        assert "签名校验" in browser.post(page, {"act": "try"}).content.decode()
        shown = browser.get(page).content.decode()
    assert "geheim" not in shown
    assert "key=k" not in shown


@pytest.fixture
def form(world: World) -> Return:
    new = NewReporting("digital_basics", "摸底", [world.a.enterprise], today(), 5, "陈经信")
    open_reporting(SYSTEM, new, today())
    return Return.objects.get()


def workbook(browser: Client, form: Return) -> openpyxl.Workbook:
    body = b"".join(browser.get(f"/returns/{form.pk}/form.xlsx").streaming_content)  # type: ignore[arg-type, attr-defined]
    return openpyxl.load_workbook(io.BytesIO(body))


def uploaded(browser: Client, form: Return, book: openpyxl.Workbook) -> str:
    file = io.BytesIO()
    book.save(file)
    given = SimpleUploadedFile("filled.xlsx", file.getvalue())
    return browser.post(f"/returns/{form.pk}/upload/", {"file": given}, follow=True).content.decode()


ROW = {"从业人数": 120, "生产设备总数": 40, "数字化设备数": 25, "信息系统建设程度": "部门内使用", "在用云服务数": 2,
       "数字化规划实施": "已有规划", "安全自查": "是"}  # fmt: skip


def fill(book: openpyxl.Workbook, row: dict[str, object]) -> None:
    table = book.worksheets[0]
    for column, cell in enumerate(table[1], 1):
        for title, value in row.items():
            if str(cell.value).startswith(title):
                table.cell(3, column, value)  # type: ignore[arg-type]


def test_the_template_has_drop_downs_and_comes_back_as_answers(world: World, signed_in: SignedIn, form: Return) -> None:
    browser = signed_in(world.a.owner)
    book = workbook(browser, form)
    assert len(book.worksheets[0].data_validations.dataValidation) >= 3
    fill(book, ROW)
    assert "提交前核对" in uploaded(browser, form, book)
    form.refresh_from_db()
    assert form.answers["business.employees"]["text"] == "120"
    assert form.answers["cloud.information_system"]["text"] == "department"
    receipt = browser.post(f"/returns/{form.pk}/check/", follow=True).content.decode()
    assert f"TB-{today():%Y}" in receipt
    assert "部门内使用" in receipt


def test_faults_of_the_workbook_are_named_by_cell_and_the_rest_is_kept(
    world: World, signed_in: SignedIn, form: Return
) -> None:
    browser = signed_in(world.a.owner)
    book = workbook(browser, form)
    fill(book, ROW | {"生产设备总数": "四十来台", "安全自查": "也许"})
    said = uploaded(browser, form, book)
    assert "单元格 B3（生产设备总数）" in said
    assert "四十来台" in said
    form.refresh_from_db()
    assert form.answers["business.employees"]["text"] == "120"


def test_a_return_is_its_enterprises_until_it_is_sent(world: World, signed_in: SignedIn, form: Return) -> None:
    draft = "314159"
    Return.objects.filter(pk=form.pk).update(answers={"machines.total": {"text": draft, "by_name": "王"}})
    address = f"/returns/{form.pk}/"
    assert draft in signed_in(world.a.owner).get(address).content.decode()
    assert Sighting.objects.count() == 0
    auditor = signed_in(world.others["auditor"]).get(address)
    assert auditor.status_code == 200
    assert draft not in auditor.content.decode()
    assert list(Sighting.objects.values_list("what", "owner")) == [("return", world.a.enterprise)]


def test_who_takes_answers_along_is_shown_to_those_who_gave_them(
    world: World, signed_in: SignedIn, form: Return
) -> None:
    assert signed_in(world.bureau).get(f"/reporting/{form.task_id}/?form=csv").status_code == 200
    assert list(Sighting.objects.values_list("what", "owner")) == [("list", world.a.enterprise)]


def test_an_empty_or_strange_file_is_refused_in_words(world: World, signed_in: SignedIn, form: Return) -> None:
    browser = signed_in(world.a.owner)
    assert "灰色示例行" in uploaded(browser, form, workbook(browser, form))
    given = SimpleUploadedFile("x.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")
    answer = browser.post(f"/returns/{form.pk}/upload/", {"file": given})
    assert answer.status_code == 422


def test_a_known_value_is_shown_with_its_origin_and_only_confirmed(world: World, signed_in: SignedIn) -> None:
    subject = of_enterprise(world.a.enterprise)
    state(SYSTEM, NewFact(subject=subject, key="business.employees", value=118, period_end=today(), source="import:x"))
    new = NewReporting("digital_basics", "摸底", [world.a.enterprise], today(), 5, "陈经信")
    open_reporting(SYSTEM, new, today())
    browser, form = signed_in(world.a.owner), Return.objects.get()
    shown = browser.get(f"/returns/{form.pk}/1/").content.decode()
    assert "118 人" in shown
    assert "导入的名录" in shown
    posted = {"w-business.employees": "", "c-business.employees": "yes", "a-business.employees": ""}
    assert browser.post(f"/returns/{form.pk}/1/", posted).headers["Location"].endswith("/2/")
    form.refresh_from_db()
    assert form.answers["business.employees"]["text"] == "="
