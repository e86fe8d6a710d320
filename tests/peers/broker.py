"""mosquitto, an MQTT broker that others wrote, on a port of its own; it comes and goes as a test likes."""

import socket
import subprocess
from pathlib import Path


class Broker:
    """mosquitto on a port of its own."""

    def __init__(self, program: Path, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        self._program, self._file = program, folder / "mosquitto.conf"
        self._file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\n")
        self._process: subprocess.Popen[bytes] | None = None

    def come(self) -> None:
        self._process = subprocess.Popen([self._program, "-c", self._file], stderr=subprocess.DEVNULL)

    def leave(self) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait()
