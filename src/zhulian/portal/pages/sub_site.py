"""A platform's own site below /p/: open to everybody; its staff and officers see its members there too."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from zhulian.organisations import kept_files
from zhulian.organisations.queries import bodies as queries
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.rules.bodies import LEVELS
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.organisations.workflows.sub_sites import SubSiteDraft, save_sub_site
from zhulian.portal.pages.access import Visit, page
from zhulian.portal.pages.edit_form import EditForm, Field, attempt, opened, posted
from zhulian.portal.pages.enterprises import number
from zhulian.vocabulary.errors import Text

_COLOUR_HELP = Text("白字要看得清（对比度不低于 4.5）。", "White text has to be legible on it (contrast at least 4.5).")
_SLUG_HELP = Text("网址的最后一段：/p/…/", "The last part of the address: /p/…/")
FIELDS = (
    Field("title", Text("站点名称", "Title"), required=True, most=60),
    Field("slug", Text("网址", "Address"), required=True, most=40, help=_SLUG_HELP),
    Field("headline", Text("一句话介绍", "Headline"), most=120, wide=True),
    Field("body", Text("正文", "Text"), "area", most=8_000),
    Field("colour", Text("主色", "Colour"), "colour", required=True, most=7, help=_COLOUR_HELP),
    Field("is_public", Text("发布", "Publish"), "check"),
)


@login_not_required
@require_safe
@page
def site(request: Visit, slug: str) -> HttpResponseBase:
    """The platform's page. Strangers read what it says; who may see its members finds them below."""
    found = queries.public_site(slug)
    scope = visible_to(request.user)
    sees = found.platform in scope.belongs_to or scope.whole_city or bool(scope.areas)
    values = {
        "site": found,
        "level": LEVELS.get(found.level),
        "paragraphs": [line for line in found.body.splitlines() if line.strip()],
        "members": queries.members(scope, found.platform, number(request.GET, "page", 1)) if sees else None,
    }
    return render(request, "pages/sub_site.html", values)


@login_not_required
@require_safe
def logo(_request: HttpRequest, slug: str) -> HttpResponse:
    """The logo, as it was written anew when it was uploaded."""
    found = queries.public_site(slug)
    content = kept_files.content_of(kept_files.folder(), found.logo) if found.logo else None
    if content is None:
        raise NotVisibleError(queries.SITE)
    answer = HttpResponse(content, content_type="image/png")
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: Visit, organisation_id: int) -> HttpResponseBase:
    """Address, words, colour and logo, with how the head of the page will look."""
    scope = request.rights
    row = queries.body(scope, organisation_id)
    if row.kind != "platform":
        raise NotVisibleError(queries.SITE)
    if not queries.may_keep(scope, organisation_id):
        raise NotAllowedError
    form = _form_of(scope, organisation_id)
    if request.method == "POST":
        form = posted(FIELDS, request.POST)
        if attempt(form, lambda: _save(request, organisation_id, form), lambda: _form_of(scope, organisation_id)):
            messages.success(request, _("站点已保存。"))
            return redirect("organisation", organisation_id=organisation_id)
    values = {"row": row, "form": form, "site": queries.sub_site_of(scope, organisation_id)}
    return render(request, "pages/sub_site_edit.html", values, status=form.status)


def _form_of(scope: Scope, organisation_id: int) -> EditForm:
    found = queries.sub_site_of(scope, organisation_id)
    if found is None:
        return opened(FIELDS, {"title": queries.body(scope, organisation_id).name[:60], "colour": "#1d4f91"})
    values = {"title": found.title, "slug": found.slug, "headline": found.headline, "body": found.body}
    more = {"colour": found.colour, "is_public": "1" if found.is_public else ""}
    return opened(FIELDS, {**values, **more}, found.revision)


def _save(request: Visit, organisation_id: int, form: EditForm) -> None:
    given = request.FILES.get("logo")
    draft = SubSiteDraft(
        slug=form.text("slug"),
        title=form.text("title"),
        headline=form.text("headline"),
        body=form.text("body"),
        colour=form.text("colour"),
        is_public=form.is_checked("is_public"),
        logo=content(given) if isinstance(given, UploadedFile) else None,
        drops_logo=bool(request.POST.get("drops_logo")),
        revision=form.revision,
    )
    save_sub_site(request.rights, organisation_id, draft)


def content(given: "UploadedFile[bytes]", most: int = 11 * 1024 * 1024) -> bytes:
    """What was uploaded, no more of it than is needed to see that it is too much."""
    read: bytes = given.read(most)
    return read
