"""When somebody listened: an absence is believed only when the platform could have heard (decision 0036).

Between the last sign of life of one telemetry process and the moment the next one listens lies a stretch in which
nobody did; so it is while whoever sends is refused, because the disk or the journal is full. Silence that was not yet
an alarm when it began counts anew from its end. Readings that gateways kept and hand in later speak for themselves: a
gap between them is silence like any other.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
RETURN_US = 900_000_000
"""After a stop, silence counts from the beginning, but a rule of hours waits for gateways no longer than this."""
HANDED_IN_US = 60_000_000
"""A reading this much older than the end of a stop was kept by its gateway, which hands in what it kept in order. One
that is younger may have overtaken it: gateways send what they have just read first."""
TAKING_AGAIN_US = 60_000_000
"""Listening begins again when nobody was refused for so long: a full journal refuses by fits and starts."""
SAVED_EVERY_US = 10_000_000
NOT_YET_US = int(np.iinfo(np.int64).max) // 4
MOST_STRETCHES = 500
"""One a start; older ones lie before everything that is still computed again."""


class Deaf(NamedTuple):
    """Nobody listened from ``start_us`` to ``end_us``, by the platform's clock."""

    start_us: int
    end_us: int


class Listened(msgspec.Struct, frozen=True):
    """What is kept on disk: up to when somebody surely listened (0: never), and the stretches before in which not."""

    until_us: int = 0
    deaf: tuple[tuple[int, int], ...] = ()


class Listening:
    """Between the start of the process and :meth:`begin` nobody listens yet. ``told_us``: when the last alarm was told,
    which may be later than what was kept before a crash."""

    def __init__(self, kept: Listened | None = None, told_us: int = 0) -> None:
        kept = kept or Listened()
        self._past = [Deaf(*stretch) for stretch in kept.deaf]
        self._until_us = self._saved_us = max(kept.until_us, told_us)
        self._is_begun = False
        self._refused_us = 0
        """When somebody was refused last; 0 when that is over."""

    @property
    def deaf(self) -> list[Deaf]:
        """Stretches in which nobody listened, oldest first."""
        if self._is_begun or not self._until_us:
            return self._past
        return [*self._past, Deaf(self._until_us, NOT_YET_US)]

    def begin(self, now_us: int) -> None:
        """Gateways are heard from now on."""
        if not self._is_begun and 0 < self._until_us < now_us:
            self._past = [*self._past, Deaf(self._until_us, now_us)][-MOST_STRETCHES:]
        self._is_begun = True
        self.go_on(now_us)
        self.save_soon()

    def refuse(self, now_us: int) -> None:
        """Whoever sends is refused just now."""
        if self._is_begun:
            self.go_on(now_us)
            self._is_begun = False
        elif not self._refused_us:
            return  # nobody listened anyhow
        self._refused_us = now_us

    def go_on(self, now_us: int) -> None:
        """Still listening, or listening again."""
        if self._refused_us and not 0 <= now_us - self._refused_us < TAKING_AGAIN_US:
            self._refused_us = 0
            self.begin(now_us)
        if self._is_begun:
            self._until_us = max(self._until_us, now_us)

    def is_worth_saving(self) -> bool:
        """Whether what is on disk has fallen behind."""
        return self._is_begun and self._until_us - self._saved_us >= SAVED_EVERY_US

    def save_soon(self) -> None:
        """What is on disk shall be exact."""
        self._saved_us = 0

    def kept(self) -> Listened:
        """What belongs on disk now; say when it is there (:meth:`saved`)."""
        return Listened(self._until_us, tuple(self._past))

    def saved(self, kept: Listened) -> None:
        """``kept`` is on disk."""
        self._saved_us = kept.until_us

    def silent_us(self, heard: Ints, following: Ints, hold: Ints, on_delay: Ints) -> Ints:
        """From when on it counts as silence that after ``heard`` came nothing before ``following``, each by rule."""
        silent: Ints = heard + hold
        for start_us, end_us in self.deaf:
            is_within = (heard < end_us) & (following > max(start_us, end_us - HANDED_IN_US))
            is_unsaid = silent + on_delay > start_us
            anew = end_us + np.minimum(hold, RETURN_US)
            silent = np.where(is_within & is_unsaid, np.maximum(silent, anew), silent)
        return silent

    def moment_before(self, moment_us: int, reach_us: int) -> int:
        """``moment_us`` itself, or the beginning of the stops that may still hold back a silence then."""
        for start_us, end_us in reversed(self.deaf):
            if start_us < moment_us <= end_us + reach_us:
                moment_us = start_us
        return moment_us
