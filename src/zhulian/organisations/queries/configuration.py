"""How gateways shall read machines: what the gateway lane sends, and what an edit form starts from."""

from collections.abc import Sequence

from zhulian.organisations.models import Gateway, Machine, Point
from zhulian.organisations.queries.lists import MACHINE, one_of
from zhulian.organisations.queries.points import with_points
from zhulian.organisations.tenancy import Scope
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, PointConfig


def configuration(gateway_id: int) -> GatewayConfig:
    """What a gateway shall read, for the gateway itself: machines that the portal configures, and its version.

    The version is read first, so a change that happens meanwhile is fetched again rather than missed.
    """
    version = Gateway.objects.values_list("configuration_version", flat=True).get(pk=gateway_id)
    found = Machine.objects.filter(gateway_id=gateway_id, removed_at=None, declared_by_gateway=False).order_by("id")
    return GatewayConfig(version=version, devices=tuple(with_points(list(found), _device)))


def device_configuration(scope: Scope, machine_id: int) -> DeviceConfig:
    """How one machine in sight is read: what an edit form starts from."""
    return with_points([one_of(scope.machines(), machine_id, MACHINE)], _device)[0]


def _device(row: Machine, points: Sequence[Point]) -> DeviceConfig:
    return DeviceConfig(
        id=row.pk,
        name=row.name,
        protocol=row.protocol,
        address=row.address,
        options=dict(row.options),
        poll_s=row.poll_s,
        timeout_s=row.timeout_s,
        points=tuple(_point_config(point) for point in points),
    )


def _point_config(row: Point) -> PointConfig:
    return PointConfig(
        id=row.pk,
        name=row.name,
        address=row.address,
        type=row.type,
        byte_order=row.byte_order,
        scale=row.scale,
        offset=row.offset,
        unit=row.unit,
        poll_s=row.poll_s,
        deadband=row.deadband,
        max_silence_s=row.max_silence_s,
        low=row.low,
        high=row.high,
    )
