"""The root of every error that a person may read.

Each room has one family below :class:`ZhulianError`. An error carries what happened and what to do next in both
languages, because it may be raised in a factory without any translation catalogue and read in a browser, a terminal
or an API answer.
"""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The sentence in ``language``; anything that does not start with "en" is answered in Chinese."""
        return self.en if language.lower().startswith("en") else self.zh

    def __str__(self) -> str:
        return f"{self.zh} / {self.en}"


class ZhulianError(Exception):
    """What happened (with its cause), and what to do next. ``code`` is stable and may be tested for."""

    def __init__(self, code: str, what: Text, next_step: Text) -> None:
        super().__init__(code)
        self.code = code
        self.what = what
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.what.zh}{self.next_step.zh} / {self.what.en} {self.next_step.en}"

    def in_language(self, language: str) -> str:
        """What happened and the next step, as one line to show to a person."""
        gap = " " if language.lower().startswith("en") else ""
        return f"{self.what.in_language(language)}{gap}{self.next_step.in_language(language)}"

    def as_json(self) -> dict[str, str]:
        """The one form in which an error crosses the wire."""
        return {
            "code": self.code,
            "what_zh": self.what.zh,
            "what_en": self.what.en,
            "next_zh": self.next_step.zh,
            "next_en": self.next_step.en,
        }

    @classmethod
    def from_json(cls, body: dict[str, str]) -> "ZhulianError":
        """The inverse of :meth:`as_json`; missing words are left empty rather than invented."""
        word = body.get
        what = Text(word("what_zh", ""), word("what_en", ""))
        return cls(word("code", "unknown"), what, Text(word("next_zh", ""), word("next_en", "")))
