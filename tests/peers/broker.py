"""mosquitto, an MQTT broker that others wrote, and its client; the broker comes and goes as a test likes."""

import subprocess
from pathlib import Path

from peers.ports import free_port


class Broker:
    """mosquitto on a port of its own."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.port = free_port()
        self._program, self._file = program, folder / "mosquitto.conf"
        self._file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\nlog_type information\n")
        self._process: subprocess.Popen[bytes] | None = None

    def come(self) -> None:
        """Returns when it listens."""
        self._process = subprocess.Popen([self._program, "-c", self._file], stderr=subprocess.PIPE)
        assert self._process.stderr is not None
        assert any(b"running" in line for line in self._process.stderr), "mosquitto did not start"

    def leave(self) -> None:
        assert self._process is not None
        self._process.kill()  # SIGTERM is overlooked by one that has just begun to run
        self._process.communicate()


class Publisher:
    """mosquitto_pub, of a client library that we do not use."""

    def __init__(self, program: Path, port: int) -> None:
        self._command = [program, "-h", "127.0.0.1", "-p", str(port), "-q", "1"]

    def publish(self, topic: str, message: str, *options: str) -> None:
        """One message, or with ``--stdin-line`` each line as one; returns when the broker has confirmed them."""
        what = [] if "--stdin-line" in options else ["-m", message]
        subprocess.run([*self._command, "-t", topic, *what, *options], input=message.encode(), check=True, timeout=30)
