"""What tests of the evidence share: a clock whose hands they turn."""

from datetime import datetime, timedelta

import pytest

from zhulian.vocabulary.clock import SHANGHAI, to_time_us
from zhulian.vocabulary.readings import TimeUs


class Hands:
    """A clock that stands until it is turned."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)

    def __call__(self) -> TimeUs:
        return to_time_us(self.now)

    def turn(self, days: int = 1) -> datetime:
        """Some days later."""
        self.now += timedelta(days=days)
        return self.now


@pytest.fixture
def clock() -> Hands:
    """2 March 2026, nine in the morning."""
    return Hands()
