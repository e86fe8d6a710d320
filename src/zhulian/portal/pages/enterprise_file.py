"""One enterprise, one file (一企一档): what it says, where it works, whom to call, what happened, where it belongs."""

from dataclasses import dataclass

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import queries, workflows
from zhulian.organisations.queries import files
from zhulian.organisations.queries.files import EnterpriseFile
from zhulian.organisations.rules import NotAllowedError, industry_name
from zhulian.organisations.rules.files import FIELDS, SIZES, EventKind, size_by_rule
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import NewEnterprise
from zhulian.organisations.workflows.files import save_file
from zhulian.organisations.workflows.history import Cause
from zhulian.portal.looks import shown as looked_at
from zhulian.portal.pages.access import Visit, page, reach
from zhulian.portal.pages.edit_form import EditForm, attempt, opened, posted
from zhulian.portal.pages.enterprise_facts import facts_part
from zhulian.portal.pages.file_words import CAUSE_FIELDS, as_typed, file_fields, read, shown
from zhulian.portal.pages.live_factory import live_machines
from zhulian.portal.pages.words import machines_sentence
from zhulian.portal.telemetry_access import telemetry
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.errors import Text

TABS = (
    ("enterprise", Text("基本信息", "Particulars")),
    ("enterprise_places", Text("场所与产线", "Sites and lines")),
    ("enterprise_contacts", Text("联系人", "Contacts")),
    ("enterprise_events", Text("事件", "Events")),
    ("enterprise_chains", Text("产业链与平台", "Chains and platforms")),
    ("enterprise_members", Text("成员", "People")),
)
_SHOWN = [name for name in FIELDS if name not in {"name", "status", "successor"}]


@dataclass(frozen=True, slots=True)
class Frame:
    """What every part of a file's pages shows around itself."""

    file: EnterpriseFile
    here: str
    is_keeper: bool
    is_officer: bool
    may_configure: bool
    sees_several: bool

    @property
    def tabs(self) -> list[tuple[str, Text]]:
        """URL names and words of the parts."""
        return list(TABS)

    @property
    def status(self) -> str:
        """In words, when it is not active."""
        return "" if self.file.is_active else shown("status", self.file.values["status"])


def frame(scope: Scope, enterprise_id: int, here: str) -> Frame:
    """The frame for one file in sight."""
    found = files.file(scope, enterprise_id)
    looked_at(scope, "enterprise", Subject("enterprise", enterprise_id, found.name), enterprise_id)
    is_officer = scope.may_keep_area(found.area)
    return Frame(
        file=found,
        here=here,
        is_keeper=is_officer or scope.may_keep(enterprise_id),
        is_officer=is_officer,
        may_configure=scope.may_configure(enterprise_id),
        sees_several=scope.sees_several,
    )


@require_safe
@page
def enterprise(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """The particulars, and what is connected."""
    around = frame(request.rights, enterprise_id, "enterprise")
    found = queries.factory(request.rights, enterprise_id)
    live = live_machines(found.machines)
    activity = reach(lambda: telemetry().activity(), {})
    values = around.file.values
    values_shown = [(said(FIELDS[name]), shown(name, values[name])) for name in _SHOWN]
    return render(
        request,
        "pages/enterprise.html",
        {
            "frame_of": around,
            "enterprise": found.enterprise,
            "particulars": values_shown,
            "known": sum(bool(words) for _label, words in values_shown),
            "size_hint": _size_hint(around.file),
            "industry": industry_name(found.enterprise.industry),
            "former": former_names(request.rights, around.file),
            "live": live,
            "sentence": machines_sentence(live.counted(), live.outage),
            "activity": activity.value.get(found.enterprise.id),
            "outage": live.outage,
            **facts_part(request.rights, found.enterprise),
        },
    )


def former_names(scope: Scope, found: EnterpriseFile) -> list[str]:
    """What it was called before, the latest first."""
    named = {EventKind.REGISTERED, EventKind.RENAMED}
    rows = [row for row in files.events(scope, found.id) if row.withdrawn_at is None and row.kind in named]
    names = [str(side["name"]) for row in rows for side in (row.changes, row.before) if side.get("name")]
    return [name for name in dict.fromkeys(names) if name != found.name]


def _size_hint(found: EnterpriseFile) -> str:
    """What the national rule would say, when the file says otherwise."""
    values = found.values
    employees, revenue = values["employees"], values["revenue_fen"]
    by_rule = size_by_rule(
        str(values["industry"]),
        employees if isinstance(employees, int) else None,
        revenue if isinstance(revenue, int) else None,
    )
    if not by_rule or by_rule == values["size"]:
        return ""
    return _("按人数和收入，应为%(size)s") % {"size": said(SIZES[by_rule])}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Change particulars; two people at once are told of each other."""
    around = frame(request.rights, enterprise_id, "enterprise")
    if not around.is_keeper:
        raise NotAllowedError
    fields = [*file_fields(is_officer=around.is_officer), *CAUSE_FIELDS]

    def present() -> EditForm:
        now = files.file(request.rights, enterprise_id)
        typed = as_typed(now.values)
        return opened(fields, {one.name: typed.get(one.name, "") for one in fields if one.name in FIELDS}, now.revision)

    form = present()
    if request.method == "POST":
        form = posted(fields, request.POST)
        form.was = {name: value for name, value in form.was.items() if name in FIELDS}
        if attempt(form, lambda: _save(request.rights, enterprise_id, form), present):
            messages.success(request, _("档案已保存。"))
            return redirect("enterprise", enterprise_id=enterprise_id)
    return render(request, "pages/enterprise_edit.html", {"frame_of": around, "form": form}, status=form.status)


def _save(scope: Scope, enterprise_id: int, form: EditForm) -> None:
    save_file(scope, enterprise_id, read(form), form.revision, cause_of(form))


def cause_of(form: EditForm) -> Cause:
    """Day, document and note as typed."""
    return Cause(form.day("on"), form.text("document"), form.text("note"))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def new(request: Visit) -> HttpResponseBase:
    """Open a file, for the bureau and the officers of an area."""
    scope = request.rights
    if not (scope.keeps_city or scope.keeps_areas):
        raise NotAllowedError
    fields = [*file_fields(is_officer=True), *CAUSE_FIELDS[:1]]
    area = min(scope.keeps_areas, default="")
    form = opened(fields, {"reporting_area": area, "district": area[:6]})
    if request.method == "POST":
        form = posted(fields, request.POST)
        made: list[int] = []
        if attempt(form, lambda: made.append(_open(scope, form))):
            messages.success(request, _("企业档案已建立。"))
            return redirect("enterprise", enterprise_id=made[0])
    today = timezone.localdate()
    return render(request, "pages/enterprise_new.html", {"form": form, "today": today}, status=form.status)


def _open(scope: Scope, form: EditForm) -> int:
    values = read(form)
    own = {"name", "credit_code", "industry", "district", "reporting_area", "above_scale"}
    given = NewEnterprise(
        name=str(values["name"]),
        credit_code=str(values["credit_code"]),
        industry=str(values["industry"]),
        district=str(values["district"]),
        reporting_area=str(values["reporting_area"]),
        above_scale=bool(values["above_scale"]),
        more={name: value for name, value in values.items() if name not in own},
        on=form.day("on"),
    )
    return workflows.create_enterprise(scope, given)


@require_safe
@page
def members(request: Visit, enterprise_id: int) -> HttpResponseBase:
    """Who belongs to it, in which role."""
    around = frame(request.rights, enterprise_id, "enterprise_members")
    rows = queries.members(request.rights, enterprise_id)
    known = set(request.rights.people().filter(pk__in=[row.user for row in rows]).values_list("pk", flat=True))
    may_open = known if request.rights.sees_people else set()
    values = {"frame_of": around, "members": rows, "may_open": may_open}
    return render(request, "pages/enterprise_members.html", values)
