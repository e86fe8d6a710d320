"""The same tables on a cluster of ClickHouse servers, made from the same definitions. For the remote engine.

What has an enterprise lies on one shard, all of it: rows as ``readings_local``, behind a Distributed table that has the
name everybody uses. So every sum adds up where its rows are, and a page asks one shard. What has none (the version) is
on every server. All tables are replicated; views fill local tables from local rows.

The platform goes on speaking of its tables as if they were in one place: :meth:`Cluster.orders` says what a cluster is
told instead. Nothing here talks to a server.
"""

import re
import uuid
from dataclasses import dataclass
from typing import NamedTuple

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.errors import cluster_cannot, cluster_name_wrong
from zhulian.telemetry.store.rollups import ROLLUPS, Rollup
from zhulian.telemetry.store.table import REPLICATED, Table

OWNER = "tenant"
"""The column that says whose a row is, and so on which shard it lies."""
SETTINGS = {
    "distributed_foreground_insert": "1",
    "insert_quorum": "auto",
    "insert_quorum_timeout": "60000",
    "optimize_skip_unused_shards": "1",
    "distributed_product_mode": "local",
    "parallel_distributed_insert_select": "2",
    "distributed_ddl_task_timeout": "60",
    "mutations_sync": "2",
}
"""For every statement. An insertion is done when most copies of its shard have it on disk; a subquery over the same
enterprises looks on its own shard; sums are made anew where their rows are."""

_NAME = re.compile(r"\w[\w.-]*")
_VERB = re.compile(r"\s*(CREATE|RENAME|ATTACH|DETACH|EXCHANGE|OPTIMIZE|ALTER|TRUNCATE|DROP)\b", re.IGNORECASE)
_CHANGE = re.compile(
    r"\s*(?P<verb>ALTER|TRUNCATE|DROP) TABLE (?P<mild>IF EXISTS )?(?P<table>\w+)\b\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_OF_ROWS = re.compile(r"(DROP PARTITION|DELETE)\b", re.IGNORECASE)
_ASKS = re.compile(r"\bSELECT\b", re.IGNORECASE)
"""Each copy answers a question within a deletion by itself, and one that is behind would delete something else."""


class Order(NamedTuple):
    """A statement for the cluster; ``makes`` names the table or view that it creates."""

    sql: str
    makes: str = ""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The cluster called ``name`` in the servers' configuration (``remote_servers``), and our database there."""

    name: str
    database: str

    @classmethod
    def named(cls, name: str, database: str) -> "Cluster":
        """Raises StoreError for what cannot be a cluster's name."""
        if not _NAME.fullmatch(name):
            raise cluster_name_wrong(name)
        return cls(name, database)

    @property
    def database_creation(self) -> str:
        """The database itself."""
        return f"CREATE DATABASE IF NOT EXISTS {self.database} {self._everywhere} ENGINE = Atomic"

    @property
    def creation(self) -> tuple[Order, ...]:
        """Everything that has to be in it, in order."""
        return (
            *(order for table in schema.TABLES for order in self.table(table)),
            *(self.view(rollup) for rollup in reversed(ROLLUPS)),
        )

    def table(self, table: Table) -> tuple[Order, ...]:
        """The replicated table, and where its rows are spread over shards the one that stands for all of them."""
        rows = self._rows_of(table)
        kind, _, arguments = table.engine.partition("(")
        place = f"'/clickhouse/tables/{{shard}}/{self.database}/{rows}', '{{replica}}'"
        if not _is_spread(table):  # one and the same on every server: copies are named across shards
            place = f"'/clickhouse/tables/all/{self.database}/{rows}', '{{shard}}-{{replica}}'"
        engine = f"Replicated{kind}({', '.join(filter(None, (place, arguments.removesuffix(')'))))})"
        kept = Order(table.create(self._on(rows), engine, REPLICATED), rows)
        if not _is_spread(table):
            return (kept,)
        return kept, Order(
            f"CREATE TABLE IF NOT EXISTS {self._on(table.name)} {table.head}\n"
            f"ENGINE = Distributed('{self.name}', '{self.database}', '{rows}', {OWNER})",
            table.name,
        )

    def view(self, rollup: Rollup) -> Order:
        """From local rows into local sums.

        Its id is made of its name: tokens of blocks contain it, and have to be the same on a server that comes later.
        """
        name = f"{rollup.name}_view"
        known = uuid.uuid5(uuid.NAMESPACE_OID, f"zhulian/{self.database}/{name}")
        head = f"{self.database}.{name} UUID '{known}' {self._everywhere}"
        sources = {table.name: self._rows_of(table) for table in schema.TABLES}
        target = f"{self.database}.{sources[rollup.name]}"
        source = f"{self.database}.{sources[rollup.source]}"
        return Order(rollup.view_of(head, target, source), name)

    @property
    def settling(self) -> tuple[Order, ...]:
        """What waits until every copy has what the others have, on every server."""
        return tuple(
            Order(f"SYSTEM SYNC REPLICA {self._everywhere} {self.database}.{self._rows_of(table)}")
            for table in schema.TABLES
        )

    def orders(self, sql: str) -> tuple[Order, ...]:
        """What is told to the cluster instead of ``sql``. Raises StoreError for what no cluster is told by us."""
        if not _VERB.match(sql):
            return (Order(sql.replace("FROM system.detached_parts", self._detached_parts)),)
        known = self._known().get(sql.strip())
        return known if known else self._change(sql)

    def _change(self, sql: str) -> tuple[Order, ...]:
        found = _CHANGE.match(sql)
        if found is None:
            raise cluster_cannot(sql)
        verb, mild, name, rest = found["verb"].upper(), found["mild"] or "", found["table"], found["rest"]
        spread = {table.name: self._rows_of(table) for table in schema.TABLES}
        rows = spread.get(name, name)
        if verb == "DROP":
            names = dict.fromkeys((name, rows))
            return tuple(Order(f"DROP TABLE {mild}{self._on(one)} {rest}".rstrip()) for one in names)
        if verb == "ALTER" and (not _OF_ROWS.match(rest) or _ASKS.search(rest)):
            raise cluster_cannot(sql)
        return (Order(f"{verb} TABLE {mild}{self._on(rows)} {rest}".rstrip()),)

    def _known(self) -> dict[str, tuple[Order, ...]]:
        """Our own definitions, by their statement in one place."""
        return {table.statement: self.table(table) for table in schema.TABLES} | {
            rollup.view: (self.view(rollup),) for rollup in ROLLUPS
        }

    def _rows_of(self, table: Table) -> str:
        return f"{table.name}_local" if _is_spread(table) else table.name

    def _on(self, name: str) -> str:
        return f"{self.database}.{name} {self._everywhere}"

    @property
    def _everywhere(self) -> str:
        return f"ON CLUSTER '{self.name}'"

    @property
    def _detached_parts(self) -> str:
        return f"FROM clusterAllReplicas('{self.name}', system.detached_parts)"


def _is_spread(table: Table) -> bool:
    return any(name == OWNER for name, _ in table.columns)
