"""Thirty days of the past, so that charts are full at once: sent through the same lane as every reading.

Each gateway sends its machines' values at whole minutes under the epoch "history". Sent again, the platform
recognises the numbers and keeps nothing twice.
"""

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa
import urllib3

from zhulian.cli.demo.factories import FACTORIES, SimulatedMachine
from zhulian.organisations.models import Enterprise, Gateway, Point
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.vocabulary.settings import Settings
from zhulian.wire import lane
from zhulian.wire.batch import SCHEMA, encode
from zhulian.wire.credentials import issue_token, load_or_create_key

DAYS = 30
STEP_S = 60
EPOCH = "history"
ROWS_A_BATCH = 100_000


class HistoryError(ZhulianError):
    """The past could not be written; calling the command again goes on."""


def write(settings: Settings, now_us: TimeUs, show: Callable[[str], None]) -> int:
    """Write the history of all sample machines. Returns the number of readings."""
    moments_s = (
        np.arange(now_us // 1_000_000 // STEP_S - DAYS * 86400 // STEP_S, now_us // 1_000_000 // STEP_S) * STEP_S
    )
    key = load_or_create_key(settings.data.keys / "platform.pem")
    total = 0
    for factory in FACTORIES:
        enterprise = Enterprise.objects.get(name=factory.enterprise)
        gateway = Gateway.objects.get(enterprise=enterprise, name=factory.gateway)
        token = issue_token(key, gateway.pk, TenantId(enterprise.pk), now_us)
        columns = [each for machine in factory.machines for each in _columns(machine, enterprise.pk, moments_s)]
        sent = _send(settings.ingest_url, token, now_us, _batches(columns, moments_s))
        total += sent
        show(f"{factory.enterprise}：{sent:,} 条历史读数 / readings of the past")
    return total


def _columns(machine: SimulatedMachine, enterprise: int, moments_s: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Point id and values for each point of ``machine``."""
    ids = dict(
        Point.objects.filter(machine__enterprise=enterprise, machine__name=machine.name, removed_at=None).values_list(
            "name", "id"
        )
    )
    for point, signal in zip(machine.points, machine.signals, strict=True):
        yield ids[point.name], signal(moments_s.astype(np.float64))


def _batches(columns: list[tuple[int, np.ndarray]], moments_s: np.ndarray) -> Iterator[pa.RecordBatch]:
    """All readings in order of time, in lots of about :data:`ROWS_A_BATCH`."""
    moments = max(1, ROWS_A_BATCH // len(columns))
    points = np.array([point for point, _ in columns], np.uint32)
    table = np.column_stack([values for _, values in columns])
    for start in range(0, len(moments_s), moments):
        values = table[start : start + moments]
        times = np.repeat(moments_s[start : start + moments] * 1_000_000, len(columns))
        yield pa.RecordBatch.from_arrays(
            [
                pa.array(np.tile(points, len(values))),
                pa.array(times).cast(pa.timestamp("us", tz="UTC")),
                pa.array(values.reshape(-1)),
                pa.nulls(values.size, pa.utf8()),
                pa.array(np.zeros(values.size, np.uint8)),
            ],
            schema=SCHEMA,
        )


def _send(ingest_url: str, token: str, now_us: TimeUs, batches: Iterator[pa.RecordBatch]) -> int:
    http, first = urllib3.PoolManager(retries=urllib3.Retry(10, backoff_factor=0.2, status_forcelist=[429, 503])), 1
    for batch in batches:
        last = first + batch.num_rows - 1
        headers = {
            "Authorization": f"Bearer {token}",
            "Content-Type": lane.CONTENT_TYPE,
            lane.H_EPOCH: EPOCH,
            lane.H_FIRST: str(first),
            lane.H_LAST: str(last),
            lane.H_SENT: str(now_us),
        }
        answer = http.request("POST", ingest_url + lane.BATCHES, body=encode(batch), headers=headers)
        if answer.status != 200:
            raise HistoryError(
                "history_refused",
                Text(
                    f"平台没有收下历史数据（{answer.status}）。", f"The platform refused the history ({answer.status})."
                ),
                Text("请再运行一次 zhulian demo，它会接着写。", "Run zhulian demo again; it goes on where it stopped."),
            )
        first = last + 1
    return first - 1
