"""What happened, told upwards: a room announces, the rooms above it listen, and no import goes up.

A room declares its events as frozen dataclasses beside its ``workflows``; a room above calls :func:`listen` when it
starts (``AppConfig.ready``). Listeners run at once and inside the announcer's transaction, so that what they write
stands or falls with what was announced.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

E = TypeVar("E")

_listeners: dict[type[object], list[Callable[[Any], None]]] = defaultdict(list)


def listen(kind: type[E], listener: Callable[[E], None]) -> None:
    """Call ``listener`` with every event of ``kind`` from now on; a second time for the same listener is nothing."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def announce(event: object) -> None:
    """Tell every listener of this kind of event, in the order in which they came; their errors are the caller's."""
    for listener in tuple(_listeners[type(event)]):
        listener(event)
