"""A4 documents: title and number, sections of labelled lines or tables, verification sign, stamp and signature boxes.

Chinese text is set in STSong-Light, a font that PDF readers bring along (Adobe-GB1), so nothing has to be installed
or embedded. Codes and numbers within it are set in Helvetica, whose signs every reader has in their own width.
Measures follow GB/T 9704-2012 loosely: 28 mm on the left, 26 mm on the right, 37 mm above.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
from xml.sax.saxutils import escape

from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import KeepTogether, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle

FONT = "STSong-Light"
_LATIN = re.compile(r"[\x20-\x7e\u00b7]+")
"""Helvetica's part of a text, with the middle dot that stands in foreign names."""
_FRAME = 6
"""What reportlab's frame keeps free on each side, in points."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 28 * mm, 26 * mm, 30 * mm, 30 * mm
_GREY, _LINE = colors.HexColor("#5b6b73"), colors.HexColor("#b8c4ca")
_BODY = ParagraphStyle("body", fontName=FONT, fontSize=10.5, leading=15, wordWrap="CJK")
_LABEL = ParagraphStyle("label", parent=_BODY, textColor=_GREY)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8.5, leading=12, textColor=_GREY)
_HEADING = ParagraphStyle("heading", parent=_BODY, fontSize=13, leading=18, spaceBefore=10, spaceAfter=4)
_TITLE = ParagraphStyle("title", parent=_BODY, fontSize=20, leading=28, alignment=TA_CENTER)
_SUBTITLE = ParagraphStyle("subtitle", parent=_BODY, alignment=TA_CENTER, textColor=_GREY, spaceAfter=10)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and rows of cells; rows of two cells are label and value, longer ones a table with ``head``."""

    heading: str
    rows: Sequence[Sequence[str]]
    head: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """One document as it is printed. ``page_words`` is a pattern with %(page)s and %(pages)s.

    ``verify_words`` are lines beside the sign; a code among them stays in one piece.
    """

    title: str
    subtitle: str
    number: str
    sections: Sequence[Section]
    verify_url: str
    verify_words: Sequence[str]
    stamp_words: str
    signature_words: str
    page_words: str
    sample_words: str = ""


def write_document(document: Document) -> BinaryIO:
    """The document as PDF, in a temporary file."""
    pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    paper = SimpleDocTemplate(
        file,
        pagesize=A4,
        leftMargin=_LEFT - _FRAME,
        rightMargin=_RIGHT - _FRAME,
        topMargin=_TOP,
        bottomMargin=_BOTTOM,
        title=document.title,
        author=document.subtitle,
        subject=document.number,
    )
    paper.build(_story(document), canvasmaker=_canvas(document))
    file.seek(0)
    return cast(BinaryIO, file)


def _story(document: Document) -> list[Any]:
    story: list[Any] = [_text(document.title, _TITLE), _text(document.subtitle, _SUBTITLE)]
    for section in document.sections:
        story += [_text(section.heading, _HEADING), _rows(section)]
    return [*story, Spacer(1, 8 * mm), KeepTogether([_ending(document)])]


def _text(words: str, style: ParagraphStyle) -> Paragraph:
    """Whatever a name contains is text, never markup."""
    return Paragraph(_LATIN.sub(lambda run: f'<font name="Helvetica">{escape(run[0])}</font>', _outside(words)), style)


def _outside(words: str) -> str:
    """Without control characters, which XML cannot say."""
    return re.sub(r"[\x00-\x1f\x7f]", " ", words)


def _rows(section: Section) -> Table:
    width = A4[0] - _LEFT - _RIGHT
    if not section.head:
        cells = [[_text(row[0], _LABEL), *(_text(cell, _BODY) for cell in row[1:])] for row in section.rows]
        return Table(cells, [0.26 * width, 0.74 * width], style=_style(has_head=False))
    cells = [[_text(cell, _LABEL) for cell in section.head]]
    cells += [[_text(cell, _BODY) for cell in row] for row in section.rows]
    first = 0.2 * width
    widths = [first, *[(width - first) / (len(section.head) - 1)] * (len(section.head) - 1)]
    return Table(cells, widths, style=_style(has_head=True), repeatRows=1)


def _style(*, has_head: bool) -> TableStyle:
    lines: list[Any] = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, _LINE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 3),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
    ]
    return TableStyle([*lines, *[("LINEABOVE", (0, 0), (-1, 0), 0.8, colors.black)] * has_head])


def _ending(document: Document) -> Table:
    """The verification sign beside the boxes for signature and stamp."""
    width = A4[0] - _LEFT - _RIGHT
    words = [_text(line, _SMALL) for line in (*document.verify_words, document.verify_url)]
    cells = [
        [
            [_qr(document.verify_url, 26 * mm), *words],
            _text(document.signature_words, _LABEL),
            _text(document.stamp_words, _LABEL),
        ]
    ]
    boxes = TableStyle(
        [
            ("BOX", (1, 0), (1, 0), 0.6, _LINE),
            ("BOX", (2, 0), (2, 0), 0.6, _LINE),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (0, 0), 0),
        ]
    )
    return Table(cells, [0.5 * width, 0.25 * width, 0.25 * width], [46 * mm], style=boxes)


def _qr(text: str, side: float) -> Drawing:
    sign = QrCodeWidget(text, barLevel="M", barWidth=side, barHeight=side)
    drawing = Drawing(side, side)
    drawing.add(sign)
    return drawing


def _canvas(document: Document) -> type[Canvas]:
    """A canvas that keeps its pages until their number is known."""

    class Numbered(Canvas):  # type: ignore[misc]  # reportlab is untyped
        def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - handed on as they came
            super().__init__(*args, **kwargs)
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - reportlab's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for page, kept in enumerate(self._kept, 1):
                self.__dict__.update(kept)
                _frame(self, document, page, len(self._kept))
                super().showPage()
            super().save()

    return Numbered


def _frame(canvas: Canvas, document: Document, page: int, pages: int) -> None:
    """Number above, page below, and the mark of sample data across the sheet."""
    width, height = A4
    canvas.saveState()
    canvas.setFillColor(_GREY)
    canvas.setFont(FONT, 9)
    canvas.drawRightString(width - _RIGHT, height - 18 * mm, document.number)
    canvas.drawString(_LEFT, height - 18 * mm, document.title)
    canvas.drawCentredString(width / 2, 15 * mm, document.page_words % {"page": page, "pages": pages})
    if document.sample_words:
        canvas.setFillColor(colors.HexColor("#7a4fb0"), alpha=0.14)
        canvas.setFont(FONT, 64)
        canvas.translate(width / 2, height / 2)
        canvas.rotate(40)
        canvas.drawCentredString(0, 0, document.sample_words)
    canvas.restoreState()
