"""Claims: who may make one, what proves it, who decides, and what follows."""

from pathlib import Path

import pytest

from peers.records import World, credit_code, person
from peers.refusals import refused
from peers.register_rows import picture
from zhulian.audit.models import Entry
from zhulian.organisations import kept_files, pictures
from zhulian.organisations.models import Claim, Enterprise, Membership, User
from zhulian.organisations.queries import claims as queries
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import visible_to
from zhulian.organisations.workflows.announcements import ClaimDecided, ClaimMade
from zhulian.organisations.workflows.claims import ClaimDraft, decide_claim, make_claim, withdraw_claim
from zhulian.vocabulary import events
from zhulian.vocabulary.roles import Role


@pytest.fixture
def newcomer(db: None) -> User:
    """Somebody with an account and no role."""
    user = person("newcomer", Role.EXPERT)
    Membership.objects.filter(user=user).delete()
    return user


def draft(code: str = credit_code(1), proof: bytes | None = None, **more: str) -> ClaimDraft:
    given = picture("JPEG") if proof is None else proof
    return ClaimDraft(code, more.get("duty", "厂长"), more.get("phone", "0564"), given, "licence.jpg")


def test_a_confirmed_claim_makes_an_owner(world: World, newcomer: User) -> None:
    heard: list[object] = []
    events.listen(ClaimMade, heard.append)
    events.listen(ClaimDecided, heard.append)
    made = make_claim(visible_to(newcomer), draft())
    decide_claim(visible_to(world.county_a), made, confirm=True)
    for kind in (ClaimMade, ClaimDecided):
        events._listeners[kind].remove(heard.append)
    assert world.a.enterprise in visible_to(newcomer).owns
    assert [type(one).__name__ for one in heard] == ["ClaimMade", "ClaimDecided"]
    assert set(Entry.objects.values_list("action", flat=True)) >= {
        "claim.made",
        "claim.confirmed",
        "account.role_given",
    }
    row = queries.own_claim(visible_to(newcomer), made)
    assert (row.state, kept_files.content_of(kept_files.folder(), row.proof)) == ("confirmed", picture("JPEG"))
    with refused("claim_owned"):
        make_claim(visible_to(newcomer), draft())


def test_a_refusal_needs_its_reason_and_gives_nothing(world: World, newcomer: User) -> None:
    made = make_claim(visible_to(newcomer), draft())
    officer = visible_to(world.county_a)
    with refused("reason_missing"):
        decide_claim(officer, made, confirm=False, reason=" ")
    decide_claim(officer, made, confirm=False, reason="名称不一致")
    assert queries.own_claim(visible_to(newcomer), made).reason == "名称不一致"
    assert not visible_to(newcomer).owns
    with refused("claim_decided"):
        decide_claim(officer, made, confirm=True)


def test_only_the_officers_of_the_area_decide(world: World, newcomer: User) -> None:
    made = make_claim(visible_to(newcomer), draft())
    for somebody in (world.county_b, world.b.owner, newcomer):
        with pytest.raises(NotVisibleError):
            decide_claim(visible_to(somebody), made, confirm=True)
    for somebody in (world.a.owner, world.a.engineer):
        with pytest.raises(NotAllowedError):
            decide_claim(visible_to(somebody), made, confirm=True)
    assert Claim.objects.get().state == "waiting"


def test_nobody_decides_their_own_claim(world: World) -> None:
    made = make_claim(visible_to(world.county_a), draft())
    with pytest.raises(NotAllowedError):
        decide_claim(visible_to(world.county_a), made, confirm=True)


def test_a_claim_waits_once_and_can_be_taken_back(world: World, newcomer: User) -> None:
    scope = visible_to(newcomer)
    made = make_claim(scope, draft())
    with refused("claim_twice"):
        make_claim(scope, draft())
    with pytest.raises(NotVisibleError):
        withdraw_claim(visible_to(world.a.owner), made)
    withdraw_claim(scope, made)
    assert make_claim(scope, draft()) != made


@pytest.mark.parametrize(
    ("proof", "code"),
    [(b"", "proof_missing"), (b"MZ\x90", "file_kind"), (b"\xff\xd8\xff" + b"x" * 99, "file_unreadable")],
)
def test_what_proves_nothing_is_refused(world: World, newcomer: User, proof: bytes, code: str) -> None:
    with refused(code):
        make_claim(visible_to(newcomer), draft(proof=proof))
    assert not Claim.objects.exists()


def test_a_claim_needs_a_file_that_still_exists(world: World, newcomer: User) -> None:
    with pytest.raises(NotVisibleError):
        make_claim(visible_to(newcomer), draft(credit_code(77)))
    with refused("claim_incomplete"):
        make_claim(visible_to(newcomer), draft(phone=" "))
    Enterprise.objects.filter(pk=world.a.enterprise).update(status="closed")
    with refused("claim_ended"):
        make_claim(visible_to(newcomer), draft())


def test_files_are_kept_once_and_known_by_their_content(tmp_path: Path) -> None:
    first, again = (kept_files.receive(tmp_path, [b"%PDF-1.7", b" licence"]) for _ in range(2))
    assert pictures.checked_type(first) == "application/pdf"
    place = first.keep(tmp_path)
    assert again.keep(tmp_path) == place
    assert kept_files.content_of(tmp_path, first.sha256) == b"%PDF-1.7 licence"
    assert kept_files.content_of(tmp_path, "0" * 64) is None
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [place]


def test_a_file_that_is_no_longer_what_its_name_says_is_not_shown(tmp_path: Path) -> None:
    incoming = kept_files.receive(tmp_path, [b"%PDF-1.7 licence"])
    incoming.keep(tmp_path).write_bytes(b"%PDF-1.7 another")
    assert kept_files.opened(tmp_path, incoming.sha256) is None


def test_a_logo_is_written_anew_and_only_png_is_taken() -> None:
    made = pictures.logo(picture("PNG", 900))
    assert made.startswith(b"\x89PNG")
    with refused("logo_not_png"):
        pictures.logo(picture("JPEG"))
    with refused("logo_not_png"):
        pictures.logo(b"<svg onload='x'/>")
    with refused("file_unreadable"):
        pictures.logo(b"\x89PNG\r\n\x1a\n" + b"0" * 99)
    with refused("logo_too_large"):
        pictures.logo(b"\x89PNG" + b"0" * pictures.MOST_LOGO_BYTES)
