"""Whom to call: contacts of enterprises (kept by owner and officers) and of other organisations (by their keepers)."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Contact
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import refused
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.bodies import kept_body
from zhulian.organisations.workflows.history import kept_file
from zhulian.vocabulary.errors import Text

CONTACT = Text("联系人", "contact")
_FIELDS = ("name", "duty", "phone", "email", "is_main")


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """A contact as a form gives it; ``id`` 0 makes a new one, ``revision`` is the one the edit began from."""

    name: str
    duty: str = ""
    phone: str = ""
    email: str = ""
    is_main: bool = False
    id: int = 0
    revision: int = 0


def save_contact(
    scope: Scope, draft: ContactDraft, *, enterprise: int | None = None, organisation: int | None = None
) -> int:
    """Save a contact of one body. The main contact is one: a second one takes the mark over."""
    _check(draft)
    with transaction.atomic():
        row = _of(scope, draft.id, enterprise, organisation)
        if row.pk and draft.revision != row.revision:
            raise ChangedMeanwhileError(row.changed_name or "zhulian")
        before = trail.values(row, _FIELDS) if row.pk else {}
        for name in _FIELDS:
            value = getattr(draft, name)
            setattr(row, name, value.strip() if isinstance(value, str) else value)
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        if row.is_main:
            Contact.objects.filter(enterprise=row.enterprise, organisation=row.organisation).update(is_main=False)
        row.save()
        changes = trail.difference(before, trail.values(row, _FIELDS))
        record(actor(scope), "contact.saved", _subject(row), organisation=enterprise, changes=changes)
    return row.pk


def remove_contact(
    scope: Scope, contact: int, *, enterprise: int | None = None, organisation: int | None = None
) -> None:
    """Take a contact out of the file. Personal data is deleted, not hidden; the trail keeps who did so."""
    with transaction.atomic():
        row = _of(scope, contact, enterprise, organisation)
        about = _subject(row)
        row.delete()
        record(actor(scope), "contact.removed", about, organisation=enterprise)


def _of(scope: Scope, contact: int, enterprise: int | None, organisation: int | None) -> Contact:
    if enterprise is not None:
        kept_file(scope, enterprise)
    else:
        kept_body(scope, organisation or 0)
    if not contact:
        return Contact(enterprise_id=enterprise, organisation_id=organisation)
    held: dict[str, Any] = {"enterprise_id": enterprise, "organisation_id": organisation}
    found = Contact.objects.filter(**held).select_for_update().filter(pk=contact).first()
    if found is None:
        raise NotVisibleError(CONTACT)
    return found


def _check(draft: ContactDraft) -> None:
    if not 0 < len(draft.name.strip()) <= 60:
        raise refused("contact_name_wrong", "联系人姓名应有 1 到 60 个字", "a contact's name has 1 to 60 characters")
    if len(draft.duty) > 60 or len(draft.phone) > 30:
        raise refused("contact_too_long", "职务或电话太长", "duty or telephone number is too long")
    if not (draft.phone.strip() or draft.email.strip()):
        raise refused("contact_unreachable", "电话和邮箱至少填一项", "give a telephone number or an e-mail address")
    if draft.email.strip():
        try:
            validate_email(draft.email.strip())
        except ValidationError as fault:
            raise refused("contact_email_wrong", "邮箱格式不对", "this is no e-mail address") from fault


def _subject(row: Contact) -> Subject:
    return Subject("contact", row.pk, row.name)
