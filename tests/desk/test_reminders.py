"""Reminders and digests: on working days, once each, for those concerned."""

from datetime import date

import pytest
from django.core import mail as outbox

from peers.records import World
from zhulian.desk import workflows
from zhulian.desk.channels import Line
from zhulian.desk.models import Delivery, Message, Receipt, Task
from zhulian.desk.rules import Audience, Quiet
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.vocabulary.errors import Text

TITLE = Text("核对认领材料", "Check the claim")
FRIDAY, MONDAY = date(2026, 11, 27), date(2026, 11, 30)


def task(due: date | None, audience: Audience, key: str = "k") -> None:
    workflows.open_task(key, TITLE, "/", audience, source="企业认领", due=due)


@pytest.mark.parametrize(
    ("today", "due", "said"),
    [
        (FRIDAY, MONDAY, "2026-11-30 到期：核对认领材料"),
        (FRIDAY, date(2026, 11, 28), "2026-11-28 到期：核对认领材料"),
        (FRIDAY, FRIDAY, "今天到期：核对认领材料"),
        (MONDAY, FRIDAY, "已逾期 1 个工作日：核对认领材料"),
        (date(2026, 10, 8), date(2026, 9, 30), "已逾期 1 个工作日：核对认领材料"),
    ],
)
def test_before_on_and_after_the_day(world: World, today: date, due: date, said: str) -> None:
    task(due, Audience(place="341502"))
    assert workflows.remind(today) == 1
    workflows.remind(today)
    assert [one.title_zh for one in Message.objects.all()] == [said]
    assert Receipt.objects.get().person == world.county_a


def test_silence_on_days_off_and_for_what_is_far_or_done(world: World) -> None:
    task(FRIDAY, Audience(place="341502"))
    assert workflows.remind(date(2026, 11, 28)) == 0
    assert workflows.remind(date(2026, 11, 25)) == 0
    workflows.close_task("k")
    assert workflows.remind(FRIDAY) == 0


def test_an_overdue_task_is_recalled_once_a_week(world: World) -> None:
    task(date(2026, 11, 2), Audience(place="341502"))
    for day in range(3, 28):
        workflows.remind(date(2026, 11, day))
    assert Message.objects.count() == 4


def test_what_nobody_holds_reminds_the_administrator(world: World) -> None:
    task(FRIDAY, Audience(place="341503"))
    workflows.remind(FRIDAY)
    assert Receipt.objects.get().person == world.administrator


def test_who_took_it_is_reminded_alone(world: World) -> None:
    task(FRIDAY, Audience(enterprise=world.a.enterprise))
    workflows.take(visible_to(world.a.owner), Task.objects.get().pk, 1)
    workflows.remind(FRIDAY)
    assert [receipt.person for receipt in Receipt.objects.all()] == [world.a.owner]


def test_a_digest_tells_what_is_open_once_a_working_day(world: World) -> None:
    User.objects.filter(pk=world.county_a.pk).update(email="county@city.example")
    User.objects.filter(pk=world.county_b.pk).update(email="other@city.example")
    task(FRIDAY, Audience(place="341502"))
    task(None, Audience(place="341502"), "k2")
    assert workflows.digest(date(2026, 11, 28)) == 0
    assert workflows.digest(MONDAY) == 1
    workflows.digest(MONDAY)
    row = Delivery.objects.get()
    assert row.title == "今日待办 2 项，未读消息 0 条"
    assert row.body.splitlines() == ["· 已逾期（2026-11-27） 核对认领材料", "· 核对认领材料"]
    workflows.prefer(visible_to(world.county_a), "each", Quiet(0, 0))
    assert workflows.deliver_due(Line(), "https://city.example").sent == 1
    assert outbox.outbox[0].to == ["county@city.example"]


def test_who_wants_no_mail_gets_none(world: World) -> None:
    User.objects.filter(pk=world.county_a.pk).update(email="county@city.example")
    workflows.prefer(visible_to(world.county_a), "off", Quiet())
    task(FRIDAY, Audience(place="341502"))
    assert workflows.digest(FRIDAY) == 0


def test_an_enterprises_choice_holds_until_a_person_chooses(world: World) -> None:
    User.objects.filter(pk=world.a.engineer.pk).update(email="e@a.example")
    workflows.prefer(visible_to(world.a.owner), "off", Quiet(), enterprise=world.a.enterprise)
    task(FRIDAY, Audience(enterprise=world.a.enterprise))
    assert workflows.digest(FRIDAY) == 0
    workflows.prefer(visible_to(world.a.engineer), "digest", Quiet())
    assert workflows.digest(FRIDAY) == 1
