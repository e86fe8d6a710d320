"""The register of organisations that are no enterprise file: list, one entry, its form, its contacts."""

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations.queries import bodies as queries
from zhulian.organisations.queries.bodies import BodyFilter, BodyRow
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.rules.bodies import KINDS, LEVELS
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import bodies as flows
from zhulian.organisations.workflows import contacts as contact_flows
from zhulian.organisations.workflows.bodies import BodyDraft
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import may_unmask
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, choices, opened, posted
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.file_places import CONTACT_FIELDS, contact_draft, contact_form
from zhulian.portal.pages.file_words import areas, districts
from zhulian.portal.templatetags.zhulian import area_name
from zhulian.vocabulary.errors import Text

NONE = Text("", "")
COLUMNS: tuple[Column[BodyRow], ...] = (
    Column(Text("名称", "Name"), lambda row: row.name, 36),
    Column(Text("类别", "Kind"), lambda row: KINDS[row.kind], 18),
    Column(Text("平台级别", "Platform level"), lambda row: LEVELS.get(row.level, NONE), 12),
    Column(Text("统一社会信用代码", "Credit code"), lambda row: row.credit_code, 22),
    Column(Text("统计归属", "Reporting area"), lambda row: area_name(row.reporting_area), 14),
    Column(Text("领导小组成员单位", "In the leading group"), lambda row: _yes(row.in_leading_group), 12),
    Column(Text("职责", "Duty"), lambda row: row.duty, 48),
    Column(Text("平台成员", "Members"), lambda row: row.members, 10),
    Column(Text("网站", "Website"), lambda row: row.website, 30),
    Column(Text("停用日期", "Closed on"), lambda row: row.closed_on.isoformat() if row.closed_on else "", 12),
)


def _yes(holds: bool) -> Text:
    return Text("是", "yes") if holds else Text("否", "no")


@require_safe
@page
def organisations(request: Visit) -> HttpResponseBase:
    """Search, filters and paging stand in the address."""
    wanted = _filter(request.GET)
    if exports.is_asked(request):
        name, source = Text("单位名录", "Organisations"), Text("单位登记", "Register of organisations")
        rows = queries.every_body(request.rights, wanted)
        return exports.export(request, name, COLUMNS, rows, source=source, is_sample=lambda row: row.is_sample)
    found = queries.bodies(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    counted = queries.by_kind(request.rights)
    values = {
        "found": found,
        "lines": [{"row": row, "kind": KINDS[row.kind], "level": LEVELS.get(row.level)} for row in found.rows],
        "wanted": wanted,
        "kinds": [(kind, words, counted.get(kind, 0)) for kind, words in KINDS.items()],
        "levels": choices(LEVELS),
        "areas": areas(),
        "sizes": PAGE_SIZES,
        "is_narrowed": wanted != BodyFilter(),
        "may_add": _may_add(request.rights),
    }
    return render(request, "pages/organisations.html", values)


def _filter(query: QueryDict) -> BodyFilter:
    return BodyFilter(
        text=query.get("q", "")[:120],
        kind=query.get("kind", ""),
        level=query.get("level", ""),
        area=query.get("area", ""),
        leading_group=query.get("group") == "1",
    )


def _may_add(scope: Scope) -> bool:
    return scope.keeps_city or bool(scope.keeps_areas)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def organisation(request: Visit, organisation_id: int) -> HttpResponseBase:
    """One entry with its contacts and, for a platform, its members; a POST saves or removes a contact.

    Numbers are masked, as those of an enterprise are, until a keeper asks for them, which is noted.
    """
    scope = request.rights
    row = queries.body(scope, organisation_id)
    is_keeper = queries.may_keep(scope, organisation_id)
    rows = queries.contacts_of(scope, organisation_id)
    chosen = number(request.GET if request.method != "POST" else request.POST, "contact", 0)
    is_whole = may_unmask(
        scope,
        Subject("organisation", row.id, row.name),
        row.enterprise,
        is_own=organisation_id in scope.belongs_to,
        is_keeper=is_keeper,
        is_asked=bool(chosen) or "whole" in request.GET,
    )
    form = contact_form(rows, chosen if is_whole else 0)
    if request.method == "POST":
        if not is_keeper:
            raise NotAllowedError
        form = posted(CONTACT_FIELDS, request.POST)

        def present() -> EditForm:
            return contact_form(queries.contacts_of(scope, organisation_id), chosen)

        if attempt(form, lambda: _contact(request, organisation_id, form, chosen), present):
            messages.success(request, _("已保存。"))
            return redirect("organisation", organisation_id=organisation_id)
    values = {
        "row": row,
        "kind": KINDS[row.kind],
        "level": LEVELS.get(row.level),
        "contacts": rows,
        "sees_contacts": is_keeper or organisation_id in scope.belongs_to,
        "is_keeper": is_keeper,
        "is_whole": is_whole,
        "chosen": chosen,
        "form": form,
        "site": queries.sub_site_of(scope, organisation_id) if row.kind == "platform" else None,
        "members": queries.members(scope, organisation_id) if row.kind == "platform" else None,
    }
    return render(request, "pages/organisation.html", values, status=form.status)


def _contact(request: Visit, organisation_id: int, form: EditForm, chosen: int) -> None:
    if request.POST.get("act") == "remove":
        contact_flows.remove_contact(request.rights, chosen, organisation=organisation_id)
    else:
        contact_flows.save_contact(request.rights, contact_draft(form, chosen), organisation=organisation_id)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: Visit) -> HttpResponseBase:
    """Register one more."""
    if not _may_add(request.rights):
        raise NotAllowedError
    area = "" if request.rights.keeps_city else min(request.rights.keeps_areas)
    start = {"kind": request.GET.get("kind", ""), "reporting_area": area, "district": area[:6]}
    form = opened(_fields(is_officer=True), start)
    return _saved(request, form, 0)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: Visit, organisation_id: int) -> HttpResponseBase:
    """Change one entry; two people at once are told of each other."""
    if not queries.may_keep(request.rights, organisation_id):
        raise NotAllowedError
    return _saved(request, _form_of(request.rights, organisation_id), organisation_id)


def _saved(request: Visit, form: EditForm, organisation_id: int) -> HttpResponseBase:
    scope = request.rights
    if request.method == "POST":
        form = posted(form.fields, request.POST)
        made: list[int] = []

        def present() -> EditForm:
            return _form_of(scope, organisation_id)

        if attempt(form, lambda: made.append(flows.save_body(scope, _draft(scope, form, organisation_id))), present):
            messages.success(request, _("已保存。"))
            return redirect("organisation", organisation_id=made[0])
    row = queries.body(scope, organisation_id) if organisation_id else None
    return render(request, "pages/organisation_edit.html", {"row": row, "form": form}, status=form.status)


def _fields(*, is_officer: bool) -> list[Field]:
    own = [
        Field("website", Text("网站", "Website"), most=200),
        Field("introduction", Text("简介", "Introduction"), "area", most=4_000),
    ]
    if not is_officer:
        return own
    same = Text("该单位另有企业档案时填它的信用代码。", "Its credit code, where the entity has an enterprise file.")
    whole = Text("面向全市的单位不选。", "Leave empty for a body of the whole city.")
    return [
        Field("kind", Text("类别", "Kind"), "select", choices(KINDS, _("请选择")), required=True),
        Field("name", Text("名称", "Name"), required=True, most=120),
        Field("level", Text("平台级别", "Platform level"), "select", choices(LEVELS, _("不是平台"))),
        Field("credit_code", Text("统一社会信用代码", "Credit code"), most=18),
        Field("district", Text("所在县区", "District"), "select", districts(_("全市")), help=whole),
        Field("reporting_area", Text("统计归属", "Reporting area"), "select", areas(_("全市"))),
        Field("enterprise_code", Text("对应企业档案", "Enterprise file"), most=18, help=same),
        Field("closed_on", Text("停用日期", "Closed on"), "date"),
        Field("in_leading_group", Text("领导小组成员单位", "Member unit of the leading group"), "check"),
        Field("duty", Text("职责", "Duty"), most=400, wide=True),
        *own,
    ]


def _form_of(scope: Scope, organisation_id: int) -> EditForm:
    row = queries.body(scope, organisation_id)
    is_officer = scope.may_keep_area(row.reporting_area)
    fields = _fields(is_officer=is_officer)
    values = {
        "kind": row.kind,
        "name": row.name,
        "level": row.level,
        "credit_code": row.credit_code,
        "district": row.district,
        "reporting_area": row.reporting_area,
        "enterprise_code": row.enterprise_code,
        "closed_on": row.closed_on.isoformat() if row.closed_on else "",
        "in_leading_group": "1" if row.in_leading_group else "",
        "duty": row.duty,
        "website": row.website,
        "introduction": row.introduction,
    }
    return opened(fields, {one.name: values[one.name] for one in fields}, row.revision)


def _draft(scope: Scope, form: EditForm, organisation_id: int) -> BodyDraft:
    row = queries.body(scope, organisation_id) if organisation_id else None
    return BodyDraft(
        kind=form.text("kind") or (row.kind if row else ""),
        name=form.text("name"),
        credit_code=form.text("credit_code"),
        level=form.text("level"),
        district=form.text("district"),
        reporting_area=form.text("reporting_area"),
        enterprise_code=form.text("enterprise_code"),
        in_leading_group=form.is_checked("in_leading_group"),
        duty=form.text("duty"),
        introduction=form.text("introduction"),
        website=form.text("website"),
        closed_on=form.day("closed_on"),
        id=organisation_id,
        revision=form.revision,
    )
