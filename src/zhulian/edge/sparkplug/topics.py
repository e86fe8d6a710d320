"""Sparkplug topics: ``spBv1.0/group/NDATA/node`` and ``spBv1.0/group/DDATA/node/device`` (3.0.0, chapter 4)."""

from typing import NamedTuple

NAMESPACE = "spBv1.0"
OF_NODES = frozenset({"NBIRTH", "NDATA", "NDEATH"})
OF_DEVICES = frozenset({"DBIRTH", "DDATA", "DDEATH"})


class Topic(NamedTuple):
    """Who speaks, and what kind of message it is. ``device`` is "" when the node speaks for itself."""

    group: str
    kind: str
    node: str
    device: str = ""


def parse(text: str) -> Topic | None:
    """The topic's parts; ``None`` for commands, host states and whatever else is said in the namespace."""
    match text.split("/"):
        case [space, group, kind, node] if space == NAMESPACE and kind in OF_NODES:
            return Topic(group, kind, node)
        case [space, group, kind, node, device] if space == NAMESPACE and kind in OF_DEVICES:
            return Topic(group, kind, node, device)
    return None


def everything_of(group: str) -> str:
    """What a host subscribes to, to hear one group."""
    return f"{NAMESPACE}/{group}/#"


def command(group: str, node: str) -> str:
    """Where a node listens."""
    return f"{NAMESPACE}/{group}/NCMD/{node}"


def state(host: str) -> str:
    """Where a host says whether it is there."""
    return f"{NAMESPACE}/STATE/{host}"
