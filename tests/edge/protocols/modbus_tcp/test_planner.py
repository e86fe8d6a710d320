"""The planner: whatever is wanted and forbidden, every point is read once, whole, and within the limits."""

import contextlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhulian.edge.protocols.driver import DriverError
from zhulian.edge.protocols.modbus_tcp.addresses import Table
from zhulian.edge.protocols.modbus_tcp.planner import Limits, Request, Wanted, plan, wanted
from zhulian.edge.protocols.modbus_tcp.types import FORMATS
from zhulian.wire.configuration import PointConfig

TABLES = st.sampled_from([table.name.lower() for table in Table])


@st.composite
def points(draw: st.DrawFn) -> list[PointConfig]:
    places = draw(st.lists(st.tuples(TABLES, st.integers(0, 300) | st.integers(65000, 65535)), max_size=40))
    return [
        PointConfig(
            name=str(index),
            address=f"{table}:{start}",
            type="" if table in {"coil", "discrete"} else draw(st.sampled_from([*FORMATS, ""])),
        )
        for index, (table, start) in enumerate(places)
    ]


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    def one(table: Table, first: int, length: int) -> tuple[Table, int, int]:
        return table, first, first + length

    forbidden = draw(
        st.lists(st.builds(one, st.sampled_from(list(Table)), st.integers(0, 300), st.integers(0, 20)), max_size=4)
    )
    return Limits(draw(st.integers(1, 125)), draw(st.integers(0, 40)), tuple(forbidden), draw(st.integers(1, 2000)))


def readable(some: list[PointConfig], within: Limits) -> list[Wanted]:
    found = []
    for point in some:
        with contextlib.suppress(DriverError):
            found.append(wanted(point, within))
    return found


def elements(request: Request) -> set[int]:
    return set(range(request.start, request.start + request.count))


@given(points(), limits())
def test_the_plan(some: list[PointConfig], within: Limits) -> None:
    asked = readable(some, within)
    requests = plan(asked, within)
    assert sorted(each.point.name for request in requests for each in request.serves) == sorted(
        each.point.name for each in asked
    )
    for request in requests:
        assert 1 <= request.count <= within.most(request.table)
        assert request.start + request.count <= 65536
        for each in request.serves:
            assert each.address.table == request.table
            assert set(range(each.address.start, each.end)) <= elements(request)
        for table, first, last in within.forbidden:
            assert table != request.table or not elements(request) & set(range(first, last + 1))
        covered = sorted({e for each in request.serves for e in range(each.address.start, each.end)})
        gaps = [after - before - 1 for before, after in pairwise(covered)]
        assert max(gaps, default=0) <= within.gap
        assert (covered[0], covered[-1]) == (request.start, request.start + request.count - 1)


@given(points(), limits())
def test_the_same_points_give_the_same_plan_in_any_order(some: list[PointConfig], within: Limits) -> None:
    asked = readable(some, within)
    shape = [(each.table, each.start, each.count) for each in plan(asked, within)]
    assert [(each.table, each.start, each.count) for each in plan(asked[::-1], within)] == shape


def test_a_hundred_neighbours_are_one_request() -> None:
    asked = [wanted(PointConfig(name=str(i), address=f"holding:{i}"), Limits()) for i in range(100)]
    (request,) = plan(asked, Limits())
    assert (request.start, request.count) == (0, 100)


@pytest.mark.parametrize(
    ("address", "kind", "order", "code"),
    [
        ("40001", "float16", "", "modbus_type"),
        ("40001", "float32", "ABDC", "modbus_byte_order"),
        ("40001", "bit", "", "modbus_bit"),
        ("40001.1", "float32", "", "modbus_bit"),
        ("coil:1", "uint16", "", "modbus_bit"),
        ("holding:65535", "float32", "", "modbus_address"),
        ("holding:0", "float64", "", "modbus_too_wide"),
        ("holding:49", "int32", "", "modbus_forbidden"),
        ("holding:50", "", "", "modbus_forbidden"),
    ],
)
def test_what_cannot_be_read_is_said_before_anything_is_sent(address: str, kind: str, order: str, code: str) -> None:
    within = Limits(largest=2, forbidden=((Table.HOLDING, 50, 60),))
    with pytest.raises(DriverError) as caught:
        wanted(PointConfig(name="x", address=address, type=kind, byte_order=order), within)
    assert caught.value.code == code
    assert address in caught.value.what.zh or kind in caught.value.what.zh or order in caught.value.what.zh
