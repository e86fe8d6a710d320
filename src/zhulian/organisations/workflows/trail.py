"""How this room's records are called in the audit trail, and what changed about them; for the other workflows."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from zhulian.audit.rules import Actor, Subject
from zhulian.organisations.models import Enterprise, Gateway, Machine, User
from zhulian.vocabulary.masking import MASKS

Values = Mapping[str, object]
Changes = dict[str, tuple[object, object]]


def of_enterprise(row: Enterprise) -> Subject:
    """The enterprise's file."""
    return Subject("enterprise", row.pk, row.name)


def of_gateway(row: Gateway) -> Subject:
    """A gateway."""
    return Subject("gateway", row.pk, row.name)


def of_machine(row: Machine) -> Subject:
    """A machine."""
    return Subject("machine", row.pk, row.name)


def of_account(row: User) -> Subject:
    """A person's account."""
    return Subject("account", row.pk, row.get_full_name() or row.username)


def itself(row: Gateway) -> Actor:
    """A gateway that acts for itself."""
    return Actor(None, row.name)


def values(row: Model, fields: Iterable[str]) -> dict[str, Any]:
    """The named fields of ``row`` as they stand."""
    return {name: getattr(row, name) for name in fields}


def difference(before: Values, after: Values) -> Changes:
    """Field → (old, new) where the two differ; a field that one of them lacks is null there."""
    names = [*before, *(name for name in after if name not in before)]
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    return {name: _shown(name, *pair) for name, pair in pairs.items() if pair[0] != pair[1]}


def _shown(name: str, old: object, new: object) -> tuple[object, object]:
    """That a password changed is on record; the password is not. Personal numbers are masked, for entries stay."""
    if name.endswith("password"):
        return (old and "•••", new and "•••′")
    mask = MASKS.get(name)
    if mask is None:
        return old, new
    was, now = (each and mask(str(each)) for each in (old, new))
    return was, f"{now}′" if was == now else now
