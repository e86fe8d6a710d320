"""A room announces, rooms above listen."""

from dataclasses import dataclass

import pytest

from zhulian.vocabulary.events import announce, listen


@dataclass(frozen=True, slots=True)
class Opened:
    number: int


def test_listeners_hear_in_order_and_once() -> None:
    heard: list[str] = []

    def first(event: Opened) -> None:
        heard.append(f"first {event.number}")

    listen(Opened, first)
    listen(Opened, lambda event: heard.append(f"second {event.number}"))
    listen(Opened, first)
    announce(Opened(7))
    assert heard == ["first 7", "second 7"]


def test_nobody_needs_to_listen() -> None:
    @dataclass(frozen=True)
    class Unheard:
        pass

    announce(Unheard())


def test_what_a_listener_raises_reaches_the_announcer() -> None:
    @dataclass(frozen=True)
    class Refused:
        pass

    def refuse(_event: Refused) -> None:
        raise ValueError("no")

    listen(Refused, refuse)
    with pytest.raises(ValueError, match="no"):
        announce(Refused())
