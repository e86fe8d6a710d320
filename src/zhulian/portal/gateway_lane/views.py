"""The four calls of a gateway to the portal: enrol, token, configuration, declare (shapes in ``zhulian.wire.lane``)."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from zhulian.organisations import queries, workflows
from zhulian.portal.gateway_lane import attempts
from zhulian.portal.gateway_lane.answers import json_answer, lane_view
from zhulian.portal.gateway_lane.bearer import holder, platform_key
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import TenantId
from zhulian.wire import lane
from zhulian.wire.configuration import GatewayConfig, read_json
from zhulian.wire.credentials import TOKEN_LASTS_S, claimed_gateway, issue_token


@lane_view("POST")
def enrol(request: HttpRequest) -> HttpResponse:
    """A one-time code and a public key in, an identity out. Wrong codes are counted per address."""
    with attempts.counted(request):
        wanted = read_json(request.body, lane.Enrolment)
        gateway = workflows.enrol(wanted.code, wanted.public_key, wanted.version)
    return json_answer(lane.Enrolled(gateway.pk, gateway.enterprise.name, settings.ZHULIAN.ingest_url))


@lane_view("POST")
def token(request: HttpRequest) -> HttpResponse:
    """An assertion signed with the gateway's own key in, ten minutes of access to the lane out."""
    with attempts.counted(request):
        wanted = read_json(request.body, lane.TokenRequest)
        now_us = system_clock()
        gateway = workflows.token_holder(claimed_gateway(wanted.assertion), wanted.assertion, now_us)
    signed = issue_token(platform_key(), gateway.pk, TenantId(gateway.enterprise_id), now_us)
    return json_answer(lane.TokenAnswer(signed, TOKEN_LASTS_S, settings.ZHULIAN.ingest_url))


@lane_view("GET")
def configuration(request: HttpRequest) -> HttpResponse:
    """What this gateway shall read; 304 when it already runs the newest version."""
    found = queries.configuration(holder(request))
    etag = f'"{found.version}"'
    if request.headers.get("If-None-Match") == etag:
        return HttpResponse(status=304, headers={"ETag": etag})
    return json_answer(found, {"ETag": etag})


@lane_view("POST")
def declare(request: HttpRequest) -> HttpResponse:
    """The machines of the gateway's own file; the answer is the same with the platform's ids in it."""
    gateway = holder(request)
    return json_answer(workflows.declare(gateway, read_json(request.body, GatewayConfig)))
