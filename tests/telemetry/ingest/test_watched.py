"""The portal's small files: read again when they change, and again when reading them failed only for a moment."""

from pathlib import Path

import pytest

from peers.town import HandClock
from zhulian.telemetry.ingest.admission import RevokedList
from zhulian.telemetry.ingest.watched import LOOK_AGAIN_US


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def revoked(tmp_path: Path, clock: HandClock) -> RevokedList:
    return RevokedList(tmp_path / "revoked", clock)


def test_a_list_that_could_not_be_read_for_a_moment_is_read_again(
    tmp_path: Path, clock: HandClock, revoked: RevokedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too many open files, say: a revoked gateway would go on sending until somebody else is revoked."""

    def fails(_: Path) -> bytes:
        raise OSError(24, "Too many open files")

    (tmp_path / "revoked").write_text("[7]")
    with monkeypatch.context() as moment:
        moment.setattr(Path, "read_bytes", fails)
        assert 7 not in revoked
    clock.now_us += LOOK_AGAIN_US
    assert 7 in revoked


def test_a_folder_that_cannot_be_looked_into_keeps_the_last_list(
    tmp_path: Path, clock: HandClock, revoked: RevokedList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "revoked").write_text("[7]")
    assert 7 in revoked
    clock.now_us += LOOK_AGAIN_US
    with monkeypatch.context() as moment:
        moment.setattr(Path, "stat", fails)
        assert 7 in revoked
    (tmp_path / "revoked").unlink()
    clock.now_us += LOOK_AGAIN_US
    assert 7 not in revoked


def test_a_broken_list_is_not_read_again_until_it_changes(
    tmp_path: Path, clock: HandClock, revoked: RevokedList, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "revoked").write_text("[7")
    for _ in range(3):
        assert 7 not in revoked
        clock.now_us += LOOK_AGAIN_US
    assert len(caplog.records) == 1
