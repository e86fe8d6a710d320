"""The only writer of papers."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations import queries
from zhulian.organisations.tenancy import Scope, actor
from zhulian.papers.models import Paper
from zhulian.papers.queries import PaperRow, paper_row
from zhulian.papers.rules import new_code, number_of


@dataclass(frozen=True, slots=True)
class NewPaper:
    """What is to be printed, by whom."""

    kind: str
    enterprise: int
    office: str


def issue(scope: Scope, given: NewPaper) -> PaperRow:
    """Give a paper about an enterprise in sight its number and code."""
    about = queries.enterprise(scope, given.enterprise)
    now = timezone.now()
    with transaction.atomic():
        made = Paper.objects.create(
            code=new_code(),
            kind=given.kind,
            subject=about.name,
            organisation=about.id,
            office=given.office[:120],
            person_id=scope.person,
            is_sample=about.is_sample,
            issued_at=now,
        )
        made.number = number_of(made.pk, now)
        made.save(update_fields=["number"])
        subject = Subject("enterprise", about.id, about.name)
        record(actor(scope), "paper.issued", subject, organisation=about.id, note=made.number)
    return paper_row(made)
