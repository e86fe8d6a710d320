"""The city changes the catalogue: names, who answers, how long something holds, how far two sources may differ.

What is already in the ledger keeps the end of validity that it was given.
"""

from dataclasses import dataclass

from django.db import transaction

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.evidence.catalogue import catalogue, unknown_key
from zhulian.evidence.models import KeyOverride
from zhulian.evidence.rules import EvidenceError
from zhulian.organisations.rules import NotAllowedError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.clock import Clock, system_clock, to_datetime
from zhulian.vocabulary.errors import Text

LONGEST_DAYS = 36_500
_FIELDS = ("name_zh", "name_en", "owner", "validity_days", "tolerance", "is_off")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChange:
    """What an officer wants to be different; empty fields leave what the data file says.

    ``revision`` is the one the form began from (0: nothing was changed before).
    """

    key: str
    revision: int
    name_zh: str = ""
    name_en: str = ""
    owner: str = ""
    validity_days: int | None = None
    tolerance: float | None = None
    is_off: bool = False


def change_key(scope: Scope, change: KeyChange, clock: Clock = system_clock) -> None:
    """Put the change over the data file; refuses one that began from an older state."""
    if not scope.keeps_city:
        raise NotAllowedError
    if change.key not in catalogue():
        raise unknown_key(change.key)
    _check(change)
    with transaction.atomic():
        row = KeyOverride.objects.select_for_update().filter(key=change.key).first() or KeyOverride(
            key=change.key, revision=0
        )
        if row.revision != change.revision:
            raise _changed_meanwhile(row.changed_by_name)
        changes = {name: (getattr(row, name), _stripped(getattr(change, name))) for name in _FIELDS}
        for name, (_, value) in changes.items():
            setattr(row, name, value)
        row.revision += 1
        row.changed_at, row.changed_by_name = to_datetime(clock()), scope.name
        row.save()
        told = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
        noted = Subject("fact_key", change.key, catalogue()[change.key].name.zh)
        record(actor(scope), "fact_key.changed", noted, organisation=None, changes=told)


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


def _check(change: KeyChange) -> None:
    if change.validity_days is not None and not 1 <= change.validity_days <= LONGEST_DAYS:
        raise _wrong(Text("有效期应在 1 到 36,500 天之间", "validity lies between 1 and 36,500 days"))
    if change.tolerance is not None and not 0 <= change.tolerance < 1:
        raise _wrong(Text("允许偏差应在 0 到 100% 之间", "tolerance lies between 0 and 100 %"))
    if any(
        len(text.strip()) > most for text, most in ((change.name_zh, 80), (change.name_en, 120), (change.owner, 80))
    ):
        raise _wrong(Text("名称或负责单位太长", "a name or the owner is too long"))


def _wrong(reason: Text) -> EvidenceError:
    return EvidenceError(
        "key_change_wrong",
        Text(f"没有保存：{reason.zh}。", f"Nothing was saved: {reason.en}."),
        Text("请改正后重试。", "Correct it and try again."),
    )


def _changed_meanwhile(by: str) -> EvidenceError:
    return EvidenceError(
        "key_changed_meanwhile",
        Text(f"{by}刚刚改过这一项，您的修改没有保存。", f"{by} changed this key meanwhile; nothing was saved."),
        Text("请看过新的内容后再改。", "Look at what it says now, then change it."),
    )
