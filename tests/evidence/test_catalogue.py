"""The catalogue is whole, and its reference page says the same."""

import re
from pathlib import Path

import pytest

from zhulian.evidence.catalogue import CLASS_NAMES, catalogue, option_name, unit_name
from zhulian.evidence.rules import EvidenceClass

KEYS = catalogue()
ROW = re.compile(r"^\| `(?P<key>[a-z0-9_.]+)` \| (?P<cells>.+) \|$", re.MULTILINE)


def test_the_page_is_the_catalogue(repository: Path) -> None:
    text = (repository / "docs/reference/fact-keys.md").read_text("utf-8")
    described = {row["key"]: row["cells"].split(" | ") for row in ROW.finditer(text)}
    assert list(described) == list(KEYS)
    for key, row in KEYS.items():
        name, unit, _counted, classes, validity, tolerance, meaning = described[key]
        assert name == f"{row.name.zh} · {row.name.en}"
        assert (unit, classes) == (row.unit or "—", row.classes)
        assert (validity, tolerance) == (str(row.validity_days or "—"), f"{row.tolerance:g}")
        assert meaning == row.meaning.en


@pytest.mark.parametrize("key", KEYS)
def test_each_key_says_everything_in_both_languages(key: str) -> None:
    row = KEYS[key]
    for text in (row.name, row.meaning, row.owner, row.measured):
        assert text.zh.strip()
        assert text.en.strip()
    assert row.classes
    assert set(row.classes) <= {one.value for one in EvidenceClass}
    assert not row.unit or unit_name(row.unit).zh != row.unit or row.unit == "kWh"
    assert all(option_name(option).zh != option for option in row.options)
    assert (row.kind == "options") <= bool(row.options)
    assert (row.kind == "fen") == (row.unit == "fen")
    assert (row.kind == "ratio") == (row.unit == "ratio")


def test_every_class_has_a_name() -> None:
    assert set(CLASS_NAMES) == set(EvidenceClass)


def test_the_inputs_of_ratings_are_there() -> None:
    """Star table and questionnaire (city.md 3.1, 3.2): these are what later rooms ask for."""
    wanted = {
        "cloud.services", "apps.continuous_days", "cloud.spend_paid", "cloud.business_links", "machines.networked",
        "machines.total", "machines.online_days_90", "data.valid_share", "apps.weekly", "data.alarms_closed_share",
        "data.reports_opened", "energy.per_100_yuan", "business.pass_rate", "business.cost_per_100_yuan",
        "security.self_check", "security.backup", "apps.with_model", "network.building", "machines.digital_share",
        "machines.networked_share", "data.collected_links", "cloud.information_system", "management.plan",
        "business.digital_spend",
    }  # fmt: skip
    assert wanted <= KEYS.keys()
