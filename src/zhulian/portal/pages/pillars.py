"""The dictionary of pillar industries and chains: which GB/T 4754 codes count to which, and how many firms that is."""

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.organisations.queries import pillars as queries
from zhulian.organisations.queries.pillars import PillarRow
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, industry_name
from zhulian.organisations.rules.bodies import POSITIONS
from zhulian.organisations.tenancy import Scope
from zhulian.organisations.workflows import pillars as flows
from zhulian.organisations.workflows.pillars import PillarDraft
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, opened, posted
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.errors import Text

_CODES_HELP = Text(
    "GB/T 4754 代码的开头，用空格或换行分开，例如 C36 C3985；更长的开头优先。",
    "Beginnings of GB/T 4754 codes, separated by blanks, such as C36 C3985; the longer beginning wins.",
)
_SOURCE_HELP = Text(
    "文件名称和文号；没有见到文件就留空。", "Title and number of the paper; empty while nobody has seen one."
)
FIELDS = (
    Field("name", Text("产业名称", "Name"), required=True, most=60),
    Field("name_en", Text("英文名称", "Name in English"), most=120),
    Field("source", Text("依据文件", "Source"), most=200, help=_SOURCE_HELP, wide=True),
    Field("position", Text("排序", "Order"), "number", most=3),
    Field("codes", Text("行业代码", "Industry codes"), "area", most=2_000, help=_CODES_HELP),
)
COLUMNS: tuple[Column[PillarRow], ...] = (
    Column(Text("产业", "Industry"), lambda row: row.name, 24),
    Column(Text("英文名称", "In English"), lambda row: row.name_en, 30),
    Column(Text("行业代码", "Codes"), lambda row: " ".join(row.codes), 40),
    Column(Text("依据文件", "Source"), lambda row: row.source, 40),
    Column(Text("企业", "Enterprises"), lambda row: row.enterprises, 10),
)


@require_safe
@page
def pillars(request: Visit) -> HttpResponseBase:
    """The dictionary as it is, its chains, and what no entry counts."""
    rows = queries.pillars(request.rights)
    if exports.is_asked(request):
        name, source = Text("支柱产业字典", "Pillar industries"), Text("支柱产业字典", "Dictionary")
        return exports.export(request, name, COLUMNS, rows, source=source, is_sample=lambda row: row.is_sample)
    values = {
        "lines": [{"row": row, "codes": [(code, industry_name(code)) for code in row.codes]} for row in rows],
        "without": queries.in_no_pillar(request.rights),
        "hidden": request.rights.hidden_enterprises(),
        "chains": queries.chains(request.rights),
        "may_edit": request.rights.keeps_city,
        "has_sample": any(row.is_sample for row in rows),
    }
    return render(request, "pages/pillars.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: Visit, pillar_id: int) -> HttpResponseBase:
    """One entry; 0 is a new one. For the bureau."""
    if not request.rights.keeps_city:
        raise NotAllowedError
    form = _form_of(request.rights, pillar_id)
    if request.method == "POST":
        if request.POST.get("act") == "remove":
            flows.remove_pillar(request.rights, pillar_id)
            messages.success(request, _("已从字典移除。"))
            return redirect("pillars")
        form = posted(FIELDS, request.POST)
        if attempt(form, lambda: _save(request.rights, pillar_id, form), lambda: _form_of(request.rights, pillar_id)):
            messages.success(request, _("字典已保存，企业已按新的对应关系归类。"))
            return redirect("pillars")
    return render(request, "pages/pillar_edit.html", {"form": form, "pillar_id": pillar_id}, status=form.status)


def _form_of(scope: Scope, pillar_id: int) -> EditForm:
    if not pillar_id:
        return opened(FIELDS, {})
    row = next((one for one in queries.pillars(scope) if one.id == pillar_id), None)
    if row is None:
        raise NotVisibleError(flows.PILLAR)
    values = {"name": row.name, "name_en": row.name_en, "source": row.source, "position": str(row.position)}
    return opened(FIELDS, {**values, "codes": " ".join(row.codes)}, row.revision)


def _save(scope: Scope, pillar_id: int, form: EditForm) -> None:
    codes = form.text("codes").replace("，", " ").replace(",", " ").replace("、", " ").split()
    draft = PillarDraft(
        form.text("name"),
        form.text("name_en"),
        form.text("source"),
        form.whole("position") or 0,
        codes,
        id=pillar_id,
        revision=form.revision,
    )
    flows.save_pillar(scope, draft)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def chain(request: Visit, chain_id: int) -> HttpResponseBase:
    """One chain with who stands where in it; 0 is a new one. A POST saves its names."""
    scope = request.rights
    row = next((one for one in queries.chains(scope) if one.id == chain_id), None)
    if (row is None and chain_id) or (not chain_id and not scope.keeps_city):
        raise NotVisibleError(flows.CHAIN) if chain_id else NotAllowedError
    named = [("", _("不归属")), *((str(one.id), one.name) for one in queries.pillars(scope))]
    fields = [*FIELDS[:2], Field("pillar", Text("所属支柱产业", "Pillar industry"), "select", named)]
    start = {"name": row.name, "name_en": row.name_en, "pillar": str(row.pillar or "")} if row else {}
    form = opened(fields, start)
    if request.method == "POST":
        form = posted(fields, request.POST)
        pillar = number(request.POST, "pillar", 0) or None

        def save() -> None:
            flows.save_chain(scope, form.text("name"), form.text("name_en"), pillar=pillar, chain=chain_id)

        if attempt(form, save):
            messages.success(request, _("产业链已保存。"))
            return redirect("pillars")
    members = queries.chain_members(scope, chain_id) if row else []
    grouped = [(words, [one for one in members if one[0] == key]) for key, words in POSITIONS.items()]
    values = {"row": row, "form": form, "grouped": grouped, "may_edit": scope.keeps_city}
    return render(request, "pages/chain.html", values, status=form.status)
