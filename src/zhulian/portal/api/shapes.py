"""What the public interface answers with; its OpenAPI document is made from these. Times are ISO 8601 in UTC."""

from datetime import date, datetime
from typing import Generic, TypeVar

from ninja import Schema
from pydantic import Field

T = TypeVar("T")


class Refusal(Schema):
    """What happened and what to do next, in both languages; ``code`` is stable. ``fields`` name wrong parameters."""

    code: str
    what_zh: str
    what_en: str
    next_zh: str
    next_en: str
    fields: dict[str, str] = Field(default_factory=dict)


class Listed(Schema, Generic[T]):
    """One page of a list. ``hidden`` counts the enterprises of the city that your rights hide."""

    rows: list[T]
    total: int
    number: int
    size: int
    hidden: int


class EnterpriseOut(Schema):
    """One enterprise and how much it has connected."""

    id: int
    name: str
    credit_code: str
    industry: str
    district: str
    reporting_area: str
    above_scale: bool
    is_sample: bool
    gateways: int
    machines: int
    points: int


class AreaOut(Schema):
    """One reporting area."""

    code: str
    name_zh: str
    name_en: str
    enterprises: int
    above_scale: int
    connected: int
    machines: int
    points: int


class GatewayOut(Schema):
    """One gateway; ``connected`` is null while nobody can say."""

    id: int
    enterprise: int
    name: str
    version: str
    configuration_version: int
    machines: int
    enrolled_at: datetime | None
    revoked_at: datetime | None
    connected: bool | None
    last_heard_at: datetime | None
    waiting_rows: int | None


class PointOut(Schema):
    """One point of a machine. ``reports_every_s`` is how long it may be quiet at most."""

    id: int
    machine: int
    name: str
    address: str
    type: str
    unit: str
    poll_s: float
    deadband: float
    reports_every_s: float
    low: float | None
    high: float | None


class FoundPointOut(PointOut):
    """A point of a search, with the names of its machine and enterprise."""

    machine_name: str
    enterprise: int
    enterprise_name: str


class MachineOut(Schema):
    """One machine with its points."""

    id: int
    enterprise: int
    gateway: int | None
    name: str
    workshop: str
    kind: str
    protocol: str
    address: str
    declared_by_gateway: bool
    is_sample: bool
    source_note: str
    points: list[PointOut]


class LatestOut(Schema):
    """The newest reading of a point, and when it was received; ``freshness`` is live, late, silent or never."""

    point: int
    time: datetime | None
    value: float | None
    text: str | None
    quality: int | None
    freshness: str
    received: datetime | None


class CountOut(Schema):
    """How many readings of a point are kept, and from when to when."""

    point: int
    count: int
    first: datetime
    last: datetime


class FactOut(Schema):
    """One fact of the ledger. ``unit`` ratio is 0 to 1, fen is integer money; ``valid_until`` null holds on."""

    id: int
    enterprise: int | None
    subject_kind: str
    subject: int
    key: str
    value: bool | int | float | str | list[str] | None
    unit: str
    period_start: date
    period_end: date
    source: str
    evidence_class: str
    captured_at: datetime
    captured_by: str
    valid_until: date | None
    supersedes: int | None
    is_withdrawal: bool
    document: int | None
    note: str
    superseded_by: int | None = None
    is_withdrawn: bool = False
    is_sample: bool = False


class FactChainOut(Schema):
    """One fact, how its source came to it, and its corrections: ``earlier`` newest first, ``later`` oldest first."""

    fact: FactOut
    details: dict[str, object]
    earlier: list[FactOut]
    later: list[FactOut]


class HoldingOut(Schema):
    """What holds for one key, and what other sources say; disputed when one of them disagrees beyond the tolerance."""

    fact: FactOut
    others: list[FactOut]
    is_disputed: bool


class FactKeyOut(Schema):
    """One key of the catalogue."""

    key: str
    name_zh: str
    name_en: str
    meaning_zh: str
    meaning_en: str
    kind: str
    unit: str
    period: str
    classes: list[str]
    validity_days: int | None
    tolerance: float
    options: list[str]
    is_off: bool
