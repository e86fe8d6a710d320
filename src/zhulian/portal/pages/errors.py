"""What a person sees when something is wrong: kind, specific, and with a way on. Named in ``portal.urls``."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import requires_csrf_token

from zhulian.vocabulary.errors import ZhulianError


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the address or the form cannot be understood."""
    return _sorry(
        request, 400, exception, _("这个请求看不懂。"), _("请回到上一页再试；若是链接带来的，请核对链接是否完整。")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: visible, but not to be changed by this person."""
    return _sorry(
        request, 403, exception, _("您的角色不能做这一步。"), _("如果需要，请联系本企业的工程师或平台管理员。")
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: not there, or out of this person's sight."""
    return _sorry(
        request,
        404,
        exception,
        _("找不到这个页面。"),
        _("它可能已被移除，或不在您的权限范围内；请从首页或搜索重新进入。"),
    )


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    """A form from before the last sign-in."""
    return _sorry(
        request, 403, None, _("页面已过期，刚才的操作没有执行。"), _("请返回上一页，刷新后再提交；填写的内容会保留。")
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Needs no database and no session, since either may be the cause."""
    response = render(request, "500.html", status=500)
    response["Cache-Control"] = "no-store"
    return response


def _sorry(request: HttpRequest, status: int, cause: object, what: object, next_step: object) -> HttpResponse:
    fault = cause if isinstance(cause, ZhulianError) else None
    values = {"status": status, "fault": fault, "what": what, "next_step": next_step}
    return render(request, "pages/sorry.html", values, status=status)
