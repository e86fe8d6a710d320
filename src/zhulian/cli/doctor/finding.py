"""What one look of ``zhulian doctor`` has found."""

from dataclasses import dataclass

from zhulian.vocabulary.errors import Text

NOTHING_TO_DO = Text("", "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. ``cure`` is empty where nothing is wrong."""

    part: str
    is_good: bool
    what: Text
    cure: Text = NOTHING_TO_DO


def good(part: str, zh: str, en: str) -> Finding:
    """Nothing is wrong with it."""
    return Finding(part, True, Text(zh, en))
