"""What Grafana's Infinity data source sends to the interface, as docs/howto/grafana.md sets it up."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from peers.records import World
from peers.telemetry import FakeTelemetry
from zhulian.organisations.tenancy import visible_to
from zhulian.organisations.workflows import create_api_key
from zhulian.portal.api import access
from zhulian.portal.api.limits import Limits
from zhulian.vocabulary.clock import system_clock

DAY = {"start": "2026-01-31T00:00:00.000Z", "end": "2026-02-01T00:00:00.000Z"}
"""As ``${__from:date:iso}`` writes a time."""
START_US = 1_769_817_600_000_000
Ask = Callable[..., object]


@pytest.fixture
def ask(world: World, telemetry: FakeTelemetry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    monkeypatch.setattr(access, "limits", lambda: Limits(tmp_path / "api-keys", system_clock))
    telemetry.give(world.a.enterprise, world.a.points[0], 1.0, 1.0, 3.0, start_us=START_US, every_us=60_000_000)
    made = create_api_key(visible_to(world.a.owner), "grafana", frozenset({"readings:read", "records:read"}), 30)
    headers = {"Authorization": f"Bearer {made.text}", "User-Agent": "Grafana/12.0.0", "Accept": "application/json"}

    def asked(path: str, **wish: object) -> object:
        answer = Client().get(f"/api/v1{path}", {**DAY, **wish}, headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return asked


def test_a_panel_of_one_point(world: World, ask: Ask) -> None:
    found = ask(f"/points/{world.a.points[0]}/series", most=600)
    assert list(zip(found["times"], found["means"], strict=True)) == [  # type: ignore[index]
        ("2026-01-31T00:00:00Z", 1.0),
        ("2026-01-31T00:01:00Z", 1.0),
        ("2026-01-31T00:02:00Z", 3.0),
    ]


def test_panels_whose_rows_lie_under_a_root(world: World, ask: Ask) -> None:
    point = world.a.points[0]
    assert [row["value"] for row in ask("/readings", points=point, size=10_000)["rows"]] == [1.0, 1.0, 3.0]  # type: ignore[index]
    assert {row["value"] for row in ask(f"/points/{point}/states")["times"]} == {1.0, 3.0}  # type: ignore[index]


def test_panels_that_are_lists(world: World, ask: Ask) -> None:
    assert [row["point"] for row in ask("/latest", points=world.a.points[0])] == [world.a.points[0]]  # type: ignore[attr-defined]
    assert [row["rows"] for row in ask("/city/busiest")] == [3]  # type: ignore[attr-defined]
