"""How long to wait before the next try: doubling, bounded, and with jitter, lest a hundred gateways knock at once."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Backoff:
    """``next_s()`` grows from ``first_s`` to ``most_s``; ``reset()`` after a success. Jitter is ±20 %."""

    first_s: float
    most_s: float
    chance: Callable[[], float] = random.random
    """A number in 0..1; handed in by tests."""
    tries: int = field(default=0, init=False)

    def next_s(self) -> float:
        """Seconds to wait now, and longer the next time."""
        plain_s = min(self.most_s, self.first_s * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return plain_s * (0.8 + 0.4 * self.chance())

    def reset(self) -> None:
        """It worked: begin small again."""
        self.tries = 0
