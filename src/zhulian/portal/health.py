"""Whether the portal can do its work; asked by the supervisor, ``zhulian doctor`` and load balancers."""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from zhulian import __version__


@login_not_required
@require_safe
def health(_request: HttpRequest) -> JsonResponse:
    """200 when the records answer, 503 when they do not; nothing about anybody's data."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM organisations_enterprise LIMIT 1")
    except DatabaseError as fault:
        return JsonResponse({"status": "failing", "records": str(fault), "version": __version__}, status=503)
    return JsonResponse({"status": "ok", "records": "ok", "version": __version__})
