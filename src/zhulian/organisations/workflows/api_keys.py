"""Keys for programs: made by a person for what that person may see, shown once, kept as a hash."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import ApiKey, User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, RecordsError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.api_scopes import API_SCOPES
from zhulian.vocabulary.errors import Text

KEY = Text("密钥", "key")
BEGINS = "zl_"
PREFIX_SIGNS = 8
DAYS = (30, 90, 180, 365)
MOST_KEYS = 20
USE_NOTED_EVERY = timedelta(minutes=1)
"""A key may be used a hundred times a second; the record says when, to the minute."""


@dataclass(frozen=True, slots=True)
class MadeKey:
    """The only time that the key itself is seen."""

    id: int
    text: str = field(repr=False)
    expires_at: datetime = field(kw_only=True)


def create_api_key(scope: Scope, name: str, scopes: frozenset[str], days: int) -> MadeKey:
    """A key for the acting person; a deputy makes none in somebody else's name."""
    if scope.person is None or scope.on_behalf_of is not None:
        raise NotAllowedError
    _checked(name, scopes, days)
    now, prefix, secret = timezone.now(), _letters(PREFIX_SIGNS), secrets.token_urlsafe(32)
    text = f"{BEGINS}{prefix}_{secret}"
    with transaction.atomic():
        person = User.objects.select_for_update().get(pk=scope.person)
        if ApiKey.objects.filter(user=person, revoked_at=None, expires_at__gt=now).count() >= MOST_KEYS:
            raise _wrong(f"每人最多 {MOST_KEYS} 个有效密钥", f"a person has at most {MOST_KEYS} keys in force")
        made = ApiKey.objects.create(
            user=person,
            name=name.strip(),
            prefix=prefix,
            key_hash=_hash(text),
            scopes=sorted(scopes),
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        changes: dict[str, tuple[object, object]] = {
            "scopes": (None, made.scopes),
            "expires_at": (None, made.expires_at),
        }
        record(actor(scope), "key.made", _subject(made), organisation=None, changes=changes)
    return MadeKey(made.pk, text, expires_at=made.expires_at)


def revoke_api_key(scope: Scope, key: int) -> None:
    """Make a key worthless at once: one's own, or (administrators) anybody's."""
    with transaction.atomic():
        found = ApiKey.objects.select_for_update().filter(pk=key).first()
        if found is None or not (scope.administers or found.user_id == scope.person):
            raise NotVisibleError(KEY)
        if found.revoked_at is None:
            found.revoked_at = timezone.now()
            found.save(update_fields=["revoked_at"])
            record(actor(scope), "key.revoked", _subject(found), organisation=None)


def key_holder(text: str) -> ApiKey | None:
    """The key that ``text`` is, with its person, if it is in force; its use is noted."""
    prefix, _, secret = text.removeprefix(BEGINS).partition("_")
    if not text.startswith(BEGINS) or not secret or len(text) > 200:
        return None
    now = timezone.now()
    found = ApiKey.objects.select_related("user").filter(prefix=prefix, revoked_at=None, expires_at__gt=now).first()
    if found is None or not hmac.compare_digest(found.key_hash, _hash(text)) or not found.user.is_active:
        return None
    if found.last_used_at is None or now - found.last_used_at >= USE_NOTED_EVERY:
        ApiKey.objects.filter(pk=found.pk).update(last_used_at=now)
    return found


def _subject(row: ApiKey) -> Subject:
    """A key by its legible beginning and what it is for."""
    return Subject("key", row.pk, f"{BEGINS}{row.prefix}… {row.name}")


def _letters(count: int) -> str:
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(count))


def _hash(text: str) -> str:
    """SHA-256 suffices: the key has 256 random bits, so nobody guesses it from its hash."""
    return hashlib.sha256(text.encode()).hexdigest()


def _checked(name: str, scopes: frozenset[str], days: int) -> None:
    if not 0 < len(name.strip()) <= 80:
        raise _wrong("用途应有 1 到 80 个字", "say in 1 to 80 characters what the key is for")
    if not scopes or not scopes <= API_SCOPES.keys():
        raise _wrong("至少选一个范围", "choose at least one scope")
    if days not in DAYS:
        raise _wrong("有效期只能是 30、90、180 或 365 天", "a key is good for 30, 90, 180 or 365 days")


def _wrong(zh: str, en: str) -> RecordsError:
    return RecordsError(
        "key_wrong",
        Text(f"密钥没有生成：{zh}。", f"No key was made: {en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )
