"""送达渠道, for the administrator: group robots and other systems, a test message, and the outbox with its failures."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhulian.desk import queries, workflows
from zhulian.desk.channels import KINDS, Line
from zhulian.desk.rules import Audience, DeskError
from zhulian.desk.workflows import ChannelDraft
from zhulian.organisations.rules import NotAllowedError
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.city_map import place_name
from zhulian.portal.pages.enterprises import number, size
from zhulian.portal.pages.preferences import HOURS, quiet_of
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import REPORTING_AREAS
from zhulian.vocabulary.roles import ROLE_NAMES, Role

OUTBOX = (
    ("", Text("全部", "All")),
    ("waiting", Text("等待发送", "Waiting")),
    ("failed", Text("没有送达", "Failed")),
    ("sent", Text("已送达", "Sent")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def channels(request: Visit) -> HttpResponseBase:
    """Every channel and the outbox; a POST adds a channel."""
    fault: DeskError | None = None
    if request.method == "POST":
        try:
            workflows.save_channel(request.rights, _draft(request), line())
            messages.success(request, _("渠道已添加。发一条测试消息，确认它通了。"))
            return redirect("channels")
        except DeskError as refused:
            fault = refused
    state = request.GET.get("state", "")
    values = {
        "rows": queries.channels(request.rights),
        "counts": queries.delivery_counts(request.rights, datetime.now(UTC)),
        "outbox": queries.deliveries(request.rights, state, number(request.GET, "page", 1), size(request.GET)),
        "state": state,
        "states": OUTBOX,
        "has_mail": bool(settings.ZHULIAN["ZHULIAN_SMTP_HOST"]),
        "mail_host": settings.ZHULIAN["ZHULIAN_SMTP_HOST"],
        "fault": fault,
        **_choices(request),
    }
    return render(request, "pages/channels.html", values, status=422 if fault else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def channel(request: Visit, channel_id: int) -> HttpResponseBase:
    """One channel: change it, try it, shut it."""
    fault: DeskError | None = None
    row = queries.channel(request.rights, channel_id)
    if request.method == "POST":
        try:
            return _act(request, channel_id)
        except DeskError as refused:
            fault = refused
    return render(
        request, "pages/channel.html", {"row": row, "fault": fault, **_choices(request)}, status=422 if fault else 200
    )


def _act(request: Visit, channel_id: int) -> HttpResponseBase:
    act = request.POST.get("act", "")
    if act == "try":
        workflows.try_channel(request.rights, channel_id, settings.ZHULIAN.portal_url, line(), datetime.now(UTC))
        messages.success(request, _("测试消息已送达，请到群里看一眼。"))
    elif act == "close":
        workflows.close_channel(request.rights, channel_id)
        messages.success(request, _("渠道已停用。"))
        return redirect("channels")
    else:
        workflows.save_channel(request.rights, _draft(request), line(), channel_id)
        messages.success(request, _("渠道已保存。"))
    return redirect("channel", channel_id=channel_id)


@require_POST
@page
def mail_test(request: Visit) -> HttpResponseBase:
    """A test e-mail to the administrator's own address."""
    try:
        address = workflows.try_mail(request.rights, settings.ZHULIAN.portal_url, datetime.now(UTC))
        messages.success(request, _("测试邮件已交给邮件服务器，收件人 %(address)s。") % {"address": address})
    except DeskError as fault:
        messages.error(request, fault.in_language(request.user.language))
    return redirect("channels")


@require_POST
@page
def delivery_again(request: Visit, delivery_id: int) -> HttpResponseBase:
    """Another round for a delivery that failed."""
    workflows.send_again(request.rights, delivery_id)
    messages.success(request, _("已重新排队，一两分钟内再试。"))
    return redirect("channels")


def line() -> Line:
    """The way out, with the city's exceptions."""
    return Line.allowing(settings.ZHULIAN["ZHULIAN_WEBHOOK_HOSTS"])


def _draft(request: Visit) -> ChannelDraft:
    if not request.rights.administers:
        raise NotAllowedError
    posted = request.POST.get
    return ChannelDraft(
        name=posted("name", ""),
        kind=posted("kind", ""),
        url=posted("url", ""),
        secret=posted("secret", ""),
        audience=_audience(request),
        language=posted("language", "zh-hans"),
        quiet=quiet_of(request),
    )


def _audience(request: Visit) -> Audience:
    role, place = request.POST.get("role", ""), request.POST.get("place", "")
    known = role if role in ROLE_NAMES else ""
    enterprise = number(request.POST, "enterprise", 0) or None
    if not (known or place or enterprise):
        raise DeskError(
            "channel_for_nobody",
            Text("没有保存：还没有说明这个群里是谁。", "Nothing was saved: it is not said who is in the group."),
            Text("请选择县区或角色。", "Choose a place or a role."),
        )
    return Audience(role=Role(known) if known else None, place=place, enterprise=enterprise)


def _choices(request: Visit) -> dict[str, object]:
    return {
        "kinds": KINDS.values(),
        "areas": [(place.code, place_name(place)) for place in REPORTING_AREAS],
        "roles": [(role.value, name) for role, name in ROLE_NAMES.items()],
        "hours": HOURS,
        "typed": request.POST,
    }
