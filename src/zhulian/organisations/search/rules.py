"""How texts become comparable: signs, pinyin, initials, codes, and the grams by which a database narrows them. Pure.

A gram is a short piece with the letter of its field in front. Names give single signs and overlapping pairs, since
Chinese words have one or two; pinyin gives triples of letters, initials pairs, codes fours. Grams are written in
ASCII, so that no database's idea of a word can split them.
"""

import itertools
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from zlib import crc32

import msgspec

EDITION = 1
"""Raise it with every change here; entries of an older edition are made again."""
MOST_READINGS = 3
MOST_VARIANTS = 24
LONGEST_NAME = 120
COMMON_ENDINGS = ("股份有限公司", "有限责任公司", "有限公司", "公司", "集团", "厂")
"""Their signs are never read in another way."""


@dataclass(frozen=True, slots=True)
class Texts:
    """What an entry is found by."""

    names: tuple[str, ...]
    letters: tuple[str, ...]
    initials: tuple[str, ...]
    codes: tuple[str, ...]

    @property
    def grams(self) -> str:
        """All grams, each once, with blanks between them."""
        found = {gram for name in self.names for gram in name_grams(name)}
        found.update(gram for text in self.letters for gram in letter_grams(text))
        found.update(gram for text in self.initials for gram in initial_grams(text))
        found.update(gram for text in self.codes for gram in code_grams(text))
        found.update(mark for name in self.names for mark in (start_gram(name), whole_gram(name)))
        return " ".join(sorted(found))


def texts_of(names: Iterable[str], codes: Iterable[str] = ()) -> Texts:
    """The forms of ``names`` (the present one first) and ``codes``."""
    plain = tuple(dict.fromkeys(filter(None, (plain_text(name)[:LONGEST_NAME] for name in names))))
    read = [variant for name in plain for variant in readings(name)]
    letters = dict.fromkeys("".join(syllables) for syllables in read)
    initials = dict.fromkeys("".join(syllable[0] for syllable in syllables) for syllables in read)
    known = tuple(dict.fromkeys(filter(None, map(plain_text, codes))))
    return Texts(plain, tuple(letters), tuple(initials), known)


def plain_text(text: str) -> str:
    """Letters, digits and Chinese signs only; full width and capitals made even."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).casefold() if sign.isalnum())


def is_latin(text: str) -> bool:
    """Whether ``text`` could be pinyin, initials or a code: ASCII letters and digits only."""
    return text.isascii()


def readings(name: str) -> Iterator[tuple[str, ...]]:
    """A name in pinyin, sign by sign: the usual reading first, then with one other reading, then with two."""
    fixed = next((len(name) - len(ending) for ending in COMMON_ENDINGS if name.endswith(ending)), len(name))
    choices = [_sounds(sign)[: MOST_READINGS if place < fixed else 1] for place, sign in enumerate(name)]
    usual = tuple(sounds[0] for sounds in choices)
    others = [(place, sound) for place, sounds in enumerate(choices) for sound in sounds[1:]]
    changes = itertools.chain([()], ((one,) for one in others), itertools.combinations(others, 2))
    return (_with(usual, change) for change in itertools.islice(changes, MOST_VARIANTS))


def _with(usual: tuple[str, ...], change: Sequence[tuple[int, str]]) -> tuple[str, ...]:
    instead = dict(change)
    return tuple(instead.get(place, sound) for place, sound in enumerate(usual))


@lru_cache(maxsize=8192)
def _sounds(sign: str) -> tuple[str, ...]:
    """All readings of one sign without tones; other signs stand for themselves. ü is typed as v and as u."""
    known = _table().get(ord(sign), "")
    bare = [_toneless(sound) for sound in known.split(",") if sound]
    both = [form for sound in bare for form in ((sound, sound.replace("v", "u")) if "v" in sound else (sound,))]
    return tuple(dict.fromkeys(filter(None, both))) or (sign,)


@cache
def _table() -> dict[int, str]:
    """Signs by number, readings with a comma between them: pypinyin's table alone.

    Its package would load 47,000 phrases beside it, which are 0.3 s and 40 MB in every process that has records.
    """
    found = find_spec("pypinyin")
    assert found is not None  # noqa: S101 - a dependency of ours
    assert found.submodule_search_locations is not None  # noqa: S101 - and a package
    table = Path(found.submodule_search_locations[0]) / "pinyin_dict.json"
    return msgspec.json.decode(table.read_bytes(), type=dict[int, str])


def _toneless(sound: str) -> str:
    marked = sound.replace("ü", "v").replace("ǖ", "v").replace("ǘ", "v").replace("ǚ", "v").replace("ǜ", "v")
    return "".join(sign for sign in unicodedata.normalize("NFD", marked) if sign.isascii() and sign.isalpha())


def name_grams(text: str) -> list[str]:
    """Single signs and pairs."""
    return _grams("n", text, 1) + _grams("n", text, 2)


def sign_grams(text: str) -> list[str]:
    """Single signs only."""
    return _grams("n", text, 1)


def letter_grams(text: str) -> list[str]:
    """Triples of letters of the pinyin."""
    return _grams("p", text, 3)


def initial_grams(text: str) -> list[str]:
    """Pairs of initials."""
    return _grams("i", text, 2)


def code_grams(text: str) -> list[str]:
    """Fours of a code."""
    return _grams("c", text, 4)


def start_gram(text: str) -> str:
    """How a name begins."""
    return "s" + _ascii(text[:2])


def whole_gram(text: str) -> str:
    """A whole name; two that share it by chance are told apart by their texts."""
    return f"w{crc32(text.encode()):x}"


def kind_gram(kind: str) -> str:
    """What it is."""
    return f"k{kind}"


def _grams(field: str, text: str, size: int) -> list[str]:
    places = range(len(text) - size + 1)
    if text.isascii():
        return [field + text[place : place + size] for place in places]
    return [field + _ascii(text[place : place + size]) for place in places]


def _ascii(piece: str) -> str:
    """A piece with Chinese signs by their numbers, so that it is the same whatever stands around it."""
    return piece if piece.isascii() else "".join(f"{ord(sign):x}z" for sign in piece)


def slips(term: str, text: str, most: int) -> int:
    """How many signs of ``term`` are wrong, missing or too many at its best place in ``text``; ``most + 1`` if more.

    Sellers' method: the edit distance to any part of ``text``.
    """
    row = [0] * (len(text) + 1)
    for place, wanted in enumerate(term, 1):
        corner, row[0] = row[0], place
        for column, sign in enumerate(text, 1):
            above = row[column]
            row[column] = min(corner + (sign != wanted), above + 1, row[column - 1] + 1)
            corner = above
        if min(row) > most:
            return most + 1
    return min(*row, most + 1)
