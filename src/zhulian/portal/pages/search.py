"""The search field of the top bar: suggestions while somebody types, and the page of results grouped by kind."""

import re
from dataclasses import dataclass

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhulian.organisations.search.kinds import KINDS, Kind
from zhulian.organisations.search.queries import Found, Group, Hit, find
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.pages import Page

LONGEST = 120
SUGGESTED, A_SCREENFUL, A_PAGE = 5, 10, 50
ADDRESSES = {"enterprise": "enterprise", "organisation": "organisation", "machine": "machine"}
"""Kind → the address of its page. A kind without a page is not shown."""
_FIELD = re.compile(r"[a-z][a-z0-9_-]{0,40}")


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit with its address."""

    hit: Hit
    href: str


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """The hits of one kind, with the way to all of them."""

    kind: Kind
    page: Page[Shown]
    is_capped: bool


@require_safe
@page
def search(request: Visit) -> HttpResponseBase:
    """Without words the page says what may be looked for; with ``kind`` it holds one kind, paged."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    kind = request.GET.get("kind", "")
    only = [kind] if kind in ADDRESSES else list(ADDRESSES)
    size = A_PAGE if kind in ADDRESSES else A_SCREENFUL
    at = number(request.GET, "page", 1) if kind in ADDRESSES else 1
    found = find(request.rights, text, only, size, at)
    values = {
        "text": text,
        "found": found,
        "groups": _shown(found, at, size),
        "only": KINDS[kind] if kind in ADDRESSES else None,
        "hidden": request.rights.hidden_enterprises(),
    }
    return render(request, "pages/search.html", values)


@require_safe
@page
def suggest(request: Visit) -> HttpResponseBase:
    """Options for a field: the first few of each kind that the field takes. ``for`` is the field's id."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    asked = [kind for kind in request.GET.get("kinds", "").split(",") if kind in ADDRESSES]
    field = request.GET.get("for", "")
    found = find(request.rights, text, asked or list(ADDRESSES), SUGGESTED)
    values = {
        "text": text,
        "found": found,
        "groups": _shown(found, 1, SUGGESTED),
        "field": field if _FIELD.fullmatch(field) else "search",
        "is_picker": bool(asked),
    }
    return render(request, "pages/suggestions.html", values)


def _shown(found: Found, at: int, size: int) -> list[ShownGroup]:
    return [ShownGroup(group.kind, _page(group, at, size), group.is_capped) for group in found.groups]


def _page(group: Group, at: int, size: int) -> Page[Shown]:
    address = ADDRESSES[group.kind.name]
    return Page([Shown(hit, reverse(address, args=[hit.id])) for hit in group.hits], group.total, at, size)
