"""Sites → workshops → lines → machines of one enterprise (ISA-95), and its contacts."""

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhulian.audit.rules import Subject
from zhulian.organisations.queries import MACHINE, MachineFilter, files, machines
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.files import FIELDS
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.towns import towns_of
from zhulian.organisations.workflows import contacts as contact_flows
from zhulian.organisations.workflows import places as flows
from zhulian.organisations.workflows.contacts import ContactDraft
from zhulian.organisations.workflows.places import LineDraft, SiteDraft
from zhulian.portal.looks import may_unmask
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, opened, posted
from zhulian.portal.pages.enterprise_file import frame
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.errors import Text

CONTACT_FIELDS = (
    Field("name", Text("姓名", "Name"), required=True, most=60),
    Field("duty", Text("职务", "Duty"), most=60),
    Field("phone", Text("电话", "Telephone"), "tel", most=30),
    Field("email", Text("邮箱", "E-mail"), "email", most=120),
    Field("is_main", Text("主要联系人", "Main contact"), "check"),
)
MOST_MACHINES = 500


@require_http_methods(["GET", "HEAD", "POST"])
@page
def places(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """The tree; a POST adds, renames or removes one place, or says where a machine stands."""
    around = frame(request.rights, enterprise_id, "enterprise_places")
    may_arrange = around.is_keeper or around.may_configure
    chosen = number(request.GET if request.method != "POST" else request.POST, "site", 0)
    fields = _site_fields(str(around.file.values["district"]))

    def present() -> EditForm:
        return _site_form(fields, files.places(request.rights, enterprise_id), chosen)

    form = present()
    if request.method == "POST":
        if not may_arrange:
            raise NotAllowedError
        form = posted(fields, request.POST)
        if attempt(form, lambda: _arrange(request, enterprise_id, form), present):
            messages.success(request, _("已保存。"))
            return redirect("enterprise_places", enterprise_id=enterprise_id)
        if request.POST.get("act") != "site":  # the fault stands above the form of sites, which was not the one sent
            form, chosen = EditForm(fields, {}, fault=form.fault), 0
    rows = machines(request.rights, MachineFilter(enterprise=enterprise_id), 1, MOST_MACHINES).rows
    values = {
        "frame_of": around,
        "sites": files.places(request.rights, enterprise_id),
        "machines": rows,
        "unplaced": [row for row in rows if not row.workshop],
        "may_arrange": may_arrange,
        "form": form,
        "chosen": chosen,
    }
    return render(request, "pages/enterprise_places.html", values, status=form.status)


def _site_fields(district: str) -> list[Field]:
    return [
        Field("name", Text("场所名称", "Name of the site"), required=True, most=80),
        Field("town", FIELDS["town"], "select", [("", _("未填")), *towns_of(district).items()]),
        Field("address", Text("地址", "Address"), most=200, wide=True),
        Field("opened_on", Text("启用日期", "Opened on"), "date"),
        Field("closed_on", Text("停用日期", "Closed on"), "date"),
    ]


def _site_form(fields: list[Field], rows: list[files.SiteRow], chosen: int) -> EditForm:
    """The form of one site, or an empty one."""
    row = next((one for one in rows if one.id == chosen), None)
    if row is None:
        return opened(fields, {})
    days = (("opened_on", row.opened_on), ("closed_on", row.closed_on))
    values = {"name": row.name, "town": row.town, "address": row.address}
    return opened(fields, values | {name: day.isoformat() for name, day in days if day}, row.revision)


def _arrange(request: Visit, enterprise_id: int, form: EditForm) -> None:
    scope, post = request.rights, request.POST
    name, site = str(post.get("name", "")), number(post, "site", 0)
    match post.get("act"):
        case "site":
            dates = (form.day("opened_on"), form.day("closed_on"))
            draft = SiteDraft(name, form.text("town"), form.text("address"), *dates, id=site, revision=form.revision)
            flows.save_site(scope, enterprise_id, draft)
        case "workshop":
            shop, revision = _numbers(post, "place", 2)
            flows.save_workshop(scope, enterprise_id, site, name, workshop=shop, revision=revision)
        case "line":
            shop, line, revision = _numbers(post, "place", 3)
            draft_of_line = LineDraft(name, str(post.get("product", "")), line, revision)
            flows.save_line(scope, enterprise_id, shop, draft_of_line)
        case "remove":
            flows.remove_place(scope, enterprise_id, str(post.get("kind", "")), number(post, "place", 0))
        case "machine":
            _put(scope, enterprise_id, number(post, "machine", 0), str(post.get("where", "")))
        case _:
            raise NotVisibleError(flows.SITE)


def _numbers(post: QueryDict, name: str, most: int) -> list[int]:
    """What an option says, such as ``7.2``: a record and the revision that the page showed; what is missing is 0."""
    parts = [int(part) if part.isdigit() and len(part) < 12 else 0 for part in str(post.get(name, "")).split(".")]
    return (parts + [0] * most)[:most]


def _put(scope: Scope, enterprise_id: int, machine: int, where: str) -> None:
    """``where`` is w and the workshop's number, l and the line's, or empty."""
    if not scope.machines().filter(pk=machine, enterprise=enterprise_id).exists():
        raise NotVisibleError(MACHINE)
    kind, digits = where[:1], where[1:]
    target = int(digits) if digits.isdigit() and len(digits) < 12 else 0
    flows.put_machine(scope, machine, workshop=target if kind == "w" else 0, line=target if kind == "l" else 0)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def contacts(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Whom to call; a POST saves or removes one. Numbers are masked until a keeper asks for them, which is noted."""
    around = frame(request.rights, enterprise_id, "enterprise_contacts")
    rows = files.contacts(request.rights, enterprise_id)
    chosen = number(request.GET if request.method != "POST" else request.POST, "contact", 0)
    about = Subject("enterprise", enterprise_id, around.file.name)
    is_whole = may_unmask(
        request.rights,
        about,
        enterprise_id,
        is_own=enterprise_id in request.rights.own,
        is_keeper=around.is_keeper,
        is_asked=bool(chosen) or "whole" in request.GET,
    )
    form = contact_form(rows, chosen if is_whole else 0)
    if request.method == "POST":
        if not around.is_keeper:
            raise NotAllowedError
        if request.POST.get("act") == "remove":
            contact_flows.remove_contact(request.rights, chosen, enterprise=enterprise_id)
            messages.success(request, _("联系人已删除。"))
            return redirect("enterprise_contacts", enterprise_id=enterprise_id)
        form = posted(CONTACT_FIELDS, request.POST)

        def save() -> None:
            contact_flows.save_contact(request.rights, contact_draft(form, chosen), enterprise=enterprise_id)

        if attempt(form, save, lambda: contact_form(files.contacts(request.rights, enterprise_id), chosen)):
            messages.success(request, _("联系人已保存。"))
            return redirect("enterprise_contacts", enterprise_id=enterprise_id)
    values = {"frame_of": around, "contacts": rows, "form": form, "chosen": chosen, "is_whole": is_whole}
    return render(request, "pages/enterprise_contacts.html", values, status=form.status)


def contact_form(rows: list[files.ContactRow], chosen: int) -> EditForm:
    """The form of one contact, or an empty one."""
    row = next((one for one in rows if one.id == chosen), None)
    if row is None:
        return opened(CONTACT_FIELDS, {})
    values = {"name": row.name, "duty": row.duty, "phone": row.phone, "email": row.email}
    return opened(CONTACT_FIELDS, {**values, "is_main": "1" if row.is_main else ""}, row.revision)


def contact_draft(form: EditForm, chosen: int) -> ContactDraft:
    """What was typed."""
    return ContactDraft(
        form.text("name"),
        form.text("duty"),
        form.text("phone"),
        form.text("email"),
        form.is_checked("is_main"),
        chosen,
        form.revision,
    )
