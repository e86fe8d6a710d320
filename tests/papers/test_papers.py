"""Papers: a number and a code each, verified by anybody who holds the code and by nobody who guesses."""

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from peers.records import World
from zhulian.audit.models import Entry
from zhulian.organisations.rules import NotVisibleError
from zhulian.organisations.tenancy import visible_to
from zhulian.papers import workflows
from zhulian.papers.queries import verified
from zhulian.papers.rules import ALPHABET, grouped, new_code, typed_code
from zhulian.papers.workflows import NewPaper


@given(st.text(st.sampled_from(ALPHABET), min_size=16, max_size=16), st.booleans())
def test_a_code_is_read_back_however_it_is_typed(code: str, lower: bool) -> None:
    typed = grouped(code).replace("0", "o").replace("1", "l")
    assert typed_code(typed.lower() if lower else typed) == code


def test_codes_are_long_and_different() -> None:
    assert len({new_code() for _ in range(1_000)}) == 1_000


@pytest.mark.django_db
def test_a_paper_is_on_record_and_verified(world: World) -> None:
    paper = workflows.issue(
        visible_to(world.bureau), NewPaper("enterprise_file", world.a.enterprise, "六安市 · 市经信局")
    )
    assert verified(grouped(paper.code)) == paper
    assert verified(new_code()) is None
    assert Entry.objects.latest("sequence").action == "paper.issued"
    with pytest.raises(NotVisibleError):
        workflows.issue(visible_to(world.b.engineer), NewPaper("enterprise_file", world.a.enterprise, "x"))


@pytest.mark.django_db
def test_the_file_is_printed_with_number_pages_and_sign(world: World) -> None:
    client = Client()
    client.force_login(world.owner if hasattr(world, "owner") else world.a.owner)
    answer = client.post(f"/enterprises/{world.a.enterprise}/paper.pdf")
    body = answer.getvalue()  # type: ignore[attr-defined]
    assert body.startswith(b"%PDF-1.")
    assert b"STSong-Light" in body
    assert "%E4%BC%81%E4%B8%9A%E6%A1%A3%E6%A1%88" in answer["Content-Disposition"]


@pytest.mark.django_db
def test_strangers_verify_and_are_slowed_down(world: World) -> None:
    paper = workflows.issue(visible_to(world.bureau), NewPaper("enterprise_file", world.a.enterprise, "六安市"))
    stranger = Client()
    page = stranger.get(f"/verify/{grouped(paper.code).lower()}/")
    assert page.status_code == 200
    for printed in (paper.number, paper.subject, paper.office):
        assert printed in page.content.decode()
    assert stranger.get("/verify/0000-0000-0000-0000/").status_code == 404
    answers = [stranger.get("/verify/0000/").status_code for _ in range(40)]
    assert answers[-1] == 429
