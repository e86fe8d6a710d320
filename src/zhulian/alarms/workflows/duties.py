"""The duty roster of an enterprise, and its patience before the next level is told."""

from dataclasses import dataclass

from django.db import transaction

from zhulian.alarms.models import DAYS, Duty, Patience
from zhulian.alarms.queries.watching import may_act
from zhulian.alarms.rules import wrong
from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.organisations.models import Membership
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class DutyDraft:
    """One line of the roster as it is typed."""

    enterprise: int
    person: int
    level: int = 1
    days: str = "any"
    start_hour: int = 0
    end_hour: int = 24


def add_duty(scope: Scope, draft: DutyDraft) -> int:
    """Put a colleague on the roster; they have to belong to the enterprise."""
    _may(scope, draft.enterprise)
    if draft.level not in {1, 2, 3} or draft.days not in dict(DAYS):
        raise wrong("级别是 1 到 3，日子从列表里选", "levels are 1 to 3, days are chosen from the list")
    if not (0 <= draft.start_hour <= 23 and 1 <= draft.end_hour <= 24 and draft.start_hour != draft.end_hour):
        raise wrong("时间是 0 到 24 点，开始和结束不同", "hours are 0 to 24, and start and end differ")
    seat = Membership.objects.filter(user=draft.person, enterprise=draft.enterprise, user__is_active=True)
    held = seat.select_related("user", "enterprise").first()
    if held is None:
        raise wrong("值班人要是本企业的同事", "whoever is on duty belongs to the enterprise")
    with transaction.atomic():
        row = Duty.objects.create(
            enterprise_id=draft.enterprise, person_id=draft.person, level=draft.level, days=draft.days,
            start_hour=draft.start_hour, end_hour=draft.end_hour,
        )  # fmt: skip
        name = held.user.get_full_name() or held.user.username
        record(actor(scope), "alarm_duty.added", Noted("alarm_duty", row.pk, name), organisation=draft.enterprise)
    return row.pk


def remove_duty(scope: Scope, duty_id: int) -> None:
    """Take a line off the roster."""
    with transaction.atomic():
        row = Duty.objects.select_related("person").filter(
            pk=duty_id, enterprise__in=scope.enterprises().values("pk")
        ).first()  # fmt: skip
        if row is None:
            raise NotVisibleError(Text("值班安排", "duty"))
        _may(scope, row.enterprise_id)
        name = row.person.get_full_name() or row.person.username
        record(actor(scope), "alarm_duty.removed", Noted("alarm_duty", row.pk, name), organisation=row.enterprise_id)
        row.delete()


def set_patience(scope: Scope, enterprise: int, second_min: int, third_min: int) -> None:
    """After how many minutes levels 2 and 3 are told."""
    _may(scope, enterprise)
    if not 1 <= second_min < third_min <= 1_440:
        raise wrong("第二级的分钟数要小于第三级，最长一天", "level 2 comes before level 3, within a day")
    with transaction.atomic():
        Patience.objects.update_or_create(
            enterprise_id=enterprise, defaults={"second_min": second_min, "third_min": third_min}
        )
        record(actor(scope), "alarm_duty.patience", Noted("enterprise", enterprise, ""), organisation=enterprise,
               changes={"minutes": (None, f"{second_min} / {third_min}")})  # fmt: skip


def _may(scope: Scope, enterprise: int) -> None:
    if not scope.enterprises().filter(pk=enterprise).exists():
        raise NotVisibleError(Text("企业", "enterprise"))
    if not may_act(scope, enterprise):
        raise NotAllowedError
