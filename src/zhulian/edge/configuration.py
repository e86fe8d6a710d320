"""A gateway's own TOML file: read kindly, judged strictly, with the place of what is wrong named as a person would.

``zhulian edge`` and :mod:`zhulian.edge.gateway` call it. Nothing of a configuration is used before all of it is good.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from zhulian.edge.checks import ConfigurationFaults, device_faults, id_faults, wrong, wrong_value
from zhulian.edge.json_topics.rules import Rule, TopicRule
from zhulian.edge.protocols.driver import ProtocolInfo
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.configuration import ConfigurationError, DeviceConfig, PointConfig

LARGEST_FILE_BYTES = 32 * 1024 * 1024


class GatewaySection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[gateway]``."""

    name: str
    state: str = "state"
    """Folder for key, outbox and cached configuration; relative to the file."""
    status_port: int = 8090
    """Local status page on 127.0.0.1; 0 for none."""
    outbox_mb: int = 1024
    """The most the outbox may hold; beyond it the oldest readings make room."""
    outbox_days: float = 30.0
    """Readings older than this are dropped from the outbox."""


class PlatformSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[platform]``."""

    url: str
    code: str = ""
    """One-time enrolment code, used once at the first start."""
    ca: str = ""
    """PEM file of the authority that signed the platform's certificate, for a city with one of its own."""


class SparkplugSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[sparkplug]`` of a gateway's file."""

    broker: str
    """``mqtt://192.0.2.20:1883`` or ``mqtts://broker.example.cn:8883``."""
    groups: tuple[str, ...]
    """Group ids of this enterprise. A gateway belongs to one enterprise, so name no other's."""
    host: str = "zhulian"
    """The host id that nodes wait for when it is their primary host."""
    username: str = ""
    password_file: str = ""
    """File in the state folder's ``secrets``; the password never stands in the configuration."""
    ca: str = ""
    """PEM file of the authority that signed the broker's certificate, in ``secrets``."""


class MqttSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[mqtt]`` of a gateway's file: plain JSON topics."""

    broker: str
    """``mqtt://192.0.2.20:1883`` or ``mqtts://broker.example.cn:8883``."""
    topic: tuple[TopicRule, ...]
    """The first whose topic fits a message reads it."""
    session: str = ""
    """A name of its own on the broker, which then keeps messages of QoS 1 while the gateway is away."""
    username: str = ""
    password_file: str = ""
    """File in the state folder's ``secrets``; the password never stands in the configuration."""
    ca: str = ""
    """PEM file of the authority that signed the broker's certificate, in ``secrets``."""


class LocalFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file, before its paths are made absolute."""

    gateway: GatewaySection
    platform: PlatformSection | None = None
    sparkplug: SparkplugSection | None = None
    mqtt: MqttSection | None = None
    device: tuple[DeviceConfig, ...] = ()


class LocalConfiguration(msgspec.Struct, frozen=True, kw_only=True):
    """A checked file. ``platform_url`` is empty for a gateway that only keeps readings."""

    path: Path
    name: str
    state: Path
    status_port: int
    outbox_bytes: int
    outbox_age_s: float
    platform_url: str = ""
    code: str = ""
    ca: Path | None = None
    sparkplug: SparkplugSection | None = None
    mqtt: MqttSection | None = None
    devices: tuple[DeviceConfig, ...] = ()


def read_file(path: Path, protocols: Mapping[str, ProtocolInfo]) -> LocalConfiguration:
    """The checked configuration in ``path``. Raises :class:`ConfigurationError` naming what is wrong and where."""
    table = _parse(_text(path))
    try:
        file = msgspec.convert(_kindly(table), LocalFile)
    except msgspec.ValidationError as error:
        raise _wrong_field(str(error), table) from error
    devices = tuple(trimmed(device) for device in file.device)
    faults = [*_section_faults(file), *device_faults(devices, protocols), *id_faults(devices)]
    if faults:
        raise ConfigurationFaults(faults)
    base, platform = path.resolve().parent, file.platform
    return LocalConfiguration(
        path=path,
        name=file.gateway.name.strip(),
        state=base / Path(file.gateway.state).expanduser(),
        status_port=file.gateway.status_port,
        outbox_bytes=file.gateway.outbox_mb * 1024 * 1024,
        outbox_age_s=file.gateway.outbox_days * 86400.0,
        platform_url=platform.url.strip().rstrip("/") if platform else "",
        code=platform.code.strip() if platform else "",
        ca=base / Path(platform.ca).expanduser() if platform and platform.ca else None,
        sparkplug=file.sparkplug,
        mqtt=file.mqtt,
        devices=devices,
    )


def trimmed(device: DeviceConfig) -> DeviceConfig:
    """Without the blanks around names and addresses that a paste from Excel brings along."""
    points = tuple(
        msgspec.structs.replace(p, name=p.name.strip(), address=p.address.strip(), type=p.type.strip().lower())
        for p in device.points
    )
    return msgspec.structs.replace(
        device,
        name=device.name.strip(),
        address=device.address.strip(),
        protocol=device.protocol.strip(),
        points=points,
    )


def _text(path: Path) -> str:
    """The file's text: UTF-8 with or without a mark, UTF-16 with one, or GB18030 as Chinese editors on Windows save."""
    try:
        if path.stat().st_size > LARGEST_FILE_BYTES:
            raise wrong(
                "configuration_large",
                f"配置文件 {path} 超过 32 MB。",
                f"The configuration file {path} is larger than 32 MB.",
                (
                    "请确认文件没有选错；点位很多时请分成几个网关。",
                    "Check that it is the right file; split very many points.",
                ),
            )
        body = path.read_bytes()
    except OSError as error:
        raise wrong(
            "configuration_missing",
            f"打不开配置文件 {path}（{error.strerror}）。",
            f"The configuration file {path} cannot be opened ({error.strerror}).",
            ("请检查路径和读取权限。", "Check the path and the permission to read it."),
        ) from error
    for encoding in ("utf-16",) if body[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise wrong(
        "configuration_encoding",
        f"配置文件 {path} 既不是 UTF-8 也不是 GB18030 文本。",
        f"The configuration file {path} is text in neither UTF-8 nor GB18030.",
        ("请用文本编辑器另存为 UTF-8。", "Save it as UTF-8 in a text editor."),
    )


def _parse(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        zh = f"第 {place[1]} 行第 {place[2]} 列" if place else "文件末尾"
        raise wrong(
            "configuration_toml",
            f"配置文件的写法有误，在{zh}（{error}）。",
            f"The configuration file is not valid TOML: {error}.",
            (
                "常见原因：文字没有加英文引号、用了中文引号或逗号、方括号没有成对。",
                "Usual causes: text without quotes, curly quotes or full-width commas, brackets that do not match.",
            ),
        ) from error


def _kindly(table: dict[str, Any]) -> dict[str, Any]:
    """``[[device.point]]`` reads better than ``points``, and ``address = 40001`` means what it says without quotes."""
    devices = table.get("device")
    if not isinstance(devices, list):
        return table
    return {**table, "device": [_kind_device(device) for device in devices]}


def _kind_device(device: Any) -> Any:  # noqa: ANN401 - whatever stood in the file; msgspec judges it next
    if not isinstance(device, dict):
        return device
    points = device.get("point", [])
    kind = {key: value for key, value in _plain_address(device).items() if key != "point"}
    kind["points"] = (
        [_plain_address(p) if isinstance(p, dict) else p for p in points] if isinstance(points, list) else points
    )
    return kind


def _plain_address(table: dict[str, Any]) -> dict[str, Any]:
    address = table.get("address")
    return {**table, "address": str(address)} if type(address) is int else table


_FIELDS = {
    "gateway": GatewaySection,
    "platform": PlatformSection,
    "sparkplug": SparkplugSection,
    "mqtt": MqttSection,
    "topic": TopicRule,
    "device": DeviceConfig,
    "points": PointConfig,
}


def _wrong_field(message: str, table: dict[str, Any]) -> ConfigurationError:
    """Say the place as a person would: the device's and point's name, and the key that was probably meant."""
    unknown = re.search(r"unknown field `([^`]+)`", message)
    where_zh, where_en, section = _place(message, table)
    if unknown is None:
        reason = message.split(" - at ", maxsplit=1)[0]
        missing = re.search(r"missing required field `([^`]+)`", message)
        reason_zh = f"缺少 {missing[1].replace('points', 'point')}" if missing else reason
        return wrong(
            "configuration_field",
            f"配置里{where_zh}的内容不对：{reason_zh}。",
            f"The configuration is wrong at {where_en}: {reason}.",
            (
                "各项的写法见 docs/reference/gateway-configuration.md。",
                "Every key: docs/reference/gateway-configuration.md.",
            ),
        )
    known = [*_FIELDS[section].__struct_fields__] if section in _FIELDS else [*LocalFile.__struct_fields__]
    known = ["point" if name == "points" else name for name in known if name != "id"]
    near = difflib.get_close_matches(unknown[1], known, 1)
    meant = Text(f"是否想写 {near[0]}？", f"Was {near[0]} meant? ") if near else Text("", "")
    return wrong(
        "configuration_unknown_key",
        f"配置里{where_zh}有不认识的项 {unknown[1]}。",
        f"The configuration has an unknown key {unknown[1]} at {where_en}.",
        (f"{meant.zh}可用的项：{'、'.join(known)}。", f"{meant.en}Known keys: {', '.join(known)}."),
    )


def _place(message: str, table: dict[str, Any]) -> tuple[str, str, str]:
    path = re.search(r"`\$\.?([^`]*)`", message)
    zh, en, section, node = "", "", "", table
    for key, index in re.findall(r"(\w+)(?:\[(\d+)\])?", path[1] if path else ""):
        section = key
        node = node.get("point" if key == "points" else key, {}) if isinstance(node, dict) else {}
        if not index:
            zh, en = f"{zh} {key}", f"{en} {key}"
            continue
        node = node[int(index)] if isinstance(node, list) and int(index) < len(node) else {}
        name = node.get("name", "") if isinstance(node, dict) else ""
        noun_zh, noun_en = ("点位", "point") if key == "points" else ("设备", "device")
        zh, en = f"{zh}第 {int(index) + 1} 个{noun_zh}“{name}”", f"{en} {noun_en} {int(index) + 1} “{name}”"
    return zh or "最外层", en.strip() or "the top level", section


def _section_faults(file: LocalFile) -> Iterator[ZhulianError]:
    gateway, platform = file.gateway, file.platform
    if not gateway.name.strip():
        yield wrong_value("gateway.name", "", "要有名称", "must not be empty")
    if not 0 <= gateway.status_port <= 65535:
        yield wrong_value("gateway.status_port", gateway.status_port, "应在 0 到 65535 之间", "must lie in 0..65535")
    if gateway.outbox_mb < 1:
        yield wrong_value("gateway.outbox_mb", gateway.outbox_mb, "至少为 1", "must be at least 1")
    if not gateway.outbox_days > 0:
        yield wrong_value("gateway.outbox_days", gateway.outbox_days, "应大于 0", "must be above 0")
    if platform and not re.match(r"https?://[^/\s]+", platform.url.strip()):
        yield wrong_value(
            "platform.url", platform.url, "应以 http:// 或 https:// 开头", "must begin with http:// or https://"
        )
    if file.sparkplug:
        yield from _sparkplug_faults(file.sparkplug)
    if file.mqtt:
        yield from _mqtt_faults(file.mqtt)


def _mqtt_faults(section: MqttSection) -> Iterator[ZhulianError]:
    if not re.fullmatch(r"mqtts?://[^/\s]+", section.broker.strip()):
        yield wrong_value("mqtt.broker", section.broker, "应写成 mqtt://主机:端口", "is written mqtt://host:port")
    if not section.topic:
        yield wrong_value("mqtt.topic", "[]", "至少要有一个主题", "must name a topic")
    for one in section.topic:
        try:
            Rule(one)
        except ValueError:
            yield wrong_value(
                "mqtt.topic.topic",
                one.topic,
                "应像 factory/{machine}/{point}，并由主题、name 或 machine 说出设备",
                "is written like factory/{machine}/{point}; topic, name or machine must say the machine",
            )


def _sparkplug_faults(section: SparkplugSection) -> Iterator[ZhulianError]:
    if not re.fullmatch(r"mqtts?://[^/\s]+", section.broker.strip()):
        yield wrong_value("sparkplug.broker", section.broker, "应写成 mqtt://主机:端口", "is written mqtt://host:port")
    if not section.groups:
        yield wrong_value("sparkplug.groups", "[]", "至少要有一个组", "must name a group")
    for name, value in [("host", section.host), *(("groups", group) for group in section.groups)]:
        if not value.strip() or set(value) & set("/+#\0"):
            yield wrong_value(f"sparkplug.{name}", value, "不能为空，不能含 / + #", "must not be empty or hold / + #")
