"""The one setting that moves the records, and what is said when it is wrong."""

import pytest

from zhulian.portal import databases
from zhulian.vocabulary.settings import read_settings


def records(address: str) -> dict[str, object]:
    return databases.records(read_settings({"ZHULIAN_DATABASE": address}))


def test_without_it_records_are_in_the_data_folder() -> None:
    assert records("")["ENGINE"] == "django.db.backends.sqlite3"


def test_every_part_of_the_address_is_used() -> None:
    found = records("postgresql://zhu%40lian:p%2Fw@db.example:5433/city?sslmode=verify-full")
    assert [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")] == [
        "city", "zhu@lian", "p/w", "db.example", "5433",
    ]  # fmt: skip
    assert found["OPTIONS"]["sslmode"] == "verify-full"  # type: ignore[index]
    assert "lock_timeout=20s" in found["OPTIONS"]["options"]  # type: ignore[index]


def test_a_socket_needs_no_host() -> None:
    assert records("postgresql:///city?host=/run/postgresql")["HOST"] == "/run/postgresql"


@pytest.mark.parametrize(
    "address",
    ["mysql://u:secret@h/n", "postgresql://u:secret@h", "u:secret@h", "dbname=secret"],
)
def test_a_wrong_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(databases.AddressError) as refused:
        records(address)
    assert "secret" not in str(refused.value)
    assert refused.value.__cause__ is None or "secret" not in repr(refused.value.what)
