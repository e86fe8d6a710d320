"""A platform's own site below /p/: address, title, words, colour and logo; kept by its head and its officers."""

from dataclasses import dataclass

from django.db import transaction

from zhulian.audit.workflows import record
from zhulian.organisations import kept_files, pictures
from zhulian.organisations.models import SubSite
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.rules.bodies import checked_colour, checked_slug
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import refused
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.organisations.workflows.bodies import ORGANISATION, kept_body, of_body

_FIELDS = ("slug", "title", "headline", "body", "colour", "logo", "is_public")


@dataclass(frozen=True, slots=True)
class SubSiteDraft:
    """The site as a form gives it. ``logo`` replaces the present one; ``drops_logo`` takes it away."""

    slug: str
    title: str
    headline: str = ""
    body: str = ""
    colour: str = "#1d4f91"
    is_public: bool = False
    logo: bytes | None = None
    drops_logo: bool = False
    revision: int = 0


def save_sub_site(scope: Scope, platform: int, draft: SubSiteDraft) -> str:
    """Save a platform's site; returns its slug."""
    slug, colour = checked_slug(draft.slug), checked_colour(draft.colour)
    if not 0 < len(draft.title.strip()) <= 60 or len(draft.headline) > 120 or len(draft.body) > 8_000:
        raise refused("site_texts_wrong", "站点名称 1 到 60 字，介绍最多 120 字", "a title has 1 to 60 characters")
    logo = _kept(pictures.logo(draft.logo)) if draft.logo else None
    with transaction.atomic():
        body = kept_body(scope, platform)
        if body.kind != "platform":
            raise NotVisibleError(ORGANISATION)
        row = SubSite.objects.select_for_update().filter(platform=body).first() or SubSite(platform=body)
        if row.pk and draft.revision != row.revision:
            raise ChangedMeanwhileError(row.changed_name or "zhulian")
        take_turns("sub-sites")
        if SubSite.objects.filter(slug=slug).exclude(pk=row.pk or 0).exists():
            raise refused("slug_taken", f"网址 /p/{slug}/ 已被其他平台使用", f"/p/{slug}/ belongs to another platform")
        before = trail.values(row, _FIELDS) if row.pk else {}
        row.slug, row.colour, row.title = slug, colour, draft.title.strip()
        row.headline, row.body, row.is_public = draft.headline.strip(), draft.body.strip(), draft.is_public
        row.logo = "" if draft.drops_logo else logo or row.logo
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        row.save()
        changes = trail.difference(before, trail.values(row, _FIELDS))
        record(actor(scope), "platform.site_saved", of_body(body), organisation=body.enterprise_id, changes=changes)
    return slug


def _kept(logo: bytes) -> str:
    incoming = kept_files.receive(kept_files.folder(), [logo])
    incoming.keep(kept_files.folder())
    return incoming.sha256
