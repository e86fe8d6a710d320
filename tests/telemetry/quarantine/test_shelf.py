"""The shelf: what is kept is on disk, once, within bounds, and what gave way is counted."""

from pathlib import Path

import pytest

from peers.town import NOW, TENANT, HandClock
from zhulian.telemetry.ingest.errors import time_out_of_reach
from zhulian.telemetry.journal.frames import BatchFrame
from zhulian.telemetry.quarantine.items import Kept, damaged, refused
from zhulian.telemetry.quarantine.shelf import Shelf

FAULT = time_out_of_reach("试", "tried")


def kept(first: int, gateway: int = 1, size_bytes: int = 100) -> Kept:
    return refused(BatchFrame(gateway, TENANT, "life", first, first + 9, NOW, 0, b"x" * size_bytes), FAULT)


def shelf_in(folder: Path, limit_bytes: int = 10_000) -> Shelf:
    return Shelf(folder / "quarantine", limit_bytes, HandClock())


def test_an_item_is_kept_once_and_found_again(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    assert shelf.keep(kept(1))
    assert shelf.keep(kept(1))
    assert shelf.keep(damaged(b"rest", 40, 44))
    again = shelf_in(tmp_path)
    assert again.listed() == shelf.listed()
    assert [(item.kind, item.rows, item.at_us) for item in again.listed()] == [("damage", 0, NOW), ("batch", 10, NOW)]
    found = again.get(1)
    assert found is not None
    assert (found.body, found.item.what_en) == (b"x" * 100, FAULT.what.en)
    assert again.keep(kept(1)), "known after the restart as well"
    assert len(again.listed()) == 2


def test_a_discarded_item_is_gone_for_good(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path)
    shelf.keep(kept(1))
    assert shelf.discard(1)
    assert not shelf.discard(1)
    assert shelf.get(1) is None
    assert shelf_in(tmp_path).listed() == []


def test_the_oldest_give_way_and_are_counted_over_restarts(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, 1000)
    for gateway in range(1, 16):
        shelf.keep(kept(1, gateway))
    totals = shelf_in(tmp_path, 1000).totals()
    assert (totals.items, totals.size_bytes, totals.dropped_items, totals.dropped_rows) == (10, 1000, 5, 50)
    assert [item.gateway for item in shelf.listed()] == list(range(15, 5, -1))


def test_one_gateway_does_not_push_out_the_others(tmp_path: Path) -> None:
    shelf = shelf_in(tmp_path, 1000)
    shelf.keep(kept(1, gateway=2))
    for first in range(1, 500, 10):
        shelf.keep(kept(first, gateway=1))
    assert [item.gateway for item in shelf.listed()] == [1, 1, 2]


def test_a_disk_that_refuses_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = shelf_in(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert not shelf.keep(kept(1))
    monkeypatch.undo()
    assert shelf.keep(kept(1))


def test_a_strange_file_is_left_alone(tmp_path: Path) -> None:
    shelf_in(tmp_path).keep(kept(1))
    (tmp_path / "quarantine" / "000000000007.aside").write_bytes(b"not ours")
    assert [item.id for item in shelf_in(tmp_path).listed()] == [1]
