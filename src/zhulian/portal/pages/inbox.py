"""消息: what one was told, by subject; opening a message marks it as read."""

from django.contrib import messages as notices
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.desk import calendar, queries, workflows
from zhulian.desk.queries import MessageFilter, MessageRow
from zhulian.portal import exports
from zhulian.portal.exports import Column, every
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.vocabulary.errors import Text


@require_http_methods(["GET", "HEAD", "POST"])
@page
def inbox(request: Visit) -> HttpResponseBase:
    """Newest first; a POST marks everything as read."""
    if request.method == "POST":
        count = workflows.read_all(request.rights)
        notices.success(request, ngettext("%(n)s 条消息标为已读。", "%(n)s 条消息标为已读。", count) % {"n": count})
        return redirect("messages")
    asked = request.GET.get
    wanted = MessageFilter(asked("q", "")[:120], asked("subject", ""), unread=asked("unread") == "1")
    if exports.is_asked(request):
        rows = every(lambda n: queries.messages(request.rights, wanted, n, 500))
        name, source = Text("消息", "Messages"), Text("工作台", "The desk")
        return exports.export(request, name, COLUMNS, rows, source=source, is_sample=lambda row: row.is_sample)
    unread = queries.badge(request.rights, calendar.today()).unread
    values = {
        "found": queries.messages(request.rights, wanted, number(request.GET, "page", 1), size(request.GET)),
        "wanted": wanted,
        "subjects": queries.subjects(request.rights),
        "sizes": PAGE_SIZES,
        "unread": unread,
        "is_narrowed": wanted != MessageFilter(),
        "sentence": ngettext("%(n)s 条未读", "%(n)s 条未读", unread) % {"n": unread} if unread else _("都已读过"),
    }
    return render(request, "pages/messages.html", values)


COLUMNS: tuple[Column[MessageRow], ...] = (
    Column(Text("标题", "Title"), lambda row: row.title, 40),
    Column(Text("主题", "Subject"), lambda row: row.subject, 14),
    Column(Text("内容", "Text"), lambda row: row.body, 60),
    Column(Text("时间", "Time"), lambda row: exports.local(row.sent_at), 20),
    Column(Text("读过", "Read at"), lambda row: exports.local(row.read_at), 20),
)


@require_safe
@page
def message(request: Visit, message_id: int) -> HttpResponseBase:
    """One message in full."""
    row = queries.message(request.rights, message_id)
    workflows.read_message(request.rights, message_id)
    return render(request, "pages/message.html", {"row": row})
