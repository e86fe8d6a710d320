"""A process of its own with the embedded store behind its endpoint: ``python store_process.py FOLDER KEY [CLUSTER]``.

Prints its port, and ends when its standard input ends, so that a test that dies leaves nothing behind. With CLUSTER it
is the only server of a cluster of that name.
"""

import socket
import sys
import threading
from pathlib import Path

import uvicorn

from peers.only_server import OnlyServer
from zhulian.telemetry.downlink import Downlink
from zhulian.telemetry.endpoint.app import endpoint
from zhulian.telemetry.live import LiveValues
from zhulian.telemetry.loopback import Loopback
from zhulian.telemetry.store.embedded import EmbeddedEngine
from zhulian.vocabulary.clock import system_clock
from zhulian.vocabulary.readings import PointId, Quality, Reading, TenantId, TimeUs
from zhulian.wire.batch import from_readings

LIVE = [
    Reading(PointId(1), TimeUs(1_000_000), 1.5),
    Reading(PointId(2), TimeUs(2_000_000), 0.0, Quality.UNCERTAIN, "运行"),
]
"""What tenant 9 said last, for the tests of the JSON side."""


def main(folder: str, key: str, cluster: str = "") -> None:
    engine = OnlyServer.open_of(cluster, Path(folder)) if cluster else EmbeddedEngine.open(Path(folder), 512)
    live = LiveValues(system_clock)
    live.take(TenantId(9), from_readings(LIVE), system_clock())
    downlink = Downlink(system_clock)
    downlink.heard(4)
    app = endpoint(engine, key, Loopback(live, downlink, lambda: {"state": "ok"}).app)
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="warning"))
    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()

    def end_with_input() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=end_with_input, daemon=True).start()
    server.run([listener])
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
