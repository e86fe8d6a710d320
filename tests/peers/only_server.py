"""chDB as the only server of a ClickHouse cluster, as far as it can be one: for tests of what a cluster is told.

Distributed tables, sharding, views and tokens are the engine's own. It has no keeper, no port for other servers and no
queue for ON CLUSTER: so that clause is left out, as a queue would hand the statement on, and a replicated table becomes
a plain one with the same tokens. What it is told is kept in a file beside its folder, for tests that look at it.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from zhulian.telemetry.store import embedded
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.telemetry.store.engine import Answer

TOLD = "told.sql"
_CONFIGURATION = """<clickhouse><tcp_port>9000</tcp_port><remote_servers><{0}><shard>
<internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>9000</port></replica>
</shard></{0}></remote_servers></clickhouse>"""
_ALONE = (
    (re.compile(r" ON CLUSTER '[\w.-]+'"), ""),
    (re.compile(r"= Replicated(\w+)\('[^']*', '[^']*'(?:, )?"), r"= \1("),
    (re.compile(r", min_compressed_bytes_to_fsync_after_fetch = 1"), ""),
    (re.compile(r", replicated_deduplication_window_seconds = \d+"), ""),
    (re.compile(r"\breplicated_deduplication_window\b"), "non_replicated_deduplication_window"),
    (re.compile(r"^SYSTEM SYNC REPLICA .*"), "SELECT 1"),
)


class OnlyServer(EmbeddedEngine):
    """Holds it against a change of tables when it is not for every server."""

    told: TextIO | None = None

    @classmethod
    def open_of(cls, cluster: str, folder: Path) -> "OnlyServer":
        configuration = folder.with_suffix(".xml")
        configuration.write_text(_CONFIGURATION.format(cluster))
        plain = embedded._server_settings
        embedded._server_settings = lambda *given: plain(*given) | {"config-file": str(configuration)}
        engine = cls(folder, 512)
        engine._prepare()
        engine.told = (folder / TOLD).open("a")
        return engine

    def query(
        self,
        sql: str,
        form: str = "Native",
        settings: Mapping[str, str] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> Answer:
        if self.told and re.match(r"\s*(CREATE|ALTER|DROP|TRUNCATE|SYSTEM)\b", sql):
            assert " ON CLUSTER " in sql, sql
            self.told.write(f"{sql};\n")
            self.told.flush()
        for pattern, instead in _ALONE:
            sql = pattern.sub(instead, sql)
        return super().query(sql, form, settings, parameters)
