"""What the desk does when rooms below it announce something. All inside the announcer's transaction."""

from django.db.models import Q

from zhulian.desk.calendar import add_working_days, today
from zhulian.desk.models import Task
from zhulian.desk.rules import Audience, Outcome
from zhulian.desk.workflows.messages import NewMessage, send
from zhulian.desk.workflows.tasks import close_task, open_task
from zhulian.organisations.workflows.announcements import ClaimDecided, ClaimMade
from zhulian.organisations.workflows.events import Delegated, HandedOver, HandOverUndone, Joined, RoleGiven
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.roles import ROLE_NAMES, Role

ACCOUNTS = "账号与角色"
CLAIM_DAYS = 5
"""Working days in which a claim is decided."""


def joined(event: Joined) -> None:
    """Whoever invited learns that the colleague has come."""
    if event.invited_by:
        title = Text("您邀请的同事已加入", "The colleague you invited has joined")
        body = Text("角色已经生效，不需要再做什么。", "The role is in force; nothing more needs to be done.")
        _tell(f"joined:{event.invitation}", title, body, event.invited_by)


def role_given(event: RoleGiven) -> None:
    """People learn what they may do from now on; giving it to oneself is no news."""
    if event.by == event.person:
        return
    role, seat = ROLE_NAMES[event.seat.role], event.seat
    key = f"role:{event.person}:{seat.role}:{seat.enterprise}:{seat.organisation}:{seat.place}"
    title = Text(f"您现在是{role.zh}", f"You are {role.en} now")
    body = Text("菜单和待办已按新角色更新。", "Menu and tasks follow the new role.")
    _tell(key, title, body, event.person)


def delegated(event: Delegated) -> None:
    """The deputy learns from when until when."""
    start, end = (moment.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M") for moment in (event.starts_at, event.ends_at))
    title = Text("有同事请您代办", "A colleague asks you to act for them")
    body = Text(f"从 {start} 到 {end}。", f"From {start} until {end}.")
    _tell(f"delegated:{event.delegation}", title, body, event.deputy)


def claim_made(event: ClaimMade) -> None:
    """The officers of the area have five working days to decide on a claim."""
    open_task(
        f"claim:{event.claim}",
        Text(f"核对认领：{event.name}", f"Decide on a claim: {event.name}"),
        f"/claims/{event.claim}/",
        Audience(role=Role.COUNTY, place=event.area),
        source="企业认领",
        due=add_working_days(today(), CLAIM_DAYS),
        is_sample=event.is_sample,
    )


def claim_decided(event: ClaimDecided) -> None:
    """The officers' task is over, and the claimant learns how it ended."""
    close_task(f"claim:{event.claim}", Outcome.WITHDRAWN if event.is_withdrawn else Outcome.DONE)
    if event.is_withdrawn:
        return
    if event.is_confirmed:
        title = Text(f"认领已确认：{event.name}", f"Claim confirmed: {event.name}")
        body = Text("您现在可以维护这家企业的档案、邀请同事。", "You now keep up its file and may invite colleagues.")
        link = f"/enterprises/{event.enterprise}/"
    else:
        title = Text(f"认领未通过：{event.name}", f"Claim refused: {event.name}")
        body = Text(f"原因：{event.reason}", f"Reason: {event.reason}")
        link = "/claim/"
    message = NewMessage(f"claim:{event.claim}:decided", "企业认领", title, body, link)
    send(message, Audience(person=event.claimant))


def handed_over(event: HandedOver) -> None:
    """Open tasks of somebody who left go to the successor, who is told how many."""
    moved = _move(event.person, event.successor, Q(moved_by=None), event.hand_over)
    if moved:
        title = Text(f"交接给您 {moved} 项待办", f"{moved} tasks were handed over to you")
        _tell(f"handed:{event.hand_over}", title, Text("", ""), event.successor)


def hand_over_undone(event: HandOverUndone) -> None:
    """What was moved for it and is still open goes back."""
    _move(event.successor, event.person, Q(moved_by=event.hand_over), None)


def _move(giver: int, taker: int, which: Q, mark: int | None) -> int:
    mine = Task.objects.filter(which, Q(person=giver) | Q(taken_by=giver), closed_at=None)
    rows = list(mine.select_for_update())
    for task in rows:
        task.person_id = taker if task.person_id == giver else task.person_id
        task.taken_by_id = taker if task.taken_by_id == giver else task.taken_by_id
        task.moved_by = mark
        task.revision += 1
        task.save()
    return len(rows)


def _tell(key: str, title: Text, body: Text, person: int) -> None:
    send(NewMessage(key, ACCOUNTS, title, body, "/account/"), Audience(person=person))
