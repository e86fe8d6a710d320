"""From what a person types to what the index is asked: exactly first, and with slips when that finds nothing. Pure."""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from zhulian.organisations.search.rules import (
    code_grams,
    initial_grams,
    is_latin,
    letter_grams,
    name_grams,
    plain_text,
    sign_grams,
)

Grams = frozenset[str]
MOST_TERMS = 5
LONGEST_TERM = 40
LEAST_CODE = 4
_RUNS = re.compile(r"[a-z0-9]+|[^a-z0-9]+")
_LETTERS = re.compile("[a-z]")


@dataclass(frozen=True, slots=True)
class Way:
    """One way in which a term may be meant: ``text`` in a field; a hit has all grams of one of ``alternatives``."""

    field: str
    text: str
    alternatives: tuple[Grams, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One word. ``slips`` is how many wrong, missing or superfluous signs a hit may have (0: exact)."""

    text: str
    ways: tuple[Way, ...]
    slips: int = 0


Plan = tuple[tuple[Term, ...], ...]
"""Every term of one of these; what a person typed can be read in more than one manner."""


def exact(text: str) -> Plan:
    """The plan for ``text`` as it stands; empty where nothing could be looked for."""
    words = [word for word in map(plain_text, text.split()) if word][:MOST_TERMS]
    words = [word[:LONGEST_TERM] for word in words]
    readings = [words]
    if len(words) > 1 and all(is_latin(word) for word in words):  # pinyin with blanks between the syllables
        readings.append(["".join(words)[:LONGEST_TERM]])
    if any(map(_is_mixed, words)):  # 金安zhoucheng
        readings.append([run for word in words for run in _RUNS.findall(word)][:MOST_TERMS])
    plan = (tuple(Term(word, tuple(_ways(word))) for word in reading) for reading in readings)
    return tuple(terms for terms in plan if terms and all(term.ways for term in terms))


def _is_mixed(word: str) -> bool:
    """Chinese signs and letters in one; a number belongs to the word before it."""
    return _LETTERS.search(word) is not None and not is_latin(word)


def near(text: str) -> Plan:
    """The plan that forgives slips; empty where a word is too short for that."""
    readings = [[word.text for word in terms] for terms in exact(text)]
    plan = (tuple(_near(word) for word in reading) for reading in readings)
    return tuple(terms for terms in plan if any(term.slips for term in terms))


def _ways(word: str) -> Iterator[Way]:
    if not is_latin(word):
        yield Way("names", word, (_grams(name_grams(word), sign_grams(word)),))
        return
    if len(word) <= 2:
        yield Way("names", word, (_grams(name_grams(word), sign_grams(word)),))
    else:
        yield Way("letters", word, (frozenset(letter_grams(word)),))
    if len(word) > 1:
        yield Way("initials", word, (frozenset(initial_grams(word)),))
    if len(word) >= LEAST_CODE:
        yield Way("codes", word, (frozenset(code_grams(word)),))


def _grams(pairs_too: Sequence[str], signs: Sequence[str]) -> Grams:
    """Pairs say all that single signs say, except of a single sign."""
    return frozenset(pairs_too[len(signs) :]) or frozenset(signs)


def _near(word: str) -> Term:
    if not is_latin(word):
        most = 0 if len(word) < 3 else 1 if len(word) < 6 else 2
        return _forgiving(word, most, [("names", sign_grams if most == 1 else _pairs)])
    most = 0 if len(word) < 4 else 1 if len(word) < 12 else 2
    fields: list[tuple[str, Callable[[str], list[str]]]] = [("letters", letter_grams), ("initials", initial_grams)]
    if len(word) >= 8:
        fields.append(("codes", code_grams))
    return _forgiving(word, most, fields)


def _pairs(piece: str) -> list[str]:
    return sorted(_grams(name_grams(piece), sign_grams(piece))) if piece else []


def _forgiving(word: str, most: int, fields: Sequence[tuple[str, Callable[[str], list[str]]]]) -> Term:
    found = []
    for field, grams in fields:
        pieces = _without_one(word) if most == 1 else _without_two(word)
        sets = {frozenset(gram for piece in left for gram in grams(piece)) for left in pieces} if most else set()
        if alternatives := tuple(sorted(filter(None, sets), key=sorted)):
            found.append(Way(field, word, alternatives))
    return Term(word, tuple(found), most) if found else Term(word, tuple(_ways(word)))


def _without_one(word: str) -> list[tuple[str, ...]]:
    """Around each sign that may be wrong: what stands before and after it."""
    return [(word[:place], word[place + 1 :]) for place in range(len(word))]


def _without_two(word: str) -> list[tuple[str, ...]]:
    """Two slips spoil at most two of four pieces, so the other two stand in the hit as they are."""
    cuts = [round(len(word) * part / 4) for part in range(5)]
    pieces = [word[start:end] for start, end in itertools.pairwise(cuts)]
    return list(itertools.combinations(pieces, 2))
