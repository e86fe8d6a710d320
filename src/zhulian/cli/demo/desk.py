"""The sample city's desk: a few tasks, a message, and one open form of which some enterprises have sent theirs."""

from django.db import transaction

from zhulian.desk.calendar import add_working_days, today
from zhulian.desk.rules import Audience
from zhulian.desk.workflows import NewMessage, open_task, send
from zhulian.evidence.rules import of_enterprise
from zhulian.evidence.workflows import NewFact, state
from zhulian.organisations.models import Enterprise
from zhulian.organisations.tenancy import SYSTEM
from zhulian.returns.models import ReportingTask, Return
from zhulian.returns.workflows import NewReporting, Typed, open_reporting, save
from zhulian.returns.workflows import send as send_return
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import Role

CONTACT = "市经信局数字经济科 0564-000 0000（演示）"
SOURCE = "import:sample"
TITLE = "企业数字化基本情况摸底"
ANSWERS = (
    {"business.employees": "213", "machines.total": "75", "machines.digital": "51",
     "cloud.information_system": "across", "cloud.services": "4", "management.plan": "carried_out",
     "security.self_check": "yes", "security.backup": "yes"},
    {"business.employees": "86", "machines.total": "32", "machines.digital": "19",
     "cloud.information_system": "department", "cloud.services": "2", "management.plan": "planned",
     "security.self_check": "yes"},
)  # fmt: skip


@transaction.atomic
def make(first: str) -> None:
    """``first`` is the enterprise of the sample owner; made once, and left alone when it is there."""
    if ReportingTask.objects.filter(is_sample=True).exists():
        return
    _tasks(first)
    firm = Enterprise.objects.get(name=first)
    chosen = [firm.pk]
    others = Enterprise.objects.filter(is_sample=True).exclude(pk__in=chosen).order_by("pk")
    chosen += list(others.values_list("pk", flat=True)[:11])
    day = today()
    state(
        SYSTEM,
        NewFact(
            subject=of_enterprise(firm.pk),
            key="business.employees",
            value=firm.employees or 0,
            period_end=day,
            source=SOURCE,
        ),
    )
    new = NewReporting(
        "digital_basics", TITLE, chosen, day, 6, "市经信局数字经济科 0564-000 0000（演示）", is_sample=True
    )
    open_reporting(SYSTEM, new, day)
    for enterprise, answers in zip(chosen[1:3], ANSWERS, strict=True):
        row = Return.objects.get(task__title=TITLE, enterprise=enterprise)
        save(SYSTEM, row.pk, {key: Typed("", text) for key, text in answers.items()})
        send_return(SYSTEM, row.pk)


def _tasks(first: str) -> None:
    firm, day = Enterprise.objects.get(name=first), today()
    bureau = Audience(role=Role.BUREAU)
    open_task(
        "sample:list",
        Text("核对四季度新增规上企业名单", "Check the list of enterprises new above scale in the fourth quarter"),
        "/enterprises/?above_scale=1", bureau, source="企业名录", due=add_working_days(day, 3), is_sample=True,
    )  # fmt: skip
    open_task(
        "sample:visit",
        Text("回访三家联网工厂，记下他们的意见", "Call on the three connected factories and note what they say"),
        "/machines/", bureau, source="设备联网", due=add_working_days(day, -2), urgent=True, is_sample=True,
    )  # fmt: skip
    open_task(
        "sample:county",
        Text("走访本县还没有联网的规上企业", "Visit the county's enterprises above scale that are not connected yet"),
        "/enterprises/?above_scale=1", Audience(role=Role.COUNTY, place="341522"), source="企业档案",
        due=add_working_days(day, 1), is_sample=True,
    )  # fmt: skip
    told = NewMessage(
        "sample:welcome",
        "平台通知",
        Text("填报改为先确认、再补缺", "Forms now ask you to confirm first"),
        Text("平台已经知道的数只需确认；不对可以更正，两个值都会保留。",
             "What is known only needs your confirmation; correct it if it is wrong, and both values are kept."),
        "/returns/",
        is_sample=True,
    )  # fmt: skip
    send(told, Audience(enterprise=firm.pk))
    send(told, bureau)
