"""Where the public interface is mounted; its own sign-in check answers 401 instead of a redirect to a page."""

from ninja import NinjaAPI

api = NinjaAPI(title="Zhulian", version="1", urls_namespace="api", docs_url=None)
api_patterns = api.urls
