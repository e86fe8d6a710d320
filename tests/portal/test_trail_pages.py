"""操作日志, 谁看过我的数据, 变更记录: in sight, in words, and nothing to edit."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from peers.records import World, unheard
from zhulian.audit.models import Entry
from zhulian.audit.rules.verification import verify
from zhulian.organisations import workflows
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import visible_to
from zhulian.vocabulary.roles import Role

pytestmark = pytest.mark.usefixtures("telemetry")
Browser = Callable[[User | None], Client]


@pytest.fixture
def renamed(world: World) -> Entry:
    workflows.rename_machine(visible_to(world.a.engineer), world.a.machine, "Alderney press", unheard)
    return Entry.objects.get(action="machine.renamed")


def body(browser: Client, address: str, **query: object) -> str:
    answer = browser.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_owner_reads_what_concerns_their_enterprise_only(world: World, signed_in: Browser, renamed: Entry) -> None:
    text = body(signed_in(world.a.owner), reverse("trail"), size=100)
    assert "alderney-engineer把设备改名为“Alderney press”" in text
    assert "名称：Alderney meter → Alderney press" in text
    assert "Balthazar" not in text
    other = signed_in(world.b.owner)
    assert "Alderney" not in body(other, reverse("trail"))
    assert other.get(reverse("trail_entry", args=[renamed.sequence])).status_code == 404


def test_the_auditor_searches_by_person_subject_action_and_enterprise(
    world: World, signed_in: Browser, renamed: Entry
) -> None:
    browser, address = signed_in(world.others["auditor"]), reverse("trail")
    for query in (
        {"person": "alderney-eng"}, {"subject": "press"}, {"action": "machine."}, {"enterprise": "Alderney"},
        {"kind": "machine", "id": world.a.machine}, {"organisation": world.a.enterprise},
    ):  # fmt: skip
        assert "把设备改名为“Alderney press”" in body(browser, address, **query)
    for query in ({"person": "nobody"}, {"enterprise": "Balthazar"}, {"until": "2020-01-01"}, {"enterprise": "zzz"}):
        assert "把设备改名为“Alderney press”" not in body(browser, address, **query)
    for strange in ({"since": "yesterday"}, {"organisation": "-1"}, {"page": "9" * 30}, {"id": "x" * 999}):
        body(browser, address, **strange)


def test_an_entry_shows_old_and_new_and_no_button_that_changes_it(
    world: World, signed_in: Browser, renamed: Entry
) -> None:
    text = body(signed_in(world.others["auditor"]), reverse("trail_entry", args=[renamed.sequence]))
    assert text.index("Alderney meter") < text.index("Alderney press</td>")
    assert renamed.hash in text
    main = text.split('id="page"', maxsplit=1)[1].split("</main>", maxsplit=1)[0]
    assert "<form" not in main


def test_sentences_are_english_too(world: World, signed_in: Browser, renamed: Entry) -> None:
    browser = signed_in(world.others["auditor"])
    browser.cookies["zhulian_language"] = "en"
    assert "renamed the machine to “Alderney press”" in body(browser, reverse("trail"), action="machine.renamed")


def test_the_whole_trail_verifies_on_screen_and_as_a_file(world: World, signed_in: Browser) -> None:
    browser = signed_in(world.administrator)
    assert "完整，未被改动" in body(browser, reverse("trail_check"))
    answer = browser.get(reverse("trail_file"))
    lines = b"".join(answer.streaming_content).splitlines(keepends=True)  # type: ignore[attr-defined]
    report = verify(lines)
    assert report.fault is None
    assert report.last == Entry.objects.latest("sequence").sequence
    assert json.loads(lines[-3])["action"] == "export.trail"


def test_the_owner_sees_who_looked(world: World, signed_in: Browser) -> None:
    officer = signed_in(world.bureau)
    for _ in range(3):
        officer.get(reverse("enterprise", args=[world.a.enterprise]))
    text = body(signed_in(world.a.owner), reverse("looks"))
    assert "3 次查看" in text
    assert "市经信局" in text
    assert "企业档案" in text
    assert "bureau" not in body(signed_in(world.b.owner), reverse("looks"))


def test_everybody_who_sees_a_machine_sees_its_history(world: World, signed_in: Browser, renamed: Entry) -> None:
    address = reverse("history", args=["machine", world.a.machine])
    assert "Alderney press" in body(signed_in(world.a.engineer), address)
    assert signed_in(world.b.engineer).get(address).status_code == 404
    assert signed_in(world.bureau).get(reverse("history", args=["fact", 1])).status_code == 404


def test_roles_are_given_in_words(world: World, signed_in: Browser) -> None:
    workflows.give_role(visible_to(world.administrator), "bureau", Role.COUNTY, place="341502")
    text = body(signed_in(world.others["auditor"]), reverse("trail"), action="account.role_given", person="admin")
    assert "角色：— → 县区" in text
