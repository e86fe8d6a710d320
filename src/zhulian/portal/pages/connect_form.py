"""The one form of the connect wizard: reads what was typed into a device, and says at each field what is wrong.

Every protocol brings its own options; fields of protocols that were not chosen are kept, but not looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from zhulian.edge.protocols import protocols
from zhulian.edge.protocols.driver import OptionInfo, ProtocolInfo
from zhulian.organisations.point_tables import PointTable, fault_lines, read_pasted
from zhulian.organisations.queries import GatewayRow, MachineRow
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.errors import ZhulianError
from zhulian.wire.configuration import DeviceConfig, OptionValue, PointConfig

MOST_FAULTS_SHOWN = 20
POINT_COLUMNS = (
    "name", "address", "type", "byte_order", "scale", "offset",
    "unit", "poll_s", "deadband", "max_silence_s", "low", "high",
)  # fmt: skip
_PLAIN = PointConfig(name="", address="")


@dataclass
class Typed:
    """What a person typed, unchanged, so that it can always be shown again; and what is wrong with it."""

    values: dict[str, str]
    faults: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """One field, empty when it was not sent."""
        return self.values.get(name, "")

    def refuse(self, name: str, words: str) -> None:
        """Put ``words`` at the field ``name``."""
        self.faults.setdefault(name, []).append(words)


@dataclass(frozen=True, slots=True)
class OptionField:
    """One option of a protocol as a field of the form."""

    name: str
    info: OptionInfo
    value: str
    faults: Sequence[str]

    @property
    def kind(self) -> str:
        """Which control draws it."""
        default = self.info.default
        if isinstance(default, bool):
            return "checkbox"
        return "password" if self.info.name == "password" else "number" if isinstance(default, int | float) else "text"


def typed_in(post: QueryDict) -> Typed:
    """The form as it was sent."""
    return Typed({name: str(post.get(name, "")) for name in post})


def typed_from(machine: MachineRow, device: DeviceConfig) -> Typed:
    """The form for changing a machine, filled with what is in force."""
    values = {
        "id": str(machine.id),
        "revision": str(machine.revision),
        "gateway": str(machine.gateway or ""),
        "protocol": device.protocol,
        "name": device.name,
        "workshop": machine.workshop,
        "kind": machine.kind,
        "source_note": machine.source_note,
        "address": device.address,
        "poll_s": f"{device.poll_s:g}",
        "timeout_s": f"{device.timeout_s:g}",
        "points": as_table(device.points),
    }
    options = {f"{device.protocol}.{name}": _shown(value) for name, value in device.options.items()}
    return Typed(values | options)


def _shown(value: OptionValue) -> str:
    return ("on" if value else "") if isinstance(value, bool) else str(value)


def as_table(points: Sequence[PointConfig]) -> str:
    """Points as tab-separated text with a header; columns that nobody uses are left out."""
    used = [
        name for name in POINT_COLUMNS
        if name in {"name", "address"} or any(getattr(point, name) != getattr(_PLAIN, name) for point in points)
    ]  # fmt: skip
    lines = ["\t".join(used)]
    lines += ["\t".join(_cell(getattr(point, name)) for name in used) for point in points]
    return "\n".join(lines)


def _cell(value: str | float | None) -> str:
    return "" if value is None else f"{value:.15g}" if isinstance(value, float) else str(value)


def option_fields(protocol: ProtocolInfo, typed: Typed) -> list[OptionField]:
    """The options of one protocol with what was typed, or their defaults."""
    found = []
    for info in protocol.options:
        name = f"{protocol.name}.{info.name}"
        is_fresh = not typed.values.get("protocol")
        value = typed.values.get(name, _shown(info.default) if is_fresh or not isinstance(info.default, bool) else "")
        found.append(OptionField(name, info, value, typed.faults.get(name, ())))
    return found


def read_device(typed: Typed, *, needs_points: bool = True, needs_name: bool = True) -> DeviceConfig | None:
    """The device that was typed, or ``None`` with the faults at their fields."""
    protocol = protocols().get(typed.text("protocol"))
    if protocol is None:
        typed.refuse("protocol", _("请选择协议。"))
        return None
    values = {
        "id": int(typed.text("id")) if typed.text("id").isdigit() else 0,
        "name": _required(typed, "name", _("请给设备起个名字，例如“1 号空压机”。"))
        if needs_name
        else typed.text("name") or "?",
        "protocol": protocol.name,
        "address": _required(typed, "address", _("请填写设备地址，例如 %(hint)s。") % {"hint": protocol.address_hint}),
        "options": {
            info.name: value for info in protocol.options if (value := _option(typed, protocol, info)) is not None
        },
        "poll_s": _number(typed, "poll_s", 1.0),
        "timeout_s": _number(typed, "timeout_s", 2.0),
        "points": _points(typed) if needs_points else (),
    }
    if typed.faults:
        return None
    device = msgspec.convert(values, DeviceConfig)
    _check(protocol, device, typed)
    return None if typed.faults else device


def _required(typed: Typed, name: str, words: str) -> str:
    text = typed.text(name).strip()
    if not text:
        typed.refuse(name, words)
    return text


def _number(typed: Typed, name: str, otherwise: float) -> float:
    text = typed.text(name).strip()
    if not text:
        return otherwise
    try:
        return forms.FloatField().clean(text) or otherwise
    except forms.ValidationError:
        typed.refuse(name, _("“%(text)s”不是数字，请填秒数，例如 1 或 0.5。") % {"text": text})
        return otherwise


def _option(typed: Typed, protocol: ProtocolInfo, info: OptionInfo) -> OptionValue | None:
    """What was chosen, or None where it is the default and need not be kept."""
    name = f"{protocol.name}.{info.name}"
    text = typed.text(name).strip()
    if isinstance(info.default, bool):
        return True if text else None
    if not text:
        return None
    if isinstance(info.default, str):
        return None if text == info.default else text
    kind: Any = forms.IntegerField() if isinstance(info.default, int) else forms.FloatField()
    try:
        value: OptionValue = kind.clean(text)
    except forms.ValidationError:
        typed.refuse(name, _("“%(text)s”不是数字。") % {"text": text})
        return None
    return None if value == info.default else value


def _points(typed: Typed) -> tuple[PointConfig, ...]:
    if not typed.text("points").strip():
        typed.refuse("points", _("请粘贴点表，至少一行：点位名称和地址。"))
        return ()
    try:
        table = read_pasted(typed.text("points"))
    except ZhulianError as fault:
        typed.refuse("points", said(fault))
        return ()
    for line in table_faults(table):
        typed.refuse("points", line)
    return table.points


def unread_words(table: PointTable) -> list[str]:
    """What of a table was not read, which must be said: columns nobody knows or too far right, other sheets."""
    words = [said(notice) for notice in table.notices]
    if table.ignored:
        unread = _("没有认出的列，没有读入：%(unread)s。请把列名改成模板里的写法，例如“倍率”“单位”“死区”，再试一次。")
        words.append(unread % {"unread": _("、").join(table.ignored)})
    return words


def table_faults(table: PointTable) -> list[str]:
    """Each wrong cell in words; beyond a screenful only their number."""
    lines = [said(line) for line in fault_lines(table.faults)]
    more = len(lines) - MOST_FAULTS_SHOWN
    return lines if more <= 0 else [*lines[:MOST_FAULTS_SHOWN], _("另有 %(more)s 处问题。") % {"more": more}]


def _check(protocol: ProtocolInfo, device: DeviceConfig, typed: Typed) -> None:
    """What the protocol itself can tell without a connection: addresses, types, byte orders, options."""
    faults = protocol.check(device)
    for fault in faults[:MOST_FAULTS_SHOWN]:
        where = "address" if "address" in fault.code and not device.points else "points"
        typed.refuse("address" if fault.code.startswith("device_address") else where, said(fault))


def usable(gateways: Sequence[GatewayRow]) -> list[GatewayRow]:
    """Gateways that may be given machines."""
    return [row for row in gateways if row.revoked_at is None]
