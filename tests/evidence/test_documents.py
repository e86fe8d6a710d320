"""Documents: judged by content, stored once, recognised when they come a second time, from whomever."""

import errno
import os
from collections import namedtuple
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from peers import papers
from peers.records import World
from zhulian.evidence import pictures, queries, workflows
from zhulian.evidence.models import Document
from zhulian.evidence.queries import DocumentFilter
from zhulian.evidence.rules import EvidenceClass, EvidenceError, of_enterprise
from zhulian.evidence.workflows import DocumentRepeated, NewDocument, NewFact
from zhulian.organisations import kept_files
from zhulian.organisations.kept_files import FileError
from zhulian.organisations.models import User
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import visible_to
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.events import listen

from .conftest import Hands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


class Desk:
    """Hands papers in."""

    def __init__(self, folder: Path, clock: Hands) -> None:
        self.folder, self.clock = folder, clock

    def add(self, user: User, enterprise: int, content: bytes, **more: object) -> int:
        given = {"kind": "photo", "name": "IMG_1.jpg", **more}
        new = NewDocument(enterprise=enterprise, **given)  # type: ignore[arg-type]
        return workflows.add_document(visible_to(user), self.folder, new, [content[:100], content[100:]], self.clock)


@pytest.fixture
def desk(folder: Path, clock: Hands) -> Desk:
    return Desk(folder, clock)


def stored(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_lies_under_its_sum_and_only_once(world: World, desk: Desk, folder: Path) -> None:
    body = papers.pdf()
    first = desk.add(world.a.owner, world.a.enterprise, body, kind="report", name="../../etc/年报.pdf")
    assert desk.add(world.a.owner, world.a.enterprise, body, kind="report", name="年报.pdf") == first
    second = desk.add(world.b.owner, world.b.enterprise, body, kind="report")
    row = queries.document(visible_to(world.a.owner), first)
    assert (row.name, row.media_type, row.size_bytes) == ("年报.pdf", "application/pdf", len(body))
    assert first != second
    assert stored(folder) == [kept_files.path_of(folder, row.sha256)]
    assert stored(folder)[0].read_bytes() == body


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\x00 program", "file_kind"),
        (b"<html><script>alert(1)</script>", "file_kind"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "file_heic"),
        (papers.jpeg(papers.photo(1))[:500], "file_unreadable"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "file_unreadable"),
        (papers.pdf() + b"x" * kept_files.LARGEST_BYTES, "file_large"),
    ],
    ids=["empty", "program", "page", "heic", "cut", "broken", "large"],
)
def test_what_is_no_document_is_refused_and_leaves_nothing(
    world: World, desk: Desk, folder: Path, body: bytes, code: str
) -> None:
    with pytest.raises(FileError) as fault:
        desk.add(world.a.owner, world.a.enterprise, body)
    assert fault.value.code == code
    assert stored(folder) == []
    assert not Document.objects.exists()


def test_a_disk_that_fills_up_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_number: int, _chunk: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(FileError) as fault:
        kept_files.receive(folder, [papers.pdf()])
    assert fault.value.code == "disk_full"
    assert stored(folder) == []


def test_the_reserve_stays_free(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(kept_files.shutil, "disk_usage", lambda _: usage(10**12, 10**12, kept_files.RESERVE_BYTES))
    with pytest.raises(FileError) as fault:
        kept_files.receive(folder, [papers.pdf()])
    assert fault.value.code == "disk_full"


def test_a_line_that_breaks_leaves_nothing(folder: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield papers.pdf()
        raise ConnectionResetError

    with pytest.raises(FileError):
        kept_files.receive(folder, broken())
    assert stored(folder) == []


@pytest.mark.parametrize("size", [(800, 600), (400, 300), (1600, 1200), (240, 180)])
@pytest.mark.parametrize("quality", [95, 60, 30])
def test_a_photo_is_recognised_smaller_and_compressed(size: tuple[int, int], quality: int, tmp_path: Path) -> None:
    for number in range(6):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(papers.jpeg(papers.photo(number, size=size), quality=quality))
        other = tmp_path / "original.png"
        other.write_bytes(papers.png(papers.photo(number)))
        assert pictures.distance(pictures.look(path).hash, pictures.look(other).hash) <= pictures.NEAR


def test_other_photos_are_other_photos() -> None:
    hashes = [pictures.difference_hash(papers.photo(number)) for number in range(60)]
    distances = [pictures.distance(a, b) for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(distances) > pictures.NEAR


def test_a_white_wall_resembles_nothing(tmp_path: Path) -> None:
    from PIL import Image

    assert pictures.difference_hash(Image.new("RGB", (300, 300), "white")) == ""


def test_the_camera_says_when(world: World, desk: Desk) -> None:
    taken = datetime(2026, 2, 14, 8, 30, tzinfo=SHANGHAI)
    number = desk.add(world.a.owner, world.a.enterprise, papers.jpeg(papers.photo(3), taken=taken))
    assert queries.document(visible_to(world.a.owner), number).taken_at == taken


INVOICE = {
    "kind": "invoice",
    "name": "发票.pdf",
    "invoice_number": "2631 2000 0001 2345 6789",
    "amount_fen": 128_000_00,
}


def test_one_invoice_for_two_enterprises_is_noted_and_betrays_nobody(world: World, desk: Desk) -> None:
    heard: list[DocumentRepeated] = []
    listen(DocumentRepeated, heard.append)
    first = desk.add(world.a.owner, world.a.enterprise, papers.pdf("a"), **INVOICE)
    second = desk.add(
        world.b.owner,
        world.b.enterprise,
        papers.pdf("b"),
        **{**INVOICE, "invoice_number": "２６３１２００００００１２３４５６７８９"},
    )
    assert [(one.document, one.earlier, one.reason) for one in heard] == [(second, first, "invoice")]
    for person, number, sees in (
        (world.bureau, first, True),
        (world.a.owner, first, False),
        (world.b.owner, second, False),
        (world.county_b, second, False),
    ):
        (repeat,) = queries.repeats_of(visible_to(person), [number])[number]
        assert (repeat.other is not None) == sees
        assert repeat.reason == "invoice"


def test_one_photo_for_two_purposes_is_noted(world: World, desk: Desk) -> None:
    first = desk.add(world.a.owner, world.a.enterprise, papers.jpeg(papers.photo(7)))
    desk.add(world.a.owner, world.a.enterprise, papers.jpeg(papers.photo(8)))
    smaller = papers.jpeg(papers.photo(7, size=(320, 240)), quality=40)
    second = desk.add(world.b.owner, world.b.enterprise, smaller)
    (repeat,) = queries.repeats_of(visible_to(world.bureau), [second])[second]
    assert repeat.other is not None
    assert (repeat.other.id, repeat.reason, repeat.is_earlier) == (first, "photo", True)
    page = queries.documents(visible_to(world.bureau), DocumentFilter(is_repeated=True))
    assert {row.id for row in page.rows} == {first, second}


@pytest.mark.parametrize(
    ("code", "number"), [("", ""), ("", "123"), ("034001900111", "123456789"), ("034001900111", ""), ("", "12345678")]
)
def test_an_invoice_has_a_number(world: World, desk: Desk, code: str, number: str) -> None:
    with pytest.raises(EvidenceError) as fault:
        desk.add(
            world.a.owner, world.a.enterprise, papers.pdf(), kind="invoice", invoice_code=code, invoice_number=number
        )
    assert fault.value.code == "invoice_wrong"


def test_nobody_hands_in_papers_for_another(world: World, desk: Desk) -> None:
    with pytest.raises(NotVisibleError):
        desk.add(world.b.owner, world.a.enterprise, papers.pdf())
    number = desk.add(world.a.owner, world.a.enterprise, papers.pdf())
    with pytest.raises(NotVisibleError):
        queries.document(visible_to(world.b.owner), number)
    claim = NewFact(
        subject=of_enterprise(world.b.enterprise),
        key="cloud.services",
        value=3,
        period_end=date(2026, 3, 1),
        evidence_class=EvidenceClass.B,
        document=number,
    )
    for person in (world.b.owner, world.bureau):
        with pytest.raises((NotVisibleError, NotAllowedError)):
            workflows.state(visible_to(person), claim, desk.clock)


def test_lists_take_a_constant_number_of_statements(
    world: World, desk: Desk, django_assert_num_queries: pytest.FixtureDef[object]
) -> None:
    for number in range(6):
        desk.add(world.a.owner, world.a.enterprise, papers.jpeg(papers.photo(number)))
    scope = visible_to(world.bureau)
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert queries.documents(scope, DocumentFilter()).total == 6
