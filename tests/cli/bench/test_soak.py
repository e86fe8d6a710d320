"""Seconds of what ``zhulian bench soak`` does for an hour: it counts, samples and writes its page."""

import time
from pathlib import Path

import pytest

from zhulian.cli.bench import soak
from zhulian.cli.bench.chain.counting import Account
from zhulian.cli.bench.chain.gateways import Gateways, Traffic
from zhulian.cli.bench.chain.process import Telemetry


@pytest.mark.endurance
def test_a_short_soak_counts_every_row_and_reports(tmp_path: Path) -> None:
    found = soak.soaked(tmp_path, 6.0, 20_000)
    assert found.account == Account()
    assert found.acknowledged
    assert max(sample.journal_bytes for sample in found.samples) < found.journal_limit_bytes
    page = soak._page(found, soak._figures(found, 20_000), 20_000)
    assert f"| acknowledged | {found.acknowledged:,}.00 | rows |" in page


@pytest.mark.endurance
def test_a_gateway_goes_on_when_its_token_is_over(tmp_path: Path) -> None:
    telemetry = Telemetry(tmp_path / "data", tmp_path / "telemetry.log")
    with telemetry:
        gateways = Gateways(telemetry, 1, Traffic())
        gateways.each[0].token = "over"
        with gateways:
            until_s = time.monotonic() + 100
            while not sum(gateways.acknowledged.values()) and time.monotonic() < until_s:
                time.sleep(0.02)
            gateways.pause()
    assert sum(gateways.acknowledged.values())


def test_growth_leaves_the_warm_up_out() -> None:
    sizes = [100] * 10 + [200] * 40 + [210] * 10
    samples = [soak.Sample(float(at), size, 0, 0) for at, size in enumerate(sizes)]
    assert soak.Outcome(samples, 0, Account(), 1, 60.0).growth == pytest.approx(0.05)
