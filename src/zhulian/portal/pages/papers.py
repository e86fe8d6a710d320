"""The enterprise file on paper, and the public page that says whether a paper was issued here."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from zhulian.organisations import queries
from zhulian.organisations.queries import files
from zhulian.organisations.rules.files import EVENT_NAMES, FIELDS
from zhulian.organisations.tenancy import Scope
from zhulian.papers import workflows
from zhulian.papers.queries import PaperRow, verified
from zhulian.papers.rules import grouped
from zhulian.papers.workflows import NewPaper
from zhulian.portal.exports import SAMPLE, as_file
from zhulian.portal.navigation import main_role
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.file_words import shown
from zhulian.portal.templatetags.zhulian import area_name, said
from zhulian.spreadsheets.document import Document, Section, write_document
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import CITY_EN, CITY_ZH
from zhulian.vocabulary.roles import ROLE_NAMES

_MOST_EVENTS = 40
MOST_A_MINUTE = 30
"""Verifications from one address."""


@require_POST
@page
def enterprise_paper(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """The file as an A4 document with a number of its own; each printing is a new paper."""
    row = queries.enterprise(request.rights, enterprise_id)
    paper = workflows.issue(request.rights, NewPaper("enterprise_file", enterprise_id, _office(request.rights)))
    address = settings.ZHULIAN.portal_url + reverse("verify", args=[paper.code])
    document = Document(
        title=said(paper.title),
        subtitle=paper.subject,
        number=paper.number,
        sections=_sections(request.rights, row),
        verify_url=address,
        verify_words=(_("扫码或打开网址核验"), f"{_('核验码')} {grouped(paper.code)}"),
        stamp_words=_("盖章"),
        signature_words=_("签字"),
        page_words=_("第 %(page)s 页，共 %(pages)s 页"),
        sample_words=said(SAMPLE) if paper.is_sample else "",
    )
    name = f"{said(paper.title)} {paper.subject}"
    return as_file(write_document(document), name, "pdf", "application/pdf", is_sample=paper.is_sample)


def _sections(scope: Scope, row: queries.EnterpriseRow) -> list[Section]:
    file = files.file(scope, row.id)
    known = [(said(words), shown(name, file.values.get(name))) for name, words in FIELDS.items()]
    connected = [
        (_("网关"), str(row.gateways)),
        (_("设备"), str(row.machines)),
        (_("点位"), str(row.points)),
    ]
    events = [event for event in files.events(scope, row.id) if event.withdrawn_at is None][-_MOST_EVENTS:]
    happened = [(str(event.on), said(EVENT_NAMES[event.kind]), event.document or "—") for event in events]
    now = timezone.localtime().strftime("%Y-%m-%d %H:%M")
    issued = [(_("出具单位"), _office(scope)), (_("出具人"), scope.name), (_("截至时间"), now)]
    return [
        Section(_("基本情况"), [line for line in known if line[1]]),
        Section(_("接入情况"), connected),
        Section(_("历次变更"), happened, (_("日期"), _("事件"), _("文号"))),
        Section(_("出具"), issued),
    ]


def _office(scope: Scope) -> str:
    """In whose name the person prints: city, area or enterprise, and the role."""
    role = main_role(scope)
    words = said(ROLE_NAMES[role]) if role else scope.name
    if scope.areas and not scope.whole_city:
        return "、".join(area_name(code) for code in sorted(scope.areas)) + f" · {words}"
    if scope.whole_city:
        return f"{said(Text(CITY_ZH, CITY_EN))} · {words}"
    return words


@login_not_required
@require_safe
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Whether a paper was issued here: number, day, office and whom it is about, which is all printed on it."""
    if _asks_too_often(request):
        answer = render(request, "pages/verify.html", {"is_slow": True}, status=429)
        answer["Retry-After"] = "60"
        return answer
    paper: PaperRow | None = verified(code)
    values = {"paper": paper, "code": grouped(paper.code) if paper else code[:40]}
    return render(request, "pages/verify.html", values, status=200 if paper else 404)


def _asks_too_often(request: HttpRequest) -> bool:
    key = f"verify:{request.META.get('REMOTE_ADDR', '')}"
    cache.add(key, 0, 60)
    try:
        return cache.incr(key) > MOST_A_MINUTE
    except ValueError:  # it has just run out
        return False
