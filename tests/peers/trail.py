"""An invented audit trail in memory, and the hands of somebody who tampers with its file."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian.audit.rules import Actor, Draft, Subject
from zhulian.audit.rules.canonical import GENESIS, Entry, chained, time_text
from zhulian.audit.rules.heads import sign_head
from zhulian.audit.rules.trail_file import lines

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2026, 11, 25, 1, tzinfo=UTC)


def entries(count: int, algorithm: str = "sha256", sequence: int = 0, previous: str = GENESIS) -> list[Entry]:
    """``count`` links, each a different change of an enterprise's file."""
    made: list[Entry] = []
    for number in range(sequence, sequence + count):
        draft = Draft(
            Actor(number % 5 or None, f"经办人{number % 5}"),
            "enterprise.changed",
            Subject("enterprise", number % 7, f"示例企业{number % 7}"),
            number % 7,
            {"name": (f"旧名{number}", f"新名{number}"), "above_scale": (False, True), "employees": (number, None)},
            'a "note" with\ta tab',
        )
        moment = START + timedelta(seconds=number)
        made += chained([draft], number, made[-1].hash if made else previous, moment, algorithm)
    return made


def file_of(links: Sequence[Entry], key: Ed25519PrivateKey = KEY, every: int = 10) -> list[bytes]:
    """The exported file of ``links``, with an anchor after every ``every`` entries."""
    anchored = [link for link in links if link.sequence % every == 0]
    anchors = [sign_head(key, link.sequence, link.hash, time_text(START)) for link in anchored]
    return list(lines(links, anchors, first=links[0].sequence, previous=links[0].previous, key=key))


def flip_a_bit(file: list[bytes], chance: Random) -> list[bytes]:
    number = chance.randrange(len(file))
    line = bytearray(file[number])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
    return [*file[:number], bytes(line), *file[number + 1 :]]


def change_a_field(file: list[bytes], chance: Random) -> list[bytes]:
    number = chance.randrange(1, len(file) - 1)
    old, new = chance.choice([("经办人", "别人"), ("新名", "假名"), ("2026", "2025"), ("a tab", "tab")])
    return [*file[:number], file[number].replace(old.encode(), new.encode()), *file[number + 1 :]]


def delete(file: list[bytes], chance: Random) -> list[bytes]:
    first = chance.randrange(len(file))
    return file[:first] + file[first + chance.randrange(1, 4) :]


def reorder(file: list[bytes], chance: Random) -> list[bytes]:
    one, other = chance.sample(range(len(file)), 2)
    changed = list(file)
    changed[one], changed[other] = changed[other], changed[one]
    return changed


def duplicate(file: list[bytes], chance: Random) -> list[bytes]:
    line, to = chance.choice(file), chance.randrange(len(file) + 1)
    return [*file[:to], line, *file[to:]]


def truncate(file: list[bytes], chance: Random) -> list[bytes]:
    whole = b"".join(file)
    return whole[: chance.randrange(len(whole))].splitlines(keepends=True)


def insert(file: list[bytes], chance: Random) -> list[bytes]:
    """A fresh entry that knows its place: right number, right hash before it, right hash of its own."""
    number = chance.randrange(1, len(file))
    sequence = sum(b'"kind":"entry"' in line for line in file[:number])
    previous = entries(sequence)[-1].hash if sequence else GENESIS
    fake = chained(
        [Draft(Actor(1, "内鬼"), "enterprise.changed", Subject("enterprise", 1, "x"))],
        sequence,
        previous,
        START,
        "sha256",
    )
    return [*file[:number], next(fake).line(), *file[number:]]


def swap_hashes(file: list[bytes], chance: Random) -> list[bytes]:
    one, other = chance.sample([n for n, line in enumerate(file) if b'"kind":"entry"' in line], 2)
    hashes = [file[n].split(b'"hash":"')[1][:64] for n in (one, other)]
    changed = list(file)
    changed[one] = changed[one].replace(hashes[0], hashes[1])
    changed[other] = changed[other].replace(hashes[1], hashes[0])
    return changed


def rewrite_the_rest(file: list[bytes], chance: Random) -> list[bytes]:
    """An attacker who recomputes every hash from one entry on, but does not hold the key."""
    genuine = entries(sum(b'"kind":"entry"' in line for line in file))
    at = chance.randrange(len(genuine))
    before = genuine[at - 1].hash if at else GENESIS
    forged = entries(len(genuine) - at, sequence=at, previous=before)
    draft = Draft(Actor(1, "内鬼"), "enterprise.changed", Subject("enterprise", 1, "x"))
    first = next(chained([draft], at, before, START, "sha256"))
    rest = entries(len(forged) - 1, sequence=at + 1, previous=first.hash)
    body = [link.line() for link in [*genuine[:at], first, *rest]]
    return [file[0], *body, file[-1]]


TAMPERINGS: tuple[Callable[[list[bytes], Random], list[bytes]], ...] = (
    flip_a_bit, change_a_field, delete, reorder, duplicate, truncate, insert, swap_hashes, rewrite_the_rest,
)  # fmt: skip
