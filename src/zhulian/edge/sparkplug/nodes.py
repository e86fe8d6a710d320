"""What every edge node has said: births, sequence, values. Pure; the host hands it messages and does what it asks.

Rules of Eclipse Sparkplug 3.0.0: a birth tells names, aliases and data types (6.4.4); sequence numbers run 0…255 and a
gap means that something was lost, which a host mends by asking for a new birth (6.4.1); a death certificate counts only
for the birth that carries the same ``bdSeq`` (6.4.19).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from zhulian.edge.points import LONGEST_TEXT, Sample, point_key, usable
from zhulian.edge.sparkplug.payload import Metric, Payload, reading
from zhulian.edge.sparkplug.topics import Topic
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.configuration import DeviceConfig, PointConfig
from zhulian.wire.status import DeviceStatus

PROTOCOL = "sparkplug"
BIRTH_AND_DEATH = "bdSeq"
CONTROL = ("Node Control/", "Device Control/", "Properties/")
"""Metrics that steer or describe a node, and measure nothing."""
LONGEST_NAME, LONGEST_ADDRESS = 80, 200
AHEAD_US = 60_000_000
"""A time further ahead of the gateway's clock is a clock that is off: the gateway's own time is used."""
SILENCE_US = 60_000_000
"""An unchanged value of a station that is there is said again after this time, as with machines that are polled."""


class Heard(NamedTuple):
    """What a message means: samples to keep, whether machines became known, whether a birth has to be asked for."""

    samples: tuple[Sample, ...] = ()
    is_news: bool = False
    wants_birth: bool = False


@dataclass(slots=True)
class Known:
    """One metric as its birth told it, and its last sample."""

    point: PointConfig
    datatype: int
    last: Sample | None = None


@dataclass(slots=True)
class Station:
    """A node or a device: a machine to everybody else."""

    device: DeviceConfig
    is_there: bool = False
    metrics: dict[str, Known] = field(default_factory=dict)
    aliases: dict[int, str] = field(default_factory=dict)
    unknown_metrics: int = 0
    """Metrics that were left out: of a kind that is no reading, or with a name that is too long."""
    messages: int = 0
    last_us: int = 0

    def status(self) -> DeviceStatus:
        """As the gateway reports it."""
        state = "running" if self.is_there else "unreachable" if self.messages else "starting"
        return DeviceStatus(name=self.device.name, state=state, last_good_us=self.last_us, polls=self.messages)  # type: ignore[arg-type]  # one of the literals


@dataclass(slots=True)
class _Node:
    bd_seq: int | None = None
    next_sequence: int | None = None
    """``None`` until a birth was heard."""


class Nodes:
    """All nodes and devices of the groups that are listened to. ``remembered``: machines known from an earlier run."""

    def __init__(self, remembered: tuple[DeviceConfig, ...] = (), *, with_group: bool = False) -> None:
        self._with_group = with_group
        self._nodes: dict[tuple[str, str], _Node] = {}
        self.stations: dict[str, Station] = {device.address: Station(device) for device in remembered}
        """By address ``group/node`` or ``group/node/device``."""

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        """Every machine ever heard of, with its points."""
        return tuple(station.device for station in self.stations.values() if station.device.points)

    def take(self, topic: Topic, payload: Payload, now_us: TimeUs) -> Heard:
        """One message, in the order in which they came."""
        node = self._nodes.setdefault((topic.group, topic.node), _Node())
        match topic.kind:
            case "NBIRTH":
                return self._node_born(node, topic, payload, now_us)
            case "NDEATH":
                self._node_died(node, topic, payload)
                return Heard()
        if node.next_sequence is None:
            return Heard(wants_birth=True)
        is_gap = payload.sequence != node.next_sequence
        node.next_sequence = _after(payload.sequence, node.next_sequence)
        heard = self._said(topic, payload, now_us)
        return heard._replace(wants_birth=heard.wants_birth or is_gap)

    def lose(self) -> list[tuple[str, str]]:
        """The line to the broker broke: nobody is known to be there. Returns ``(group, node)`` of everybody to ask."""
        for node in self._nodes.values():
            node.next_sequence = None
        for station in self.stations.values():
            station.is_there = False
        return sorted({(*address.split("/")[:2],) for address in self.stations})  # type: ignore[misc]  # two each

    def again(self, now_us: TimeUs) -> list[Sample]:
        """Values that stand unchanged for a minute at stations that are there, with the time of now."""
        due = []
        for station in self.stations.values():
            for known in station.metrics.values() if station.is_there else ():
                if known.last is not None and now_us - known.last.time_us >= SILENCE_US:
                    known.last = known.last._replace(time_us=now_us)
                    due.append(known.last)
        return due

    def _node_born(self, node: _Node, topic: Topic, payload: Payload, now_us: TimeUs) -> Heard:
        """A new session: whatever its devices were, they have to be born again."""
        node.bd_seq = _session(payload)
        node.next_sequence = _after(payload.sequence, 0)
        self._leave(topic)
        return self._born(topic, payload, now_us)

    def _node_died(self, node: _Node, topic: Topic, payload: Payload) -> None:
        """A will that belongs to an earlier session says nothing about this one."""
        if None in {node.bd_seq, _session(payload)} or node.bd_seq == _session(payload):
            node.next_sequence = None
            self._leave(topic)

    def _leave(self, topic: Topic) -> None:
        place = f"{topic.group}/{topic.node}"
        for address, station in self.stations.items():
            if address == place or address.startswith(f"{place}/"):
                station.is_there = False

    def _said(self, topic: Topic, payload: Payload, now_us: TimeUs) -> Heard:
        match topic.kind:
            case "DBIRTH":
                return self._born(topic, payload, now_us)
            case "DDEATH":
                self._station(topic).is_there = False
                return Heard()
        station = self._station(topic)
        if not station.is_there:
            return Heard(wants_birth=True)
        station.messages += 1
        samples, is_strange = [], False
        for metric in payload.metrics:
            known = station.metrics.get(metric.name or station.aliases.get(_alias(metric), ""))
            if known is not None:
                samples += _kept(station, known, metric, now_us)
            elif not metric.name:
                is_strange = True  # an alias that no birth told: that birth was missed
        return Heard(tuple(samples), wants_birth=is_strange)

    def _born(self, topic: Topic, payload: Payload, now_us: TimeUs) -> Heard:
        station = self._station(topic)
        before = station.device
        told = [metric for metric in payload.metrics if not _is_control(metric.name)]
        usable_ones = [metric for metric in told if _is_usable(metric)]
        station.unknown_metrics = len(told) - len(usable_ones)
        points = {metric.name: _point(metric) for metric in usable_ones}
        station.metrics = {
            metric.name: Known(points[metric.name], metric.datatype, _last(station, metric)) for metric in usable_ones
        }
        station.aliases = {metric.alias: metric.name for metric in usable_ones if metric.alias is not None}
        station.device = _with_points(before, points)
        station.is_there, station.messages = True, station.messages + 1
        samples = [s for metric in usable_ones for s in _kept(station, station.metrics[metric.name], metric, now_us)]
        return Heard(tuple(samples), is_news=station.device != before)

    def _station(self, topic: Topic) -> Station:
        address = "/".join(filter(None, (topic.group, topic.node, topic.device)))
        if address not in self.stations:
            name = address if self._with_group else address.partition("/")[2]
            device = DeviceConfig(name=name[:LONGEST_NAME], protocol=PROTOCOL, address=address[:LONGEST_ADDRESS])
            self.stations[address] = Station(device)
        return self.stations[address]


def _kept(station: Station, known: Known, metric: Metric, now_us: TimeUs) -> list[Sample]:
    """The sample of a value; none for null. What is said of the past does not become the newest value."""
    found = reading(metric, metric.datatype or known.datatype)
    if found is None:
        return []
    number, words = found
    text = words[:LONGEST_TEXT] if words is not None else None
    value, quality = usable(known.point, number, metric.quality, speaks=text is not None)
    time_us = metric.time_us if metric.time_us is not None and metric.time_us <= now_us + AHEAD_US else now_us
    sample = Sample(point_key(station.device, known.point), time_us, value, quality, text)
    if not metric.is_historical:
        known.last, station.last_us = sample, now_us
    return [sample]


def _with_points(device: DeviceConfig, points: dict[str, PointConfig]) -> DeviceConfig:
    """Points of an earlier birth stay: a birth that leaves one out does not take its history away."""
    earlier = {point.name: point for point in device.points}
    return DeviceConfig(
        name=device.name, protocol=PROTOCOL, address=device.address, points=tuple((earlier | points).values())
    )


def _alias(metric: Metric) -> int:
    return -1 if metric.alias is None else metric.alias


def _session(payload: Payload) -> int | None:
    """The number that joins a birth and its death."""
    told = next((metric.raw for metric in payload.metrics if metric.name == BIRTH_AND_DEATH), None)
    return int(told) if isinstance(told, int | float) else None


def _last(station: Station, metric: Metric) -> Sample | None:
    known = station.metrics.get(metric.name)
    return known.last if known else None


def _point(metric: Metric) -> PointConfig:
    return PointConfig(name=metric.name, address=metric.name, unit=metric.unit)


def _is_control(name: str) -> bool:
    return name == BIRTH_AND_DEATH or name.startswith(CONTROL)


def _is_usable(metric: Metric) -> bool:
    """A kind of value that is a reading, under a name that can be kept."""
    is_reading = reading(metric._replace(raw=0 if metric.raw is None else metric.raw), metric.datatype) is not None
    return is_reading and 0 < len(metric.name.strip()) <= LONGEST_NAME and "\n" not in metric.name


def _after(sequence: int | None, expected: int) -> int:
    return ((expected if sequence is None else sequence) + 1) % 256
