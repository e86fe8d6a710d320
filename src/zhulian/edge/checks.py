"""The one check that every configuration passes before it is used, be it a gateway's own file or the platform's."""

import difflib
import math
from collections.abc import Iterable, Iterator, Mapping

from zhulian.edge.protocols.driver import ProtocolInfo
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import LARGEST_POINT_ID
from zhulian.wire.configuration import ConfigurationError, DeviceConfig, PointConfig

SHORTEST_POLL_S = 0.01
FAULTS_SHOWN = 5


class ConfigurationFaults(ConfigurationError):  # noqa: N818 - the plural says it better
    """Everything that is wrong with one configuration; ``faults`` has each by itself."""

    def __init__(self, faults: list[ZhulianError]) -> None:
        shown, rest = faults[:FAULTS_SHOWN], len(faults) - FAULTS_SHOWN
        more = Text(f"……另有 {rest} 处。", f" … and {rest} more.") if rest > 0 else Text("", "")
        first = faults[0]
        super().__init__(
            first.code,
            Text("".join(f.what.zh for f in shown) + more.zh, " ".join(f.what.en for f in shown) + more.en),
            first.next_step,
        )
        self.faults = tuple(faults)


def device_faults(devices: Iterable[DeviceConfig], protocols: Mapping[str, ProtocolInfo]) -> list[ZhulianError]:
    """Everything wrong with ``devices``: names, numbers, protocol, and what the protocol itself says."""
    devices = tuple(devices)
    found: list[ZhulianError] = [*_repeated("device", "设备", "Device", [d.name for d in devices], "")]
    for device in devices:
        found.extend(_number_faults(device))
        found.extend(_repeated("point", "点位", "Point", [p.name for p in device.points], device.name))
        info = protocols.get(device.protocol)
        found.extend([_unknown_protocol(device, protocols)] if info is None else info.check(device))
    return found


def _number_faults(device: DeviceConfig) -> Iterator[ZhulianError]:
    where = f"“{device.name}”"
    if not SHORTEST_POLL_S <= device.poll_s < math.inf:
        yield wrong_value(f"{where} poll_s", device.poll_s, "应在 0.01 秒以上", "must be at least 0.01 s")
    if not 0 < device.timeout_s <= 600:
        yield wrong_value(f"{where} timeout_s", device.timeout_s, "应在 0 到 600 秒之间", "must lie in 0..600 s")
    for point in device.points:
        yield from _point_number_faults(f"“{device.name}”/“{point.name}”", point)


def _point_number_faults(where: str, point: PointConfig) -> Iterator[ZhulianError]:
    if point.poll_s is not None and not SHORTEST_POLL_S <= point.poll_s < math.inf:
        yield wrong_value(f"{where} poll_s", point.poll_s, "应在 0.01 秒以上", "must be at least 0.01 s")
    if not math.isfinite(point.scale) or point.scale == 0.0:
        yield wrong_value(f"{where} scale", point.scale, "应是不为 0 的数", "must be a number other than 0")
    if not math.isfinite(point.offset):
        yield wrong_value(f"{where} offset", point.offset, "应是有限的数", "must be finite")
    if not 0 <= point.deadband < math.inf:
        yield wrong_value(f"{where} deadband", point.deadband, "不能为负", "must not be negative")
    if not 0 <= point.max_silence_s < math.inf:
        yield wrong_value(f"{where} max_silence_s", point.max_silence_s, "不能为负", "must not be negative")
    if not 0 <= point.id <= LARGEST_POINT_ID:
        yield wrong_value(f"{where} id", point.id, "超出范围", "is out of range")
    limits = [limit for limit in (point.low, point.high) if limit is not None]
    if any(math.isnan(limit) for limit in limits) or (len(limits) == 2 and limits[0] > limits[1]):
        yield wrong_value(f"{where} low, high", limits, "下限应不大于上限", "low must not be above high")


def id_faults(devices: Iterable[DeviceConfig]) -> Iterator[ZhulianError]:
    """Ids that a person wrote into the gateway's own file."""
    for device in devices:
        for name, given in [(device.name, device.id), *((p.name, p.id) for p in device.points)]:
            if given:
                yield wrong_value(
                    f"“{name}” id", given, "编号由平台分配，请删掉这一行", "is given by the platform; leave it out"
                )


def missing_ids(devices: Iterable[DeviceConfig]) -> Iterator[ZhulianError]:
    """Points from the platform without its id: their readings could never be sent."""
    for device in devices:
        for point in device.points:
            if not point.id:
                yield wrong_value(f"“{device.name}”/“{point.name}” id", 0, "平台没有给编号", "the platform gave no id")


def _repeated(kind: str, noun_zh: str, noun_en: str, names: list[str], within: str) -> Iterator[ZhulianError]:
    place_zh, place_en = (f"“{within}”的", f" of “{within}”") if within else ("", "")
    seen: set[str] = set()
    for name in names:
        if not name or "\n" in name or name in seen:
            yield wrong(
                f"configuration_{kind}_name",
                f"{place_zh}{noun_zh}名称“{name}”{'重复' if name in seen else '为空或含有换行'}。",
                f"{noun_en} name “{name}”{place_en} "
                f"{'is used twice' if name in seen else 'is empty or has a line break'}.",
                ("请给每个设备和点位一个不同的名称。", "Give every device and point a name of its own."),
            )
        seen.add(name)


def _unknown_protocol(device: DeviceConfig, protocols: Mapping[str, ProtocolInfo]) -> ZhulianError:
    known = sorted(protocols)
    near = difflib.get_close_matches(device.protocol, known, 1, 0.4)
    meant = Text(f"是否想写 {near[0]}？", f"Was {near[0]} meant? ") if near else Text("", "")
    return wrong(
        "configuration_unknown_protocol",
        f"设备“{device.name}”的协议 {device.protocol} 不认识。",
        f"Device “{device.name}” names an unknown protocol, {device.protocol}.",
        (f"{meant.zh}可用的协议：{'、'.join(known)}。", f"{meant.en}Known protocols: {', '.join(known)}."),
    )


def wrong_value(key: str, value: object, why_zh: str, why_en: str) -> ConfigurationError:
    """A key whose value cannot be."""
    return wrong(
        "configuration_value",
        f"{key} = {value}：{why_zh}。",
        f"{key} = {value}: {why_en}.",
        ("请改正后重试。", "Correct it and try again."),
    )


def wrong(code: str, zh: str, en: str, next_step: tuple[str, str]) -> ConfigurationError:
    """A :class:`ConfigurationError` from plain words."""
    return ConfigurationError(code, Text(zh, en), Text(*next_step))
