"""HTTP connections that can be cut while somebody waits for an answer on them: urllib3 forgets what it has lent out.

So a process that stops does not wait for a store that took a question and says nothing.
"""

import contextlib
import socket
import threading
from weakref import WeakSet

from clickhouse_connect.driver.httputil import check_env_proxy, get_pool_manager
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Cuttable:
    """The connections of one client, made through :meth:`pools`."""

    def __init__(self) -> None:
        self._sockets: WeakSet[socket.socket] = WeakSet()
        self._lock = threading.Lock()
        self._is_cut = False

    def pools(self, host: str, port: int, *, is_secure: bool) -> PoolManager:
        """What the client takes its connections to ``host`` from; a proxy of the environment holds here too."""
        proxy = check_env_proxy("https" if is_secure else "http", host, port)
        manager: PoolManager = get_pool_manager(
            http_proxy=None if is_secure else proxy, https_proxy=proxy if is_secure else None
        )
        manager.pool_classes_by_scheme = self._classes()
        return manager

    def cut(self) -> None:
        """Whoever waits meets an error at once, and so does everybody who connects from now on. Any thread."""
        with self._lock:
            self._is_cut = True
            for one in list(self._sockets):
                _hang_up(one)

    def _classes(self) -> dict[str, type[HTTPConnectionPool]]:
        keep = self._keep

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                keep(self.sock)

        class Secure(HTTPSConnection):
            def connect(self) -> None:
                super().connect()
                keep(self.sock)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        return {"http": PlainPool, "https": SecurePool}

    def _keep(self, one: socket.socket) -> None:
        with self._lock:
            self._sockets.add(one)
            if self._is_cut:
                _hang_up(one)


def _hang_up(one: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it is closed by now
        one.shutdown(socket.SHUT_RDWR)
