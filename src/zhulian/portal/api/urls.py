"""Where the public interface is mounted. Its own check of the session answers 401, instead of leading to a page."""

from collections.abc import Callable
from functools import cache, wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import conditional_page
from ninja import NinjaAPI
from ninja.openapi import get_schema
from ninja.openapi.schema import OpenAPISchema

from zhulian import __version__
from zhulian.portal.api import alarms, city, facts, lines, raw, readings, records
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import Renderer, answer_refusals


class Interface(NinjaAPI):
    """The interface, whose document is made once a process: that takes a second, and anybody may ask for it."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The document for one place where the interface is mounted; it is shared, so nobody changes it."""
        return _document(self, self.get_root_path(path_params or {}) if path_prefix is None else path_prefix)


@cache
def _document(interface: NinjaAPI, path_prefix: str) -> OpenAPISchema:
    return get_schema(api=interface, path_prefix=path_prefix)


api = Interface(
    title="筑联 Zhulian",
    version=__version__,
    description="What pages show, as JSON, under the same rights. What you may not see answers 404.",
    urls_namespace="api",
    docs_url=None,  # its viewer would load scripts from elsewhere
    auth=may("records:read"),  # each router asks for its own scope
    renderer=Renderer(),
)
api.add_router("", records.router, tags=["records"])
api.add_router("", readings.router, tags=["readings"])
api.add_router("", lines.router, tags=["readings"])
api.add_router("", raw.router, tags=["readings"])
api.add_router("", city.router, tags=["city"])
api.add_router("", facts.router, tags=["facts"])
api.add_router("", alarms.router, tags=["alarms"])
answer_refusals(api)


def answered(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """``view`` with what every answer carries: what the key has left, and an ETag; 304 to whoever has this answer."""

    @wraps(view)
    def with_headers(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        answer = conditional_page(view)(request, *args, **kwargs)
        allowance = getattr(request, "allowance", None)
        for name, value in allowance.headers.items() if allowance else ():
            answer[name] = value
        return answer

    with_headers.login_required = False  # type: ignore[attr-defined]
    return with_headers


api_patterns = api.urls
for _pattern in api_patterns[0]:
    _pattern.callback = answered(_pattern.callback)  # type: ignore[arg-type]
