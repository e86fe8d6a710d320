"""值班与负荷: who is told of an enterprise's alarms and in which turn; how many alarms people have to deal with."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.alarms import queries, workflows
from zhulian.alarms.models import DAYS
from zhulian.alarms.rules import ACCEPTABLE_A_DAY, MOST_A_DAY, PRIORITY_WORDS, AlarmError
from zhulian.alarms.workflows import DutyDraft
from zhulian.desk.calendar import today
from zhulian.organisations import queries as records
from zhulian.organisations.rules import NotVisibleError
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.alarms import span_words
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.errors import Text

SPANS = ((7, Text("7 天", "7 days")), (30, Text("30 天", "30 days")), (90, Text("90 天", "90 days")))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def alarm_duty(request: Visit) -> HttpResponseBase:
    """The roster of one enterprise; whoever has several chooses one in the address."""
    enterprise = _enterprise(request)
    fault: AlarmError | None = None
    if request.method == "POST":
        try:
            return _change(request, enterprise)
        except AlarmError as refused:
            fault = refused
    row = records.enterprise(request.rights, enterprise)
    second, third = queries.patience(request.rights, enterprise)
    people = {member.user: member.full_name for member in records.members(request.rights, enterprise)}
    values = {
        "enterprise": row,
        "duties": queries.duties(request.rights, enterprise),
        "second": second,
        "third": third,
        "people": people,
        "days": DAYS,
        "hours": range(25),
        "fault": fault,
        "typed": request.POST,
        "may_act": queries.may_act(request.rights, enterprise),
    }
    return render(request, "pages/alarm_duty.html", values, status=422 if fault else 200)


def _enterprise(request: Visit) -> int:
    wanted = number(request.POST or request.GET, "enterprise", 0) or number(request.GET, "enterprise", 0)
    if wanted:
        return wanted
    own = min(request.rights.own, default=None)
    if own is None:
        raise NotVisibleError(Text("企业", "enterprise"))
    return own


def _change(request: Visit, enterprise: int) -> HttpResponseBase:
    asked = request.POST
    if asked.get("act") == "patience":
        second, third = number(asked, "second", 0), number(asked, "third", 0)
        workflows.set_patience(request.rights, enterprise, second, third)
    else:
        draft = DutyDraft(
            enterprise, number(asked, "person", 0), number(asked, "level", 1), asked.get("days", "any"),
            number(asked, "start_hour", 0), number(asked, "end_hour", 24),
        )  # fmt: skip
        workflows.add_duty(request.rights, draft)
    messages.success(request, _("已保存。"))
    return redirect(f"{reverse('alarm_duty')}?enterprise={enterprise}")


@require_POST
@page
def alarm_duty_remove(request: Visit, duty_id: int) -> HttpResponseBase:
    """Take one line off the roster."""
    workflows.remove_duty(request.rights, duty_id)
    messages.success(request, _("已取消这条值班。"))
    wanted = number(request.POST, "enterprise", 0)
    return redirect(f"{reverse('alarm_duty')}?enterprise={wanted}" if wanted else reverse("alarm_duty"))


@require_safe
@page
def alarm_load(request: Visit) -> HttpResponseBase:
    """Alarms a day and operator against ISA-18.2, the worst ten rules, what chatters and what stands."""
    asked_days = number(request.GET, "days", 7)
    days = asked_days if asked_days in dict(SPANS) else 7
    enterprise = number(request.GET, "enterprise", 0) or None
    found = queries.load(request.rights, enterprise, days, today())
    most = max([day.each for day in found.days] + [float(ACCEPTABLE_A_DAY)])
    values = {
        "load": found,
        "bars": [(day, day.each / most * 100) for day in found.days],
        "limit": ACCEPTABLE_A_DAY / most * 100,
        "acceptable": ACCEPTABLE_A_DAY,
        "most": MOST_A_DAY,
        "days": days,
        "spans": SPANS,
        "priorities": [(PRIORITY_WORDS[priority], count) for priority, count in found.by_priority.items()],
        "acknowledged": span_words(found.acknowledged_s) if found.acknowledged_s is not None else "",
    }
    return render(request, "pages/alarm_load.html", values)
