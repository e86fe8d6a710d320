"""Addresses of the pages: one line each; the module of the same name holds the view."""

from django.urls import URLPattern, path

from zhulian.portal.pages import (
    account,
    city_map,
    connect,
    enterprises,
    factory,
    gateways,
    home,
    machine,
    machine_export,
    machines,
    origin,
    search,
    series,
)

urlpatterns: list[URLPattern] = [
    path("", home.home, name="home"),
    path("city/map.json", city_map.figures, name="city_map"),
    path("city/readings.json", home.readings_by_hour, name="city_readings"),
    path("search/", search.search, name="search"),
    path("enterprises/", enterprises.enterprises, name="enterprises"),
    path("enterprises/<int:enterprise_id>/", enterprises.enterprise, name="enterprise"),
    path("enterprises/<int:enterprise_id>/factory/", factory.factory, name="factory"),
    path("machines/", machines.machines, name="machines"),
    path("machines/<int:machine_id>/", machine.machine, name="machine"),
    path("machines/<int:machine>/readings/", machine_export.machine_export, name="machine_export"),
    path("machines/<int:machine_id>/picked-up/", machine.picked_up, name="machine_picked_up"),
    path("machines/<int:machine_id>/edit/", connect.edit, name="machine_edit"),
    path("machines/<int:machine_id>/remove/", machine.remove, name="machine_remove"),
    path("points/<int:point_id>/series.json", series.series, name="point_series"),
    path("origin/point/<int:point_id>/", origin.point, name="origin_point"),
    path("origin/city/<slug:figure>/", origin.city, name="origin_city"),
    path("gateways/", gateways.gateways, name="gateways"),
    path("gateways/<int:gateway_id>/", gateways.gateway, name="gateway"),
    path("gateways/<int:gateway_id>/code/", gateways.code, name="gateway_code"),
    path("gateways/<int:gateway_id>/revoke/", gateways.revoke, name="gateway_revoke"),
    path("connect/", connect.connect, name="connect"),
    path("connect/try/", connect.try_points, name="connect_try"),
    path("connect/browse/", connect.browse, name="connect_browse"),
    path("connect/table/", connect.read_table, name="connect_table"),
    path("connect/point-table.xlsx", connect.template, name="connect_template"),
    path("account/", account.account, name="account"),
]
