"""The outbox: what is to leave the house is written with its reason, then carried out by the schedule.

Nothing that stands here is lost: a row leaves only by being sent or by failing visibly. Nothing is sent twice: its key
exists once, and a worker takes a row by moving its next attempt forward. A worker that is killed between sending and
recording leaves a row that is sent again when the lease is over; no other way leads to a second copy.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F
from django.utils import timezone

from zhulian.desk.channels import Line, Words, deliver
from zhulian.desk.channels.email import mail
from zhulian.desk.models import Channel, Delivery, Message
from zhulian.desk.queries.preferences import Wish, wishes
from zhulian.desk.rules import MOST_ATTEMPTS, Audience, DeskError, Quiet, retry_after
from zhulian.vocabulary.errors import Text

LEASE = timedelta(minutes=5)
"""Longer than any attempt may take (connect 5 s, read 10 s)."""
OPEN_PAGE = Text("打开筑联查看", "Open Zhulian")
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one round did."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0
    """Put off because of quiet hours."""


def enqueue(message: Message, audience: Audience, people: Iterable[int]) -> None:
    """E-mail for those who want each message, and this audience's channels; inside the caller's transaction."""
    now = timezone.now()
    wanted = wishes(people)
    rows = [
        _row(message, f"message:{message.pk}:person:{wish.person}", now, wish.language, person_id=wish.person)
        for wish in wanted
        if wish.address and (wish.email == "each" or (message.urgent and wish.email != "off"))
    ]
    rows += [
        _row(message, f"message:{message.pk}:channel:{channel.pk}", now, channel.language, channel=channel)
        for channel in channels_of(audience)
    ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def channels_of(audience: Audience) -> list[Channel]:
    """Channels all of whose readers are meant: what the audience names, the channel names too. Never for a person."""
    if audience.person:
        return []
    found = Channel.objects.filter(closed_at=None, person=None)
    named = {
        "role": audience.role.value if audience.role else "",
        "place": audience.place,
        "enterprise": audience.enterprise,
        "organisation": audience.organisation,
    }
    return list(found.filter(**{name: value for name, value in named.items() if value}))


def _row(message: Message, key: str, now: datetime, language: str, **whom: object) -> Delivery:
    title = Text(message.title_zh, message.title_en).in_language(language)
    body = Text(message.body_zh, message.body_en).in_language(language)
    return Delivery(
        key=key, title=title, body=body, link=message.link, urgent=message.urgent,
        made_at=now, next_try_at=now, **whom,
    )  # fmt: skip


def deliver_due(line: Line, site: str, clock: Clock = timezone.now, most: int = 500) -> Counted:
    """Send what is due, oldest first, at most ``most`` rows; ``site`` is the address that links begin with."""
    due = Delivery.objects.filter(sent_at=None, failed_at=None, next_try_at__lte=clock()).order_by("next_try_at", "pk")
    numbers = list(due.values_list("pk", flat=True)[:most])
    results = [_one(number, line, site, clock) for number in numbers]
    return Counted(results.count("sent"), results.count("failed"), results.count("waiting"))


def _one(number: int, line: Line, site: str, clock: Clock) -> str:
    row = Delivery.objects.select_related("channel", "person").get(pk=number)
    now = clock()
    until = _quiet(row).until(now, urgent=row.urgent)
    if not _lease(row, until if until > now else now + LEASE, counts=until <= now):
        return "taken"
    if until > now:
        return "waiting"
    try:
        _send(row, line, site, now)
    except DeskError as fault:
        _failed(number, fault, clock())
        return "failed"
    Delivery.objects.filter(pk=number).update(sent_at=clock(), fault=None)
    return "sent"


def _lease(row: Delivery, until: datetime, *, counts: bool) -> bool:
    """Take ``row`` for oneself until ``until``; False when another worker was quicker."""
    mine = Delivery.objects.filter(pk=row.pk, sent_at=None, failed_at=None, next_try_at=row.next_try_at)
    return mine.update(next_try_at=until, attempts=F("attempts") + int(counts)) == 1


def _send(row: Delivery, line: Line, site: str, now: datetime) -> None:
    language = row.channel.language if row.channel else row.person.language if row.person else "zh-hans"
    link = f"{site.rstrip('/')}{row.link}" if row.link else ""
    words = Words(row.key, row.title, row.body, link, OPEN_PAGE.in_language(language))
    if row.channel:
        deliver(row.channel.kind, row.channel.url, row.channel.secret, words, line, now)
    elif row.person and row.person.email and row.person.is_active:
        mail(words, row.person.email)
    else:
        raise DeskError(
            "no_address",
            Text("没有发出：收件人没有邮箱或账号已停用。", "Not sent: no address, or the account is closed."),
            Text("请在人员页补上邮箱后再发一次。", "Add the address on the people page, then send again."),
        )  # fmt: skip


def _quiet(row: Delivery) -> Quiet:
    if row.channel:
        return Quiet(row.channel.quiet_start, row.channel.quiet_end, row.channel.urgent_passes)
    found = wishes([row.person_id]) if row.person_id else ()
    return next((wish.quiet for wish in found), Quiet())


def _failed(number: int, fault: DeskError, now: datetime) -> None:
    attempts = Delivery.objects.values_list("attempts", flat=True).get(pk=number)
    final = attempts >= MOST_ATTEMPTS or fault.code in {"no_address", "smtp_recipient", "channel_kind_unknown"}
    Delivery.objects.filter(pk=number).update(
        fault=fault.as_json(),
        next_try_at=now + retry_after(attempts),
        failed_at=now if final else None,
    )


def queue_text(key: str, title: Text, body: Text, to: Wish | Channel, now: datetime) -> None:
    """A delivery without a message of its own, such as a digest; the same key again changes nothing."""
    whom = {"channel": to} if isinstance(to, Channel) else {"person_id": to.person}
    Delivery.objects.get_or_create(
        key=key,
        defaults={
            "title": title.in_language(to.language),
            "body": body.in_language(to.language),
            "link": "/desk/",
            "made_at": now,
            "next_try_at": now,
            **whom,
        },
    )
