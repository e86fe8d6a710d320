"""Refuses requests whose text holds NUL, which PostgreSQL cannot keep and no person types; a middleware of the portal.

It stands in front of every page and operation, so that both databases answer the same and none of them with 500.
"""

from collections.abc import Callable, Iterator

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from zhulian.portal.pages import errors
from zhulian.vocabulary.errors import Text, ZhulianError

NUL = "\0"
_NUL_IN_JSON = rb"\u0000"


class UnstorableTextError(ZhulianError):
    """Somebody is trying the doors, or a program handed on bytes as text."""

    def __init__(self) -> None:
        super().__init__(
            "text_unstorable",
            Text("内容里有空字符（NUL），没有接收。", "The text contains a NUL sign and was not taken."),
            Text("请去掉它再试；从别处粘贴的内容可以先贴到记事本里。", "Take it out and try again."),
        )


class StorableText:
    """Answers 400 with a page, or 422 to a program as the interface documents it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as the rest of the portal does, unless the text cannot be kept."""
        if not any(NUL in text for text in _texts(request)) and not _is_in_json(request):
            return self.get_response(request)
        fault = UnstorableTextError()
        if request.path_info.startswith("/api/") or _is_json(request):
            return JsonResponse(fault.as_json(), status=422, json_dumps_params={"ensure_ascii": False})
        return errors.bad_request(request, fault)


def _texts(request: HttpRequest) -> Iterator[str]:
    """Every text of the address and of a form."""
    yield request.path_info
    for form in (request.GET, request.POST):
        for name, values in form.lists():
            yield name
            yield from map(str, values)


def _is_json(request: HttpRequest) -> bool:
    return request.content_type == "application/json"


def _is_in_json(request: HttpRequest) -> bool:
    try:
        return _is_json(request) and _NUL_IN_JSON in request.body
    except RequestDataTooBig:  # whoever reads it refuses it in his own words
        return False
