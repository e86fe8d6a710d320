"""The verifier: whole trails pass, and every one of 1,000 tamperings is found and named."""

import json
from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from peers import trail
from zhulian.audit.rules.canonical import canonical
from zhulian.audit.rules.heads import Head, HeadError, read_head, sign_head
from zhulian.audit.rules.verification import Report, Tampering, verify
from zhulian.wire.credentials import public_text

PUBLIC = public_text(trail.KEY)
WHOLE = trail.file_of(trail.entries(40))


def kind_of(report: Report) -> Tampering | None:
    return report.fault and report.fault.kind


def test_a_whole_trail_passes() -> None:
    report = verify(WHOLE, keys=[PUBLIC])
    assert report.fault is None
    assert (report.entries, report.first, report.last, report.anchors) == (40, 1, 40, 4)
    assert report.is_key_known
    assert not verify(WHOLE).is_key_known


def test_the_same_range_gives_the_same_bytes() -> None:
    assert trail.file_of(trail.entries(40)) == WHOLE


@pytest.mark.parametrize("seed", range(4))
def test_every_random_tampering_is_detected(seed: int) -> None:
    chance, found = Random(seed), Counter[Tampering]()
    while found.total() < 250:
        tampered = chance.choice(trail.TAMPERINGS)(list(WHOLE), chance)
        if tampered == WHOLE:
            continue
        fault = verify(tampered).fault
        assert fault is not None
        found[fault.kind] += 1
    assert set(found) == set(Tampering)


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        (lambda f: [*f[:5], f[5].replace("经办人".encode(), "别人".encode()), *f[6:]], Tampering.CHANGED),
        (lambda f: f[:5] + f[6:], Tampering.DELETED),
        (lambda f: [*f[:5], f[6], f[5], *f[7:]], Tampering.REORDERED),
        (lambda f: [*f[:6], f[5], *f[6:]], Tampering.INSERTED),
        (lambda f: f[:20], Tampering.TRUNCATED),
        (lambda f: [*f[:-5], f[-1]], Tampering.TRUNCATED),
        (lambda f: trail.rewrite_the_rest(f, Random(1)), Tampering.FORGED),
    ],
)
def test_the_kind_and_the_first_broken_entry_are_named(
    tamper: Callable[[list[bytes]], list[bytes]], kind: Tampering
) -> None:
    fault = verify(tamper(list(WHOLE))).fault
    assert fault is not None
    assert fault.kind is kind
    if kind in {Tampering.CHANGED, Tampering.DELETED, Tampering.REORDERED}:
        assert fault.sequence == 5


def test_a_trail_rewritten_and_signed_with_another_key_is_forged() -> None:
    other = Ed25519PrivateKey.generate()
    forged = trail.file_of(trail.entries(40, sequence=0, previous="f" * 64), other)
    assert verify(forged).fault is None  # agrees with itself: that is all a file can say alone
    assert kind_of(verify(forged, keys=[PUBLIC])) is Tampering.FORGED
    kept = Head(40, trail.entries(40)[-1].hash)
    assert kind_of(verify(forged, heads=[kept])) is Tampering.FORGED


def test_a_shorter_trail_signed_by_the_platform_itself_is_found_by_a_kept_head() -> None:
    shorter = trail.file_of(trail.entries(30))
    assert verify(shorter, keys=[PUBLIC]).fault is None
    assert kind_of(verify(shorter, heads=[Head(40, "0" * 64)])) is Tampering.TRUNCATED


def test_a_head_before_the_file_cannot_be_compared() -> None:
    later = trail.file_of(trail.entries(10, sequence=20))
    assert verify(later, heads=[Head(20, trail.entries(10, sequence=20)[0].previous)]).fault is None
    with pytest.raises(HeadError):
        verify(later, heads=[Head(7, "0" * 64)])


def test_a_change_of_algorithm_starts_a_segment() -> None:
    first = trail.entries(12)
    then = trail.entries(12, "sm3", sequence=12, previous=first[-1].hash)
    report = verify(trail.file_of([*first, *then]))
    assert report.fault is None
    assert report.algorithms == ("sha256", "sm3")


def test_heads_are_read_as_they_were_printed() -> None:
    head = sign_head(trail.KEY, 7, "a" * 64, "2026-11-25T01:00:00.000000Z")
    assert read_head(head.line().decode()) == head
    assert read_head(f" {head.short}\n") == Head(7, "a" * 64)
    moved = canonical(json.loads(head.line()) | {"sequence": 8}).decode()
    for strange in ("", "7:ab", "{}", moved, "[" * 100_000):
        with pytest.raises(HeadError):
            read_head(strange)


@pytest.mark.parametrize(
    "line", [b"", b"\n", b"[]\n", b'{"kind":[]}\n', b"[" * 99_999 + b"\n", b"\xff\n", b'{"a":1.5}\n', b"NaN\n"]
)
def test_rubbish_is_no_trail(line: bytes) -> None:
    assert verify([line]).fault is not None
    assert verify([*WHOLE[:3], line, *WHOLE[3:]]).fault is not None
