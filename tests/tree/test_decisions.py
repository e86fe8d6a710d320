"""Decision records: unique numbers without a gap, each in the index, each with its four parts."""

import re
from pathlib import Path

PARTS = ("## Context", "## Decision", "## Alternatives", "## Consequences")


def records(repository: Path) -> list[Path]:
    return sorted(path for path in (repository / "docs/decisions").glob("*.md") if path.name != "README.md")


def test_numbers_are_unique_and_without_a_gap(repository: Path) -> None:
    numbers = [int(path.name[:4]) for path in records(repository) if re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", path.name)]
    assert numbers == list(range(1, len(records(repository)) + 1))


def test_the_title_carries_the_number(repository: Path) -> None:
    wrong = [path.name for path in records(repository) if not path.read_text("utf-8").startswith(f"# {path.name[:4]} ")]
    assert not wrong


def test_each_record_stands_in_the_index_under_its_title(repository: Path) -> None:
    index = (repository / "docs/decisions/README.md").read_text("utf-8")
    for path in records(repository):
        title = path.read_text("utf-8").splitlines()[0].removeprefix(f"# {path.name[:4]} ")
        assert f"| [{path.name[:4]}]({path.name}) | {title} |" in index


def test_each_record_has_its_parts_and_fits_a_page(repository: Path) -> None:
    for path in records(repository):
        text = path.read_text("utf-8")
        assert [part for part in PARTS if part not in text] == [], path.name
        assert len(text.split()) < 600, f"{path.name} is longer than a page"
