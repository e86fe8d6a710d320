"""The catalogue of facts (事实目录): what may be known, what it means, and everything that is known under one key."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.evidence import queries, workflows
from zhulian.evidence.catalogue import GROUP_NAMES, PERIOD_NAMES, FactKey, option_name, unit_name
from zhulian.evidence.queries import FactFilter, KeyFilter
from zhulian.evidence.rules import EvidenceClass, EvidenceError
from zhulian.evidence.workflows import KeyChange
from zhulian.organisations.rules import NotVisibleError
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.fact_columns import grouped, shown_line
from zhulian.portal.pages.fact_figures import today_of
from zhulian.vocabulary.errors import Text, ZhulianError

KEY = Text("事实代码", "fact key")


@require_safe
@page
def fact_keys(request: Visit) -> HttpResponseBase:
    """All keys by subject; searched and narrowed by the address."""
    judged = request.GET.get("class", "")
    wanted = KeyFilter(
        text=request.GET.get("q", "")[:120],
        group=request.GET.get("group", "")[:32],
        evidence_class=EvidenceClass(judged) if judged in EvidenceClass.__members__ else None,
    )
    found = queries.keys(wanted)
    if exports.is_asked(request):
        return exports.export(request, Text("事实目录", "Catalogue of facts"), COLUMNS, found)
    values = {
        "groups": grouped(found),
        "total": len(found),
        "wanted": wanted,
        "group_names": GROUP_NAMES.items(),
        "periods": PERIOD_NAMES,
        "classes": list(EvidenceClass),
        "is_narrowed": wanted != KeyFilter(),
    }
    return render(request, "pages/fact_keys.html", values)


@require_safe
@page
def fact_key(request: Visit, key: str) -> HttpResponseBase:
    """One key, and every fact in sight that stands under it."""
    state = _state(key)
    today, keys = today_of(timezone.now()), queries.catalogue()
    standing = {"1": True, "0": False}.get(request.GET.get("standing", ""))
    wanted = FactFilter(text=request.GET.get("q", "")[:120], key=key, is_standing=standing)
    found = queries.facts(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    values = {
        "key": state.key,
        "state": state,
        "unit": unit_name(state.key.unit),
        "period": PERIOD_NAMES[state.key.period],
        "group": GROUP_NAMES[state.key.group],
        "options": [option_name(option) for option in state.key.options],
        "found": found,
        "lines": [(line, shown_line(keys, line, today)) for line in found.rows],
        "wanted": wanted,
        "sizes": PAGE_SIZES,
        "may_change": request.rights.keeps_city,
        "query": request.GET.urlencode(),
    }
    return render(request, "pages/fact_key.html", values)


@require_http_methods(["GET", "HEAD", "POST"])
@page
def fact_key_edit(request: Visit, key: str) -> HttpResponseBase:
    """The bureau changes names, owner, validity, tolerance, or switches a key off."""
    if not request.rights.keeps_city:
        raise PermissionDenied
    state = _state(key)
    fault: ZhulianError | None = None
    if request.method == "POST":
        try:
            workflows.change_key(request.rights, _change(request, key))
        except ZhulianError as error:
            fault = error
        else:
            messages.success(request, _("已保存。新登记的事实按新的设定，已有的不变。"))
            return redirect("fact_key", key)
    values = {"key": state.key, "state": state, "typed": _typed(request, state), "fault": fault}
    return render(request, "pages/fact_key_edit.html", values, status=422 if fault else 200)


def _state(key: str) -> queries.KeyState:
    try:
        return queries.key_state(key)
    except EvidenceError as fault:
        raise NotVisibleError(KEY) from fault


def _typed(request: HttpRequest, state: queries.KeyState) -> dict[str, object]:
    """What the form shows: what was typed, or what is in force as a change."""
    if request.method == "POST":
        return dict(request.POST.items())
    changed = {name: "" if value is None else value for name, value in state.changes.items()}
    tolerance = state.changes.get("tolerance")
    percent = f"{tolerance * 100:g}" if isinstance(tolerance, float) else ""
    return changed | {"tolerance": percent, "revision": state.revision}


def _change(request: HttpRequest, key: str) -> KeyChange:
    given = request.POST
    days, tolerance = given.get("validity_days", "").strip(), given.get("tolerance", "").strip()
    return KeyChange(
        key=key,
        revision=number(given, "revision", 0),
        name_zh=given.get("name_zh", ""),
        name_en=given.get("name_en", ""),
        owner=given.get("owner", ""),
        validity_days=(number(given, "validity_days", -1) if days else None),
        tolerance=(_percent(tolerance) if tolerance else None),
        is_off=given.get("is_off") == "on",
    )


def _percent(text: str) -> float:
    try:
        return float(text) / 100
    except ValueError:
        return -1.0  # which the workflow refuses with the bounds


COLUMNS: tuple[Column[FactKey], ...] = (
    Column(Text("代码", "Key"), lambda row: row.key, 28),
    Column(Text("名称", "Name"), lambda row: row.name, 24),
    Column(Text("含义", "Meaning"), lambda row: row.meaning, 60),
    Column(Text("单位", "Unit"), lambda row: unit_name(row.unit), 12),
    Column(Text("计数方式", "Counted"), lambda row: PERIOD_NAMES[row.period], 10),
    Column(Text("接受等级", "Classes"), lambda row: " ".join(row.classes), 10),
    Column(Text("负责", "Owner"), lambda row: row.owner, 16),
    Column(Text("怎样测得", "How it is measured"), lambda row: row.measured, 40),
    Column(Text("有效期（天）", "Validity in days"), lambda row: row.validity_days, 12),
    Column(Text("允许偏差", "Tolerance"), lambda row: row.tolerance, 10),
)
