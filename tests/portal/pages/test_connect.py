"""The connect wizard's table: what of a file was not read is said beside what was."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from peers.records import World
from zhulian.organisations.models import User

pytestmark = pytest.mark.django_db
SignedIn = Callable[[User | None], Client]


def test_an_uploaded_table_says_which_columns_were_not_read(world: World, signed_in: SignedIn) -> None:
    header = ["点位名称", "地址", "单位", "品牌", *[""] * 56, "税率"]
    body = "\n".join([",".join(header), "功率,40001,kW,甲厂"]).encode()
    found = signed_in(world.a.engineer).post("/connect/table/", {"file": SimpleUploadedFile("点表.csv", body)}).json()
    assert found["text"].splitlines()[1].startswith("功率\t40001")
    far, unknown = found["words"]
    assert "BI 列没有读（“税率”）" in far
    assert unknown.startswith("没有认出的列，没有读入：品牌。")
