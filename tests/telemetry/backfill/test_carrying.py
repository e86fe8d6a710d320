"""A file carried by a carrier that dies anywhere: over a ledger every reading arrives once, and none is missing."""

import random
from collections import Counter
from pathlib import Path

import pytest

from peers.ledger_only import LedgerOnly
from peers.telemetry_process import TelemetryProcess
from zhulian.telemetry.backfill import carrying as module
from zhulian.telemetry.backfill import days, files
from zhulian.telemetry.backfill.carrying import Carrying, Progress, Source
from zhulian.telemetry.backfill.errors import BackfillError
from zhulian.telemetry.backfill.layout import Layout, epoch_of, sha256_of
from zhulian.telemetry.queries import Telemetry, TelemetryUnreachable
from zhulian.telemetry.queries.errors import TelemetryRefused
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.readings import TenantId
from zhulian.wire.lane import Received

ROWS = 900
LAYOUT = Layout(shape="long", time="t", name="tag", value="v", points={"a": 1, "b": 2})


class DeadError(Exception):
    """The carrier was killed here."""


def written(path: Path, rows: int = ROWS) -> Source:
    lines = [f"2024-01-{1 + n % 9:02} 00:{n // 60 % 60:02}:{n % 60:02},{'ab'[n % 2]},{n}" for n in range(rows)]
    path.write_text("t,tag,v\n" + "\n".join(lines) + "\nnever,a,1\n2024-01-01,c,1\n2024-01-01,a,\n", "utf-8")
    return Source(TenantId(5), path, sha256_of(path), LAYOUT, path.name)


@pytest.mark.parametrize("seed", range(8))
def test_every_reading_arrives_once_however_often_the_carrier_dies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(days, "BATCH_ROWS", 50)
    monkeypatch.setattr(files, "BLOCK_BYTES", 2048)
    source, chance = written(tmp_path / "a.csv"), random.Random(seed)
    platform, sent, deaths = LedgerOnly(chance), 0, 0

    def tell(progress: Progress) -> None:
        nonlocal sent
        sent = max(sent, progress.sent) if chance.random() < 0.5 else sent
        if deaths < 20 and chance.random() < 0.1:
            raise DeadError

    while True:
        carrying = Carrying(source, tmp_path / "run", tell, lambda _s: None)
        try:
            carrying.send(carrying.read(), platform, sent)
        except DeadError:
            deaths += 1
            continue
        break
    assert platform.values == Counter(float(n) for n in range(ROWS))
    assert carrying.progress.refused == {"time": 1, "point": 1}
    assert (carrying.progress.found, carrying.progress.empty, len(carrying.progress.days)) == (ROWS, 1, 9)
    assert not (tmp_path / "run" / "days").exists()


def test_the_same_file_under_the_same_layout_is_the_same_source(tmp_path: Path) -> None:
    source = written(tmp_path / "a.csv", 3)
    turned = Layout(shape="long", time="t", name="tag", value="v", points={"b": 2, "a": 1})
    assert epoch_of(source.sha256, LAYOUT) == epoch_of(source.sha256, turned)
    other = Layout(shape="long", time="t", name="tag", value="v", zone="UTC", points={"a": 1, "b": 2})
    assert epoch_of(source.sha256, LAYOUT) != epoch_of(source.sha256, other)


def test_a_file_that_changes_while_it_is_read_sends_nothing(tmp_path: Path) -> None:
    source = written(tmp_path / "a.csv", 3)
    source.path.write_text(source.path.read_text("utf-8") + "2024-01-01,a,5\n", "utf-8")
    with pytest.raises(BackfillError, match="被改动"):
        Carrying(source, tmp_path / "run", lambda _: None).read()
    source = source._replace(sha256=sha256_of(source.path))
    with pytest.raises(BackfillError, match="被改动"):
        Carrying(source, tmp_path / "run", lambda _: source.path.write_text("t,tag,v\n", "utf-8")).read()


def test_refused_rows_are_listed_with_their_numbers_and_without_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("t,tag,v\n2024-01-01,a,=1+1\n2024-01-01,a,1\n2024-01-01\n", "utf-8")
    Carrying(Source(TenantId(5), path, sha256_of(path), LAYOUT, path.name), tmp_path / "run", lambda _: None).read()
    lines = (tmp_path / "run" / "refused.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == ["4", "2"]
    assert "'=1+1" in lines[2]


def test_a_refusal_ends_it_unless_the_batch_lies_in_the_quarantine(tmp_path: Path) -> None:
    source, code = written(tmp_path / "a.csv", 3), "time_out_of_reach"

    class Refusing:
        def take_past(self, *_: object) -> Received:
            raise TelemetryRefused(code, Text("", ""), Text("", ""))

    carrying = Carrying(source, tmp_path / "run", lambda _: None)
    carrying.send(carrying.read(), Refusing())
    assert (carrying.progress.aside, carrying.progress.new) == (3, 0)
    code = "sequence_overlap"
    with pytest.raises(TelemetryRefused):
        carrying.send(carrying.read(), Refusing())


def test_over_the_real_store_killed_in_the_middle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(days, "BATCH_ROWS", 100)
    monkeypatch.setattr(module, "UNREACHABLE_PAUSE_S", 0.05)
    source = written(tmp_path / "a.csv")
    with TelemetryProcess(tmp_path / "data") as telemetry:
        client, kills = Telemetry.connect(telemetry.settings), 0

        class Killing:
            def take_past(self, tenant: TenantId, epoch: str, first: int, last: int, body: bytes) -> Received:
                nonlocal kills
                received = client.take_past(tenant, epoch, first, last, body)
                if kills < 3 and last > 200 * (kills + 1):
                    kills += 1
                    telemetry.kill()
                    telemetry.start()
                    raise TelemetryUnreachable("gone", Text("", ""), Text("", ""))
                return received

        for _ in range(2):
            carrying = Carrying(source, tmp_path / "run", lambda _: None)
            carrying.send(carrying.read(), Killing())
        assert (carrying.progress.known, carrying.progress.new) == (ROWS, 0)
        telemetry.wait_until_stored(ROWS)
        assert telemetry.ask("SELECT count(), uniqExact(point, ts), sum(value) FROM zhulian.readings").split("\t") == [
            str(ROWS), str(ROWS), str(ROWS * (ROWS - 1) // 2)
        ]  # fmt: skip
        assert telemetry.stop() == 0
