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
