"""Every page of the documents can be reached from the index, and no relative link or picture is missing."""

import re
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"\]\(([^)\s]+)\)|<img[^>]*\ssrc=\"([^\"]+)\"")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
OUTSIDE = re.compile(r"^(https?:|mailto:|#)")


def targets(page: Path, text: str) -> Iterator[Path]:
    """What ``page`` points to inside the repository."""
    for found in LINK.finditer(FENCE.sub("", text)):
        address = found[1] or found[2]
        if not OUTSIDE.match(address):
            yield (page.parent / address.split("#")[0]).resolve()


def test_no_relative_link_is_broken(repository: Path, pages: dict[Path, str]) -> None:
    broken = [
        f"{page.relative_to(repository)} → {target.relative_to(repository)}"
        for page, text in pages.items()
        for target in targets(page, text)
        if not target.exists()
    ]
    assert not broken


def test_no_link_leaves_the_repository(repository: Path, pages: dict[Path, str]) -> None:
    assert not [page for page, text in pages.items() for to in targets(page, text) if repository not in to.parents]


def test_every_page_can_be_reached_from_the_index(repository: Path, pages: dict[Path, str]) -> None:
    index = repository / "docs/README.md"
    reached, waiting = {index}, [index]
    while waiting:
        page = waiting.pop()
        fresh = {target for target in targets(page, pages[page]) if target in pages} - reached
        reached |= fresh
        waiting.extend(fresh)
    documents = {page for page in pages if repository / "docs" in page.parents}
    assert sorted(str(page.relative_to(repository)) for page in documents - reached) == []


def test_the_readme_leads_to_the_index_in_both_languages(repository: Path, pages: dict[Path, str]) -> None:
    for name in ("README.md", "README.en.md"):
        assert repository / "docs/README.md" in set(targets(repository / name, pages[repository / name]))
