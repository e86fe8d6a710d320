"""Channels: set up, tried and shut by the administrator; failed deliveries sent again."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.desk.channels import KINDS, Line, Words, deliver, unknown_kind
from zhulian.desk.channels.email import mail
from zhulian.desk.models import Channel, Delivery
from zhulian.desk.queries.ways_out import CHANNEL, DELIVERY
from zhulian.desk.rules import Audience, DeskError, Quiet
from zhulian.desk.workflows.tasks import fields_of
from zhulian.organisations.models import User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.errors import Text

TEST_TITLE = Text("筑联测试消息", "Zhulian test message")
TEST_BODY = Text("看到这条消息，说明渠道已经通了。", "If you read this, the channel works.")


@dataclass(frozen=True, slots=True)
class ChannelDraft:
    """What an administrator types. An empty ``url`` or ``secret`` of an existing channel keeps what is there."""

    name: str
    kind: str
    url: str
    secret: str
    audience: Audience
    language: str = "zh-hans"
    quiet: Quiet = field(default_factory=Quiet)


def save_channel(scope: Scope, draft: ChannelDraft, line: Line, channel_id: int | None = None) -> int:
    """Add or change a channel; its address is checked as it will be when something is sent."""
    _administrator(scope)
    if draft.kind not in KINDS:
        raise unknown_kind(draft.kind)
    if draft.audience.person:
        raise _wrong("群渠道不能只给一个人", "a channel is for a group, not for one person")
    if draft.url or channel_id is None:
        line.check(draft.url)
    with transaction.atomic():
        number = _save(draft, channel_id)
        record(actor(scope), "channel.saved", Noted("channel", number, draft.name.strip()), organisation=None)
    return number


def _save(draft: ChannelDraft, channel_id: int | None) -> int:
    row = _channel(channel_id) if channel_id else Channel()
    name = draft.name.strip()
    if not 0 < len(name) <= 80 or Channel.objects.filter(name=name).exclude(pk=row.pk).exists():
        raise _wrong("渠道要有一个不重复的名称", "a channel needs a name of its own")
    row.name, row.kind, row.language = name, draft.kind, "en" if draft.language == "en" else "zh-hans"
    row.url, row.secret = draft.url.strip() or row.url, draft.secret.strip() or row.secret
    row.quiet_start, row.quiet_end, row.urgent_passes = draft.quiet.start, draft.quiet.end, draft.quiet.urgent_passes
    for column, value in fields_of(draft.audience).items():
        setattr(row, column, value)
    row.revision += 1 if row.pk else 0
    row.save()
    return row.pk


def close_channel(scope: Scope, channel_id: int) -> None:
    """Shut a channel; what still waits in it fails visibly instead of waiting for ever."""
    _administrator(scope)
    with transaction.atomic():
        row, now = _channel(channel_id), timezone.now()
        record(actor(scope), "channel.closed", Noted("channel", row.pk, row.name), organisation=None)
        row.closed_at, row.name = now, f"{row.name[:60]} #{row.pk}"
        row.save(update_fields=["closed_at", "name"])
        fault = DeskError("channel_closed", Text("渠道已停用。", "The channel was shut."), Text("", ""))
        waiting = Delivery.objects.filter(channel=row, sent_at=None, failed_at=None)
        waiting.update(failed_at=now, fault=fault.as_json())


def try_channel(scope: Scope, channel_id: int, site: str, line: Line, now: datetime) -> None:
    """Send a test message right now; raises the cause when it does not arrive. Quiet hours do not apply."""
    _administrator(scope)
    row = _channel(channel_id)
    words = Words(
        f"test:{row.pk}:{now.timestamp()}",
        TEST_TITLE.in_language(row.language),
        TEST_BODY.in_language(row.language),
        site,
        "筑联 Zhulian",
    )
    deliver(row.kind, row.url, row.secret, words, line, now)


def try_mail(scope: Scope, site: str, now: datetime) -> str:
    """Send a test e-mail to the administrator who asks; the address it went to."""
    _administrator(scope)
    if scope.person is None:
        raise NotAllowedError
    person = User.objects.get(pk=scope.person)
    if not person.email:
        raise _wrong("您的账号还没有邮箱", "your account has no e-mail address")
    title, body = (text.in_language(person.language) for text in (TEST_TITLE, TEST_BODY))
    mail(Words(f"test:{person.pk}:{now.timestamp()}", title, body, site, "筑联 Zhulian"), person.email)
    return person.email


def send_again(scope: Scope, delivery_id: int) -> None:
    """Give a failed delivery another round of attempts."""
    if not scope.administers:
        raise NotVisibleError(DELIVERY)
    failed = Delivery.objects.filter(pk=delivery_id, sent_at=None, failed_at__isnull=False)
    failed.filter(Q(channel=None) | Q(channel__closed_at=None)).update(
        failed_at=None, attempts=0, next_try_at=timezone.now()
    )


def _channel(channel_id: int) -> Channel:
    row = Channel.objects.select_for_update().filter(pk=channel_id, closed_at=None).first()
    if row is None:
        raise NotVisibleError(CHANNEL)
    return row


def _administrator(scope: Scope) -> None:
    if not scope.administers:
        raise NotAllowedError


def _wrong(zh: str, en: str) -> DeskError:
    return DeskError(
        "channel_wrong",
        Text(f"没有保存或发送：{zh}。", f"Nothing was saved or sent: {en}."),
        Text("请改正后再试。", "Correct it and try again."),
    )
