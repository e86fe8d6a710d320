"""``zhulian bench portal``: the pages of a city with 50,000 enterprises, 50,000 machines and 500,000 facts.

On SQLite, and on a throw-away PostgreSQL where Debian's server is installed; each engine in a process of its own, in a
scratch folder that is deleted afterwards. Every figure is milliseconds on the server, p50 and p95 of 60 requests with
different questions, beside plain SQL in the same run.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from typing import Any

from zhulian.cli.bench.figures import Figure, measured
from zhulian.cli.bench.peers import postgresql

LIBRARIES = ("django", "psycopg", "pypinyin")


def run() -> list[Figure]:
    """All pages on every engine that is here."""
    figures = [*_figures("sqlite", "")]
    binaries = postgresql.programs()
    if binaries:
        with postgresql.serving(binaries) as address:
            figures += _figures("postgresql", address)
    return figures


def _figures(engine: str, address: str) -> Iterator[Figure]:
    started_s = time.monotonic()
    found = _asked(address)
    yield measured(f"portal.{engine}.build", found["built_s"], "s", seconds=found["built_s"], libraries=LIBRARIES)
    for page in found["pages"]:
        for place, quantile in enumerate(("p50", "p95")):
            yield measured(
                f"portal.{engine}.{page['name']}.{quantile}",
                page["page_ms"][place],
                "ms",
                seconds=time.monotonic() - started_s,
                libraries=LIBRARIES,
                peer="plain SQL",
                peer_value=page["peer_ms"][place],
            )


def _asked(address: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="zhulian-bench-") as folder:
        environ = {**os.environ, "ZHULIAN_DATA": folder, "ZHULIAN_DATABASE": address}
        command = [sys.executable, "-m", "zhulian.cli.bench.portal_engine"]
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, check=True)  # noqa: S603 - ourselves
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
