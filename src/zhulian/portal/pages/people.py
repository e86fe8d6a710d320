"""People: the list, inviting a colleague, one person's seats, and handing over when somebody leaves."""

from django.conf import settings
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from zhulian.audit.rules import Subject
from zhulian.organisations import workflows
from zhulian.organisations.queries import people as queries
from zhulian.organisations.queries.people import PeopleFilter, PersonRow
from zhulian.organisations.rules import NotAllowedError, RecordsError
from zhulian.organisations.workflows import NewInvitation
from zhulian.organisations.workflows.invitations import DAYS
from zhulian.portal import exports
from zhulian.portal.exports import Column
from zhulian.portal.looks import listed, shown, table
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import PAGE_SIZES, number, size
from zhulian.portal.pages.seat_form import chosen_role, is_of_form, question, role_choices, seat_in, whole
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import ROLE_NAMES, Role

NAME = Text("人员", "People")


def _only_those_who_see_people(request: Visit) -> None:
    if not request.rights.sees_people:
        raise NotAllowedError


@require_safe
@page
def people(request: Visit) -> HttpResponseBase:
    """Who has an account here; filters and order stand in the address."""
    _only_those_who_see_people(request)
    wanted = _filter(request)
    if exports.is_asked(request):
        return _export(request, wanted)
    found = queries.people(request.rights, wanted, number(request.GET, "page", 1), size(request.GET))
    listed(request.rights, table("people", NAME), (house for row in found.rows for house in _houses(row)))
    values = {
        "found": found,
        "wanted": wanted,
        "roles": [(role.value, ROLE_NAMES[role]) for role in Role],
        "sizes": PAGE_SIZES,
        "hidden": request.rights.hidden_people(),
        "is_narrowed": wanted != PeopleFilter(order=wanted.order),
        "may_invite": bool(request.rights.roles_to_give()),
        "undoable": queries.undoable(request.rights),
        "invitations": [row for row in queries.invitations(request.rights) if row.state == "open"],
    }
    return render(request, "pages/people.html", values)


def _filter(request: Visit) -> PeopleFilter:
    query = request.GET
    return PeopleFilter(
        text=query.get("q", "")[:120],
        role=query.get("role", ""),
        state=query.get("state", "active"),
        enterprise=whole(query, "enterprise"),
        organisation=whole(query, "organisation"),
        order=query.get("order", "name"),
    )


def _seats(row: PersonRow) -> Text:
    seats = [(seat.role_name, seat.where) for seat in row.seats]
    return Text(
        "；".join(f"{role.zh}（{where.zh}）" for role, where in seats),
        "; ".join(f"{role.en} ({where.en})" for role, where in seats),
    )


COLUMNS: tuple[Column[PersonRow], ...] = (
    Column(Text("姓名", "Name"), lambda row: row.name),
    Column(Text("用户名", "User name"), lambda row: row.username),
    Column(Text("邮箱", "E-mail"), lambda row: row.email, 28),
    Column(Text("角色", "Roles"), _seats, 40),
    Column(Text("状态", "State"), lambda row: Text("正常", "open") if row.is_active else Text("已停用", "closed"), 10),
    Column(Text("最近登录", "Last sign-in"), lambda row: exports.local(row.last_sign_in)),
)


def _export(request: Visit, wanted: PeopleFilter) -> HttpResponseBase:
    rows = exports.every(lambda n: queries.people(request.rights, wanted, n, 500))
    hidden = request.rights.hidden_people()
    source = Text("账号与角色", "Accounts and roles")
    return exports.export(request, NAME, COLUMNS, rows, source=source, hidden=hidden, owners=_houses)


def _houses(row: PersonRow) -> set[int]:
    """The enterprises that the person belongs to."""
    return {seat.enterprise for seat in row.seats if seat.enterprise is not None}


@require_http_methods(["GET", "HEAD", "POST"])
@page
def invite(request: Visit) -> HttpResponseBase:
    """First which role, then where and whom; a POST shows the link, this once."""
    if not request.rights.roles_to_give():
        raise NotAllowedError
    role = chosen_role(request.rights, request.GET if request.method != "POST" else request.POST)
    if role is None:
        if request.method == "POST":
            raise NotAllowedError
        return render(request, "pages/invite_role.html", {"roles": role_choices(request.rights)})
    fault: RecordsError | None = None
    if request.method == "POST":
        try:
            return _invited(request, role)
        except RecordsError as refused:
            if not is_of_form(refused) and not request.POST.get("code"):
                raise
            fault = refused
    typed = request.POST if request.method == "POST" else request.GET
    values = {"question": question(request.rights, role), "typed": typed, "fault": fault, "days": DAYS}
    return render(request, "pages/invite.html", values, status=422 if fault else 200)


def _invited(request: Visit, role: Role) -> HttpResponseBase:
    form = request.POST
    wanted = NewInvitation(
        seat=seat_in(request.rights, role, form),
        name=form.get("name", ""),
        email=form.get("email", ""),
        leads=form.get("leads") == "on",
        days=whole(form, "days") or 7,
    )
    made = workflows.invite(request.rights, wanted)
    address = settings.ZHULIAN.portal_url + reverse("invitation", args=[made.secret])
    values = {"address": address, "expires_at": made.expires_at, "name": wanted.name, "role": ROLE_NAMES[role]}
    return render(request, "pages/invite_link.html", values)


@require_POST
@page
def withdraw(request: Visit, invitation_id: int) -> HttpResponseBase:
    """An open link becomes worthless."""
    workflows.withdraw_invitation(request.rights, invitation_id)
    messages.success(request, _("邀请已撤回，原来的链接不再有效。"))
    return redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def person(request: Visit, person_id: int) -> HttpResponseBase:
    """One person: what they are, where; a POST gives one more role."""
    row = queries.person(request.rights, person_id)
    fault: RecordsError | None = None
    role = chosen_role(request.rights, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST":
        if role is None:
            raise NotAllowedError
        try:
            seat = seat_in(request.rights, role, request.POST)
            workflows.give_seat(request.rights, person_id, seat, leads=request.POST.get("leads") == "on")
            messages.success(request, _("角色已给予。"))
            return redirect("person", person_id=person_id)
        except RecordsError as refused:
            if not is_of_form(refused) and not request.POST.get("code"):
                raise
            fault = refused
    _noted(request, row)
    return render(request, "pages/person.html", _person(request, row, role, fault), status=422 if fault else 200)


def _noted(request: Visit, row: PersonRow) -> None:
    """Each house that the person belongs to may know who looked at its people; oneself is nobody else."""
    if row.id == request.rights.person:
        return
    for house in _houses(row):
        shown(request.rights, "person", Subject("account", row.id, row.name), house)


def _person(request: Visit, row: PersonRow, role: Role | None, fault: RecordsError | None) -> dict[str, object]:
    scope = request.rights
    may_take = [
        seat.id for seat in row.seats if scope.may_give(seat.role, seat.enterprise, seat.organisation, seat.place)
    ]
    is_self = row.id == scope.person
    return {
        "row": row,
        "is_self": is_self,
        "may_take": may_take,
        "roles": role_choices(scope),
        "question": question(scope, role) if role else None,
        "typed": request.POST if request.method == "POST" else request.GET,
        "fault": fault,
        "delegations": queries.delegations(scope, row.id),
        "keys": queries.key_count(scope, row.id),
        "may_hand_over": row.is_active and (is_self or (len(may_take) == len(row.seats) and not row.hidden)),
    }


@require_POST
@page
def take_seat(request: Visit, person_id: int, seat_id: int) -> HttpResponseBase:
    """One role less; the account stays."""
    try:
        workflows.take_seat(request.rights, seat_id)
        messages.success(request, _("角色已收回。"))
    except RecordsError as refused:
        if not is_of_form(refused):
            raise
        messages.error(
            request,
            f"{refused.what.in_language(request.LANGUAGE_CODE)}{refused.next_step.in_language(request.LANGUAGE_CODE)}",
        )
    seen = request.rights.people().filter(pk=person_id).exists()
    return redirect("person", person_id=person_id) if seen else redirect("people")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def hand_over(request: Visit, person_id: int) -> HttpResponseBase:
    """What is open with the person, and to whom it goes; a POST does it in one step."""
    row = queries.person(request.rights, person_id)
    shown = _person(request, row, None, None)
    if not shown["may_hand_over"]:
        raise NotAllowedError
    wrong = ""
    if request.method == "POST":
        successor = whole(request.POST, "successor")
        if successor:
            workflows.hand_over(request.rights, person_id, successor)
            if row.id == request.user.pk:
                return redirect("account_login")
            messages.success(
                request, _("“%(name)s”的全部事项已交接，账号已停用；一天之内可以撤销。") % {"name": row.name}
            )
            return redirect("people")
        wrong = _("请选择接任的人。")
    values = {**shown, "colleagues": queries.colleagues(request.rights, person_id), "wrong": wrong}
    return render(request, "pages/hand_over.html", values, status=422 if wrong else 200)


@require_POST
@page
def undo_hand_over(request: Visit, hand_over_id: int) -> HttpResponseBase:
    """Everything back, the account open again."""
    workflows.undo_hand_over(request.rights, hand_over_id)
    messages.success(request, _("交接已撤销，事项和账号都已恢复。"))
    return redirect("people")
