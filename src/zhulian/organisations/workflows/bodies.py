"""Organisations that are no enterprise file: opened by officers, kept up by them and by their own heads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Organisation, PlatformMember
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, checked_credit_code
from zhulian.organisations.rules.bodies import KINDS, LEVELS
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import refused
from zhulian.organisations.rules.particulars import check_place
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text

ORGANISATION = Text("单位", "organisation")
_OFFICERS = ("kind", "name", "credit_code", "level", "district", "reporting_area", "enterprise_id", "in_leading_group",
             "duty", "closed_on")  # fmt: skip
_OWN = ("introduction", "website")
"""What an organisation's own head may say about it."""
_LONGEST: Mapping[str, int] = {"name": 120, "duty": 400, "introduction": 4_000, "website": 200}


@dataclass(frozen=True, slots=True)
class BodyDraft:
    """An organisation as a form gives it; ``id`` 0 makes a new one, ``revision`` is the one the edit began from."""

    kind: str
    name: str
    credit_code: str = ""
    level: str = ""
    district: str = ""
    reporting_area: str = ""
    enterprise_code: str = ""
    """Credit code of the enterprise's own file, where the same legal entity has one."""
    in_leading_group: bool = False
    duty: str = ""
    introduction: str = ""
    website: str = ""
    closed_on: date | None = None
    is_sample: bool = False
    id: int = 0
    revision: int = 0


def save_body(scope: Scope, draft: BodyDraft) -> int:
    """Save one organisation. Its head changes what it says about itself, officers of its area everything."""
    with transaction.atomic():
        row = kept_body(scope, draft.id) if draft.id else Organisation(is_sample=draft.is_sample)
        if row.pk and draft.revision != row.revision:
            raise ChangedMeanwhileError(row.changed_name or "zhulian")
        before = trail.values(row, (*_OFFICERS, *_OWN)) if row.pk else {}
        if is_bodys_officer(scope, row.reporting_area if row.pk else _area(draft)):
            _write_official(scope, row, draft)
        elif not row.pk:
            raise NotAllowedError
        row.introduction, row.website = draft.introduction.strip(), draft.website.strip()
        _check_texts(row)
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        row.save()
        changes = trail.difference(before, trail.values(row, (*_OFFICERS, *_OWN)))
        record(actor(scope), "organisation.saved", of_body(row), organisation=row.enterprise_id, changes=changes)
    return row.pk


def join_platform(scope: Scope, platform: int, enterprise: int, since: date | None = None) -> None:
    """Put an enterprise under a platform; for the enterprise's owner and officers. A second time changes nothing."""
    on = since or timezone.localdate()
    if on > timezone.localdate():
        raise refused("join_in_future", "加入日期还没有到", "the day of joining lies in the future")
    with transaction.atomic():
        firm = scope.enterprises().select_for_update().filter(pk=enterprise).first()
        if firm is None:
            raise NotVisibleError(ENTERPRISE)
        if not scope.may_keep(enterprise):
            raise NotAllowedError
        row = scope.organisations().filter(pk=platform, kind="platform", closed_on=None).first()
        if row is None:
            raise NotVisibleError(ORGANISATION)
        _, is_new = PlatformMember.objects.get_or_create(
            platform=row, enterprise=firm, until=None, defaults={"since": on}
        )
        if is_new:
            changes: trail.Changes = {"platform": (None, row.name), "since": (None, on.isoformat())}
            record(actor(scope), "platform.joined", trail.of_enterprise(firm), organisation=firm.pk, changes=changes)


def leave_platform(scope: Scope, membership: int) -> None:
    """End a membership today; for the enterprise's side and for the platform's head. It stays in both histories."""
    with transaction.atomic():
        row = (
            PlatformMember.objects.select_for_update(of=("self",))
            .select_related("platform", "enterprise")
            .filter(pk=membership, until=None, enterprise__in=scope.enterprises())
            .first()
        )
        if row is None:
            raise NotVisibleError(Text("平台成员", "platform member"))
        if not (scope.may_keep(row.enterprise_id) or row.platform_id in scope.leads):
            raise NotAllowedError
        row.until = timezone.localdate()
        row.save(update_fields=["until"])
        changes: trail.Changes = {"platform": (row.platform.name, None)}
        about = trail.of_enterprise(row.enterprise)
        record(actor(scope), "platform.left", about, organisation=row.enterprise_id, changes=changes)


def kept_body(scope: Scope, organisation: int) -> Organisation:
    """The organisation, locked, for its head, an officer of its area or the bureau."""
    row = scope.organisations().select_for_update().filter(pk=organisation).first()
    if row is None:
        raise NotVisibleError(ORGANISATION)
    if not (is_bodys_officer(scope, row.reporting_area) or scope.may_keep_organisation(organisation)):
        raise NotAllowedError
    return row


def is_bodys_officer(scope: Scope, area: str) -> bool:
    """Whether this person keeps the official part of bodies of ``area``; those of the whole city are the bureau's."""
    return scope.may_keep_area(area)


def of_body(row: Organisation) -> Subject:
    """An organisation, as the trail calls it."""
    return Subject("organisation", row.pk, row.name)


def _area(draft: BodyDraft) -> str:
    return draft.reporting_area or draft.district


def _write_official(scope: Scope, row: Organisation, draft: BodyDraft) -> None:
    area = _area(draft)
    if not is_bodys_officer(scope, area):
        raise NotAllowedError
    if draft.kind not in KINDS or not draft.name.strip():
        raise refused("body_incomplete", "类别和名称都要填", "kind and name are needed")
    if (draft.kind == "platform") != bool(draft.level) or (draft.level and draft.level not in LEVELS):
        raise refused("body_level", "平台要选级别，其他单位不填", "a platform has a level, the others have none")
    if draft.district:
        check_place(draft.district, area)
    row.kind, row.name, row.level = draft.kind, draft.name.strip(), draft.level
    row.credit_code = checked_credit_code(draft.credit_code) if draft.credit_code.strip() else ""
    row.district, row.reporting_area = draft.district, area
    row.enterprise_id = _enterprise(scope, draft.enterprise_code) if draft.enterprise_code.strip() else None
    row.in_leading_group, row.duty, row.closed_on = draft.in_leading_group, draft.duty.strip(), draft.closed_on
    _refuse_twin(row)


def _enterprise(scope: Scope, code: str) -> int:
    found = scope.enterprises().filter(credit_code=checked_credit_code(code)).first()
    if found is None:
        raise NotVisibleError(ENTERPRISE)
    return found.pk


def _refuse_twin(row: Organisation) -> None:
    take_turns("organisations", row.kind)
    others = Organisation.objects.filter(kind=row.kind).exclude(pk=row.pk or 0)
    if others.filter(name=row.name).exists():
        raise refused("body_exists", f"已有同类单位“{row.name}”", f"there is a “{row.name}” of this kind already")
    if row.credit_code and others.filter(credit_code=row.credit_code).exists():
        raise refused("body_exists", f"代码 {row.credit_code} 的同类单位已登记", f"{row.credit_code} is registered")


def _check_texts(row: Organisation) -> None:
    for name, most in _LONGEST.items():
        if len(getattr(row, name)) > most:
            raise refused("too_long", f"文字太长，最多 {most} 个字", f"a text has at most {most} characters")
    if row.website and not row.website.startswith(("https://", "http://")):
        raise refused("website_wrong", "网站应以 https:// 开头", "a website begins with https://")
