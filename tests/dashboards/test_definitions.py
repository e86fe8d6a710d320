"""What a dashboard is made of: checked whole, without overlaps, and the same after a way through a file."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.dashboards.rules import KeptError
from zhulian.dashboards.rules.definitions import (
    COLUMNS,
    TILE_KINDS,
    Tile,
    checked,
    definition_of,
    points_of,
    read,
    settled,
)

widths = st.integers(1, COLUMNS).flatmap(lambda w: st.tuples(st.just(w), st.integers(0, COLUMNS - w)))
tiles = st.lists(st.tuples(widths, st.integers(0, 30), st.integers(1, 8)), max_size=20).map(
    lambda found: [Tile(f"t{at}", "text", x, y, w, h) for at, ((w, x), y, h) in enumerate(found)]
)


@given(tiles)
def test_tiles_never_overlap_and_keep_their_column_and_size(given_tiles: list[Tile]) -> None:
    placed = settled(given_tiles)
    assert not [one for at, one in enumerate(placed) for other in placed[:at] if one.overlaps(other)]
    kept = {tile.id: (tile.x, tile.w, tile.h) for tile in placed}
    assert kept == {tile.id: (tile.x, tile.w, tile.h) for tile in given_tiles}


@given(tiles)
def test_what_is_settled_stays_where_it_is(given_tiles: list[Tile]) -> None:
    placed = settled(given_tiles)
    assert settled(placed) == placed


@given(tiles)
def test_a_definition_survives_a_file(given_tiles: list[Tile]) -> None:
    assert read(json.dumps(definition_of(settled(given_tiles)))) == settled(given_tiles)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_whatever_a_file_holds_is_refused_in_words(value: object) -> None:
    for body in (value, {"version": 1, "tiles": value}, {"version": 1, "tiles": [value]}):
        if isinstance(body, dict) and body.get("tiles") == [] and body.get("version") == 1:
            assert checked(body) == []
        else:
            with pytest.raises(KeptError, match="没有保存"):
                checked(body)


GOOD: dict[str, Any] = {"id": "a", "kind": "number", "x": 0, "y": 0, "w": 3, "h": 2, "points": [1]}


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"kind": "pie"}, "pie"),
        ({"points": []}, "点位"),
        ({"points": [1, 2]}, "点位"),
        ({"points": ["1"]}, "点位"),
        ({"x": 10}, "网格"),
        ({"w": 0}, "网格"),
        ({"h": 9}, "网格"),
        ({"x": True}, "x"),
        ({"colour": "red"}, "colour"),
        ({"id": "A b"}, "网格"),
        ({"range": "2h"}, "时间范围"),
        ({"title": "x" * 61}, "标题"),
        ({"kind": "gauge"}, "下限"),
        ({"kind": "gauge", "low": 5, "high": 5}, "下限"),
    ],
)
def test_the_fault_names_the_tile(changed: dict[str, object], word: str) -> None:
    with pytest.raises(KeptError) as refused:
        checked({"version": 1, "tiles": [GOOD, {**GOOD, "id": "b", "y": 2, **changed}]})
    assert "第 2 块" in refused.value.what.zh
    assert word in refused.value.what.zh


@pytest.mark.parametrize(
    "body", [b"", b"[1", b"[]", b'{"version":1}', b'{"version":2,"tiles":[]}', b'{"tiles":[]}', b"\xff"]
)
def test_what_is_no_definition_is_refused(body: bytes) -> None:
    with pytest.raises(KeptError):
        read(body)


def test_bounds_of_a_whole_dashboard() -> None:
    many = [{**GOOD, "id": f"t{at}", "kind": "text", "points": []} for at in range(41)]
    for wrong in (many, [GOOD, GOOD]):
        with pytest.raises(KeptError):
            checked({"version": 1, "tiles": wrong})
    assert len(checked({"version": 1, "tiles": many[:40]})) == 40


def test_points_come_once_each() -> None:
    found = checked({"version": 1, "tiles": [GOOD, {**GOOD, "id": "b", "kind": "line", "points": [2, 1, 2]}]})
    assert points_of(found) == [1, 2]


def test_every_kind_fits_its_own_size() -> None:
    for kind in TILE_KINDS.values():
        assert kind.width <= COLUMNS
        assert kind.least <= kind.most
