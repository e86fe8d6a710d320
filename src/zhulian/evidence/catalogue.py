"""The catalogue of fact keys: what may be known, and what each of it means.

``catalogue.toml`` is the list; what the city changed on the page 事实目录 (``KeyOverride``) lies over it. Docs:
docs/reference/fact-keys.md, which a test compares with the file.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from zhulian.evidence.rules import EvidenceClass, EvidenceError
from zhulian.vocabulary.errors import Text

Kind = Literal["count", "number", "ratio", "fen", "text", "flag", "options"]
Period = Literal["state", "day", "month", "quarter", "year"]
Group = Literal["machines", "oee", "energy", "identifiers", "cloud", "business", "management"]
GROUP_NAMES: Mapping[str, Text] = {
    "machines": Text("设备与数据", "Machines and data"),
    "oee": Text("设备综合效率", "OEE inputs"),
    "energy": Text("能源", "Energy"),
    "identifiers": Text("标识解析", "Identifiers"),
    "cloud": Text("应用与上云", "Apps and cloud"),
    "business": Text("经营", "Business"),
    "management": Text("管理与安全", "Management and security"),
}
CLASS_NAMES: Mapping[EvidenceClass, Text] = {
    EvidenceClass.A: Text("设备测得", "measured by machines"),
    EvidenceClass.B: Text("文件证明", "proven by a document"),
    EvidenceClass.C: Text("自行申报", "stated"),
}
PERIOD_NAMES: Mapping[str, Text] = {
    "state": Text("状态", "state"),
    "day": Text("按日", "by day"),
    "month": Text("按月", "by month"),
    "quarter": Text("按季", "by quarter"),
    "year": Text("按年", "by year"),
}


class FactKey(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One row of the catalogue. ``validity_days`` None: until something newer is known. ``most`` bounds a count."""

    key: str
    name: Text
    meaning: Text
    group: Group
    kind: Kind
    unit: str
    period: Period
    classes: str
    owner: Text
    measured: Text
    validity_days: int | None = None
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    most: float | None = None
    is_off: bool = False
    """The city does not use it: nothing new is stated, what was stated stays."""

    @property
    def by_period(self) -> bool:
        """Whether it is counted by day, month, quarter or year instead of being a state."""
        return self.period != "state"

    def allows(self, evidence_class: EvidenceClass) -> bool:
        """Whether evidence of this class is accepted."""
        return evidence_class.value in self.classes


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    units: dict[str, Text]
    options: dict[str, Text]
    key: tuple[FactKey, ...]


@functools.cache
def _file() -> _File:
    return msgspec.toml.decode((Path(__file__).parent / "catalogue.toml").read_bytes(), type=_File)


def catalogue() -> dict[str, FactKey]:
    """Every key as the data file has it, in the file's order."""
    return {row.key: row for row in _file().key}


def unit_name(unit: str) -> Text:
    """How a unit is written on pages."""
    found = _file().units.get(unit)
    return found or Text(unit, unit)


def option_name(option: str) -> Text:
    """How an option is written on pages; a free text is its own name."""
    return _file().options.get(option) or Text(option, option)


def unknown_key(key: str) -> EvidenceError:
    """Nobody agreed on what this key means."""
    return EvidenceError(
        "fact_key_unknown",
        Text(f"事实目录里没有“{key}”。", f"“{key}” is not in the catalogue of fact keys."),
        Text(
            "请从事实目录中选择，或请管理员先登记它的含义。",
            "Choose one from the catalogue, or have its meaning agreed first.",
        ),
    )
