"""Where the public interface is mounted. Its own check of the session answers 401, instead of leading to a page."""

from ninja import NinjaAPI

from zhulian import __version__
from zhulian.portal.api import facts, readings, records
from zhulian.portal.api.access import may
from zhulian.portal.api.answers import Renderer, answer_refusals

api = NinjaAPI(
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
api.add_router("", facts.router, tags=["facts"])
answer_refusals(api)

api_patterns = api.urls
for _pattern in api_patterns[0]:
    _pattern.callback.login_required = False  # type: ignore[union-attr]
