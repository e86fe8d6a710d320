"""What every protocol gives the gateway: one door, so that the gateway never knows which machine it talks to.

A protocol is a folder with a ``PROTOCOL`` of type :class:`ProtocolInfo`. The gateway opens one :class:`Driver` a
device, enters it to connect, reads until a fault, leaves it, and enters it again later.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import Quality, TimeUs
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, OptionValue, PointConfig


class DriverError(ZhulianError):
    """A point or a whole device could not be read; says why and what to try."""


class RawValue(NamedTuple):
    """A value in the point's unit (scale and offset applied). ``time_us`` is the machine's own time, if it has one."""

    value: float
    text: str | None = None
    quality: Quality = Quality.GOOD
    time_us: TimeUs | None = None


Outcome = RawValue | DriverError


class Driver(Protocol):
    """A conversation with one device. Entering connects; after a fault it may be left and entered again."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def read(self, points: Sequence[PointConfig]) -> dict[str, Outcome]:
        """Each point's value or fault, by name. Raises :class:`DriverError` when the whole device fails."""
        ...

    async def browse(self, node: str) -> Sequence[Node]:
        """What lies below ``node`` ("" is the top). Raises ``browse_unsupported`` where a protocol cannot."""
        ...


@dataclass(frozen=True, slots=True)
class OptionInfo:
    """One entry of a device's ``options``."""

    name: str
    default: OptionValue
    meaning: Text


@dataclass(frozen=True, slots=True)
class ProtocolInfo:
    """A protocol as the gateway and the portal's wizard see it.

    ``open(device, clock, secrets)`` makes a driver; ``secrets`` is the gateway's private folder, if it has one.
    ``check(device)`` finds what is wrong without any connection: addresses, types, byte orders, options.
    """

    name: str
    title: Text
    address_hint: str
    can_browse: bool
    open: Callable[[DeviceConfig, Clock, Path | None], Driver]
    check: Callable[[DeviceConfig], list[DriverError]]
    options: tuple[OptionInfo, ...] = ()


def unknown_options(device: DeviceConfig, options: Sequence[OptionInfo]) -> list[DriverError]:
    """A fault for each option that the protocol does not know, or whose value has the wrong type."""
    known = {option.name: option for option in options}
    return [
        fault
        for name, value in device.options.items()
        if (fault := _option_fault(device, name, value, known)) is not None
    ]


def _option_fault(
    device: DeviceConfig, name: str, value: OptionValue, known: dict[str, OptionInfo]
) -> DriverError | None:
    if name not in known:
        names = ", ".join(sorted(known))
        return DriverError(
            "option_unknown",
            Text(f"“{device.name}”的选项“{name}”不认识。", f'Device "{device.name}" has an unknown option "{name}".'),
            Text(f"可用的选项：{names}。", f"Known options: {names}."),
        )
    wanted = type(known[name].default)
    if isinstance(value, bool) != (wanted is bool) or not isinstance(
        value, (int, float) if wanted is float else wanted
    ):
        return DriverError(
            "option_type",
            Text(
                f"“{device.name}”的选项“{name}”的值“{value}”类型不对。",
                f'Option "{name}" of "{device.name}" cannot be "{value}".',
            ),
            Text(f"例如可以写 {known[name].default!r}。", f"For example, write {known[name].default!r}."),
        )
    return None
