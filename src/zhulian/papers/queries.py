"""The only reader of papers."""

from dataclasses import dataclass
from datetime import datetime

from zhulian.papers.models import Paper
from zhulian.papers.rules import KINDS, typed_code
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One issued paper: nothing but what is printed on it."""

    code: str
    number: str
    title: Text
    subject: str
    office: str
    is_sample: bool
    issued_at: datetime


def verified(code: str) -> PaperRow | None:
    """The paper with this code. Open to everybody who holds it: a code of 80 bits is the right to ask."""
    found = Paper.objects.filter(code=typed_code(code)).first()
    return paper_row(found) if found else None


def paper_row(paper: Paper) -> PaperRow:
    """A record as others see it."""
    return PaperRow(
        paper.code, paper.number, KINDS[paper.kind], paper.subject, paper.office, paper.is_sample, paper.issued_at
    )
