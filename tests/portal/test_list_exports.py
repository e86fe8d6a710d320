"""Every list goes out as Excel and csv through the one mechanism, offers it on the page, and each file is on record."""

import io
from collections.abc import Callable

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from peers.records import World
from zhulian.audit.models import Entry
from zhulian.organisations.models import User

SignedIn = Callable[[User | None], Client]
LISTS = (
    "enterprises", "organisations", "people", "machines", "gateways", "facts", "fact_keys", "facts_expiring",
    "documents", "flags", "desk", "messages", "own_returns", "reporting", "imports", "jobs", "trail", "looks", "claims",
    "pillars",
)  # fmt: skip
EMPTY_HERE = {"facts", "facts_expiring", "documents"}
"""Lists that offer a file only where there is something in them, and in this world there is nothing."""


OF_ENTERPRISES = (
    "machines", "gateways", "facts", "facts_expiring", "facts_conflicts", "documents", "flags", "claims", "alarms",
    "alarm_rules",
)  # fmt: skip
"""Lists whose rows belong to enterprises."""


@pytest.mark.parametrize("name", OF_ENTERPRISES)
@pytest.mark.usefixtures("telemetry")
def test_a_list_and_its_file_say_how_many_enterprises_rights_hide(world: World, signed_in: SignedIn, name: str) -> None:
    county, bureau, address = signed_in(world.county_a), signed_in(world.bureau), reverse(name)
    assert "权限以外还有 1 家企业" in county.get(address).content.decode()
    assert "权限以外" not in bureau.get(address).content.decode()
    book = openpyxl.load_workbook(io.BytesIO(county.get(address, {"form": "xlsx"}).getvalue()))
    said = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert said["权限以外"] == "1"


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_exported_and_the_export_is_on_record(world: World, signed_in: SignedIn, name: str) -> None:
    client, address = signed_in(world.administrator), reverse(name)
    if name not in EMPTY_HERE:
        page = client.get(address).content.decode()
        assert "form=xlsx" in page
        assert "form=csv" in page
    for form in ("xlsx", "csv"):
        before = Entry.objects.filter(action="export.table").count()
        answer = client.get(address, {"form": form, "q": "Alder"})
        assert answer.status_code == 200
        body = answer.getvalue()
        assert Entry.objects.filter(action="export.table").count() == before + 1
        entry = Entry.objects.filter(action="export.table").latest("sequence")
        assert entry.subject == name
        if form == "csv":
            assert body.startswith(b"\xef\xbb\xbf")
        else:
            notes = openpyxl.load_workbook(io.BytesIO(body)).worksheets[1]
            assert any("q=Alder" in str(row[1].value) for row in notes.iter_rows())


@pytest.mark.parametrize("name", LISTS)
def test_no_other_form_is_made_up(world: World, signed_in: SignedIn, name: str) -> None:
    assert signed_in(world.administrator).get(reverse(name), {"form": "pdf"}).status_code == 400
