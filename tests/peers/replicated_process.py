"""Makes the tables of a cluster in chDB with ClickHouse's keeper in memory: ``python replicated_process.py FOLDER``.

Prints the engine of each table. That keeper is enough to make replicated tables; they stay read-only, because chDB has
no port from which another server could fetch. The process ends without tidying up: replicated tables would wait.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlencode

from chdb.state.sqlitelike import Connection

from zhulian.telemetry.store.cluster import Cluster

_CONFIGURATION = """<clickhouse><tcp_port>9000</tcp_port>
<zookeeper><implementation>testkeeper</implementation><node><host>127.0.0.1</host><port>9181</port></node></zookeeper>
<macros><shard>01</shard><replica>here</replica></macros><remote_servers><city><shard>
<internal_replication>true</internal_replication><replica><host>127.0.0.1</host><port>9000</port></replica>
</shard></city></remote_servers></clickhouse>"""


def main(folder: str) -> None:
    configuration = Path(folder) / "config.xml"
    configuration.write_text(_CONFIGURATION)
    connection = Connection(f"{folder}/chdb?{urlencode({'config-file': str(configuration)})}")
    city = Cluster.named("city", "zhulian")
    for sql in (city.database_creation, *(order.sql for order in city.creation)):
        connection.query(f"EXPLAIN AST {sql}", "Null")  # as it is; it runs without the clause that needs a queue
        connection.query(sql.replace(" ON CLUSTER 'city'", ""), "Null")
    found = connection.query("SELECT name, engine FROM system.tables WHERE database = 'zhulian'", "TSV")
    sys.stdout.write(found.bytes().decode())
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1])
