"""What the telemetry process tells the portal about alarms, as it crosses the loopback."""

import msgspec

from zhulian.telemetry.alarms.events import Event


class Heard(msgspec.Struct, frozen=True):
    """An answer to "what happened after number N". A gap is filled with each rule's whole known history."""

    log: str
    number: int
    """Up to which event this tells; ask for what comes after it next."""
    rules_version: int
    events: tuple[Event, ...]


class Active(msgspec.Struct, frozen=True):
    """An alarm that is active now."""

    rule: int
    start_us: int
    value: float | None


class RulesStanding(msgspec.Struct, frozen=True):
    """How the rules stand right now."""

    rules: int
    active: tuple[Active, ...]
    unknown: tuple[int, ...]
    due: int
    late: int
    too_late: int
    ahead: int
