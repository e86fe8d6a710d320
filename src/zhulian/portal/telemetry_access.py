"""How the portal gets at readings: one client for the process, made when it is first needed, replaced in tests.

Pages and the API call :func:`telemetry` and let ``TelemetryUnreachable`` become dashes with the reason; workflows get
:func:`announce`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from zhulian.telemetry.queries import Telemetry

_lock = threading.Lock()
_client: Telemetry | None = None


def telemetry() -> Telemetry:
    """The client; raises ``TelemetryUnreachable`` while the telemetry process cannot be reached, and tries again."""
    global _client  # noqa: PLW0603 - one client a process is the purpose of this module
    with _lock:
        if _client is None:
            _client = Telemetry.connect(settings.ZHULIAN)
        return _client


def announce(gateway: int, version: int) -> None:
    """Tell a gateway that a newer configuration waits for it."""
    telemetry().announce_configuration(gateway, version)


@contextmanager
def replaced_by(client: Telemetry) -> Iterator[None]:
    """Use ``client`` instead, for tests."""
    global _client  # noqa: PLW0603
    before, _client = _client, client
    try:
        yield
    finally:
        _client = before
