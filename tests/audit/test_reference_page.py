"""The page that describes the trail byte for byte: its verifier is run, not only read."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from peers import trail
from zhulian.wire.credentials import public_text

PUBLIC = public_text(trail.KEY)


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs/reference/audit-trail.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def described(page: str) -> Any:
    """The function ``verify`` as the page has it."""
    program = page.split("```python\n")[1].split("```", maxsplit=1)[0]
    names: dict[str, Any] = {}
    exec(compile(program, "audit-trail.md", "exec"), names)
    return names["verify"]


def test_the_documented_entry_is_what_the_code_writes(page: str) -> None:
    (entry,) = trail.entries(1)
    assert entry.line().decode().strip() in page
    assert f"the hash is `{entry.hash}`" in page


def test_the_verifier_of_the_page_agrees_with_ours(described: Any) -> None:
    links = trail.entries(20)
    then = trail.entries(5, "sm3", sequence=20, previous=links[-1].hash)
    assert described(b"".join(trail.file_of([*links, *then])), PUBLIC) == (25, then[-1].hash)


def test_the_verifier_of_the_page_finds_tamperings(described: Any) -> None:
    whole, chance = trail.file_of(trail.entries(20)), Random(7)
    for _ in range(100):
        tampered = chance.choice(trail.TAMPERINGS)(list(whole), chance)
        if tampered != whole:
            with pytest.raises(Exception):  # noqa: B017, PT011 - whatever it trips over
                described(b"".join(tampered), PUBLIC)
