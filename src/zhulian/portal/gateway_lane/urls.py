"""Addresses of the gateways' identity lane, taken from ``zhulian.wire.lane`` so that both ends agree."""

from django.urls import path

from zhulian.portal.gateway_lane import views
from zhulian.wire import lane

urlpatterns = [
    path(lane.ENROL.removeprefix("/"), views.enrol, name="gateway_enrol"),
    path(lane.TOKEN.removeprefix("/"), views.token, name="gateway_token"),
    path(lane.CONFIGURATION.removeprefix("/"), views.configuration, name="gateway_configuration"),
    path(lane.DECLARE.removeprefix("/"), views.declare, name="gateway_declare"),
]
