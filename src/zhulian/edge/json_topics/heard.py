"""The machines that were heard on plain topics: pure; the listener hands it messages and keeps what comes out."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from zhulian.edge.json_topics.rules import Rule, Said, StrangeError, TopicRule
from zhulian.edge.points import LONGEST_TEXT, Sample, point_key, usable
from zhulian.edge.sparkplug.nodes import AHEAD_US, Heard, Known, Station
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.configuration import DeviceConfig, PointConfig

PROTOCOL = "mqtt_json"
MOST_POINTS = 20_000
"""Of all machines together: names may come out of messages, and a message may be anything."""


@dataclass
class Strange:
    """Messages that were no readings: how many, and the last of them in words."""

    count: int = 0
    topic: str = ""
    why_zh: str = ""
    why_en: str = ""


@dataclass
class Machines:
    """Everything heard; ``remembered`` are machines of an earlier run."""

    rules: Sequence[Rule]
    stations: dict[str, Station] = field(default_factory=dict)
    """By the machine's name."""
    strange: Strange = field(default_factory=Strange)
    _points: int = 0

    @classmethod
    def of(cls, told: Sequence[TopicRule], remembered: Sequence[DeviceConfig] = ()) -> "Machines":
        """Ready to hear. Raises ValueError for a rule that is none."""
        found = cls([Rule(one) for one in told])
        for device in remembered:
            metrics = {point.name: Known(point, 0) for point in device.points}
            found.stations[device.name] = Station(device, metrics=metrics)
            found._points += len(metrics)
        return found

    @property
    def devices(self) -> tuple[DeviceConfig, ...]:
        """Every machine ever heard of."""
        return tuple(station.device for station in self.stations.values())

    def take(self, topic: str, body: bytes, now_us: TimeUs, *, is_retained: bool = False) -> Heard:
        """One message. A retained one without a time is left out: it may be of any age."""
        samples: list[Sample] = []
        is_news = False
        for rule in self.rules:
            names = rule.match(topic)
            if names is None:
                continue
            try:
                for said in rule.read(names, body):
                    if said.time_us is None and is_retained:
                        continue
                    known, is_new = self._known(said)
                    is_news |= is_new
                    samples.append(self._kept(said, known, now_us))
            except StrangeError as fault:
                self.strange = Strange(self.strange.count + 1, topic[:200], fault.zh, fault.en)
            break
        return Heard(tuple(samples), is_news=is_news)

    def lose(self) -> None:
        """The line broke: nobody is known to be there."""
        for station in self.stations.values():
            station.is_there = False

    def _known(self, said: Said) -> tuple[Known, bool]:
        station = self.stations.get(said.machine)
        if station is None:
            station = self.stations[said.machine] = Station(
                DeviceConfig(name=said.machine, protocol=PROTOCOL, address=said.machine)
            )
        known = station.metrics.get(said.point)
        if known is not None:
            return known, False
        if self._points >= MOST_POINTS:
            raise StrangeError(f"点位超过 {MOST_POINTS} 个", f"there are more than {MOST_POINTS} points")
        known = station.metrics[said.point] = Known(PointConfig(name=said.point, address=said.point), 0)
        self._points += 1
        device = station.device
        station.device = DeviceConfig(
            name=device.name, protocol=PROTOCOL, address=device.address, points=(*device.points, known.point)
        )
        return known, True

    def _kept(self, said: Said, known: Known, now_us: TimeUs) -> Sample:
        """What is older than the newest is kept at its time; what is ahead of the clock gets the time of now."""
        station = self.stations[said.machine]
        text = said.text[:LONGEST_TEXT] if said.text is not None else None
        value, quality = usable(known.point, said.value, said.quality, speaks=text is not None)
        is_ahead = said.time_us is None or said.time_us > now_us + AHEAD_US
        time_us = now_us if is_ahead or said.time_us is None else TimeUs(said.time_us)
        sample = Sample(point_key(station.device, known.point), time_us, value, quality, text)
        if known.last is None or time_us >= known.last.time_us:
            known.last = sample
        station.is_there, station.last_us = True, now_us
        station.messages += 1
        return sample
