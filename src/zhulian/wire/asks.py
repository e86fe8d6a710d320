"""What the platform asks of a gateway over the stream, and how the gateway answers.

Each line of the stream is one :class:`Ask` as JSON. The gateway answers ``try`` and ``browse`` with one POST of a
:class:`Reply`; ``configuration`` and ``ping`` need no answer.
"""

from typing import Literal

import msgspec

from zhulian.wire.configuration import DeviceConfig


class Ask(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``kind``: ping; configuration (a newer version waits at the portal); try (read each point once); browse."""

    kind: Literal["ping", "configuration", "try", "browse"]
    id: str = ""
    version: int = 0
    device: DeviceConfig | None = None
    node: str = ""
    """Where to browse from; empty is the top."""


class PointResult(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One point read once: a value, or the fault as :meth:`ZhulianError.as_json` gives it."""

    name: str
    value: float | None = None
    text: str | None = None
    quality: int = 0
    took_ms: float = 0.0
    fault: dict[str, str] | None = None


class Node(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something found by browsing: a folder to go into, or a value to read."""

    address: str
    name: str
    is_folder: bool
    type: str = ""
    sample: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The answer to ``id``; ``fault`` when the machine as a whole could not be reached."""

    id: str
    points: tuple[PointResult, ...] = ()
    nodes: tuple[Node, ...] = ()
    fault: dict[str, str] | None = None
