"""Channels and the outbox, for the administrator. A secret is never read out again, an address only in part."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.db.models import Count, Q

from zhulian.desk.models import Channel, Delivery
from zhulian.desk.rules import Quiet
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.pages import Page, page_of
from zhulian.vocabulary.roles import Role

CHANNEL, DELIVERY = Text("渠道", "channel"), Text("发送记录", "delivery")


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel without what must stay secret."""

    id: int
    name: str
    kind: str
    address: str
    """Host only: the rest of a robot's address is its password."""
    has_secret: bool
    role: Role | None
    place: str
    enterprise: int | None
    enterprise_name: str
    language: str
    quiet: Quiet
    sent: int
    waiting: int
    failed: int
    revision: int


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One row of the outbox."""

    id: int
    to: str
    title: str
    made_at: datetime
    next_try_at: datetime
    attempts: int
    sent_at: datetime | None
    failed_at: datetime | None
    fault: ZhulianError | None


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """The outbox in three numbers; sent counts the last seven days."""

    waiting: int
    failed: int
    sent: int


def channels(scope: Scope) -> list[ChannelRow]:
    """Every open channel with the state of its outbox; one statement."""
    _administrator(scope)
    sent, failed = Q(deliveries__sent_at__isnull=False), Q(deliveries__failed_at__isnull=False)
    found = Channel.objects.filter(closed_at=None).select_related("enterprise").order_by("name")
    counted = found.annotate(
        sent=Count("deliveries", filter=sent),
        failed=Count("deliveries", filter=failed),
        waiting=Count("deliveries", filter=~sent & ~failed & Q(deliveries__isnull=False)),
    )
    return [_channel(row) for row in counted]


def channel(scope: Scope, channel_id: int) -> ChannelRow:
    """One channel; for others than administrators there is none."""
    if not scope.administers:
        raise NotVisibleError(CHANNEL)
    found = next((row for row in channels(scope) if row.id == channel_id), None)
    if found is None:
        raise NotVisibleError(CHANNEL)
    return found


def deliveries(scope: Scope, state: str = "", number: int = 1, size: int = 20) -> Page[DeliveryRow]:
    """The outbox, newest first; ``state`` is waiting, failed, sent or empty for all."""
    _administrator(scope)
    found = Delivery.objects.select_related("channel", "person").filter(_state(state))
    return page_of(found.order_by("-made_at", "-pk"), number, size, _delivery)


def delivery_counts(scope: Scope, now: datetime) -> DeliveryCounts:
    """How the outbox stands; one statement."""
    _administrator(scope)
    counted = Delivery.objects.aggregate(
        waiting=Count("pk", filter=_state("waiting")),
        failed=Count("pk", filter=_state("failed")),
        sent=Count("pk", filter=Q(sent_at__gte=now - timedelta(days=7))),
    )
    return DeliveryCounts(**counted)


def _state(state: str) -> Q:
    return {
        "waiting": Q(sent_at=None, failed_at=None),
        "failed": Q(failed_at__isnull=False),
        "sent": Q(sent_at__isnull=False),
    }.get(state, Q())


def _administrator(scope: Scope) -> None:
    if not scope.administers:
        raise NotAllowedError


def _channel(row: Channel) -> ChannelRow:
    counts = {name: int(getattr(row, name)) for name in ("sent", "waiting", "failed")}
    return ChannelRow(
        id=row.pk,
        name=row.name,
        kind=row.kind,
        address=urlsplit(row.url).hostname or "",
        has_secret=bool(row.secret),
        role=Role(row.role) if row.role else None,
        place=row.place,
        enterprise=row.enterprise_id,
        enterprise_name=row.enterprise.name if row.enterprise else "",
        language=row.language,
        quiet=Quiet(row.quiet_start, row.quiet_end, row.urgent_passes),
        revision=row.revision,
        **counts,
    )


def _delivery(row: Delivery) -> DeliveryRow:
    person = (row.person.get_full_name() or row.person.username) if row.person else ""
    return DeliveryRow(
        id=row.pk,
        to=row.channel.name if row.channel else person,
        title=row.title,
        made_at=row.made_at,
        next_try_at=row.next_try_at,
        attempts=row.attempts,
        sent_at=row.sent_at,
        failed_at=row.failed_at,
        fault=ZhulianError.from_json(row.fault) if row.fault else None,
    )
