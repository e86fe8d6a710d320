"""Where a ClickHouse endpoint is and how to sign in there: for the remote engine, and for the portal's queries."""

import logging
import re
from urllib.parse import unquote, urlsplit

import clickhouse_connect
from clickhouse_connect.driver.client import Client
from urllib3.exceptions import MaxRetryError

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.cluster import SETTINGS, Cluster
from zhulian.telemetry.store.cuttable import Cuttable
from zhulian.telemetry.store.errors import address_wrong

# The client logs every failure before it raises it; whoever catches the error says it once, in our words.
logging.getLogger("clickhouse_connect").setLevel(logging.ERROR)


class Place:
    """Where a store is and how to sign in there; ``cluster`` when it is one server of several."""

    def __init__(self, host: str, port: int, user: str, password: str, database: str, *, is_secure: bool) -> None:
        self.host, self.port, self.user, self.password = host, port, user, password
        self.database, self.is_secure = database, is_secure
        self.cluster: Cluster | None = None

    @classmethod
    def parse(cls, url: str, cluster: str = "") -> "Place":
        """``clickhouse://user:password@host:port/database``; ``clickhouses://`` for TLS. Raises StoreError."""
        try:
            parts = urlsplit(url)
            is_secure = {"clickhouse": False, "clickhouses": True}[parts.scheme]
            port = parts.port or (8443 if is_secure else 8123)
        except (ValueError, KeyError):
            raise address_wrong() from None
        database = parts.path.strip("/") or schema.DATABASE
        if not parts.hostname or not re.fullmatch(r"\w+", database):
            raise address_wrong()
        user, password = unquote(parts.username or "default"), unquote(parts.password or "")
        place = cls(parts.hostname, port, user, password, database, is_secure=is_secure)
        place.cluster = Cluster.named(cluster, database) if cluster else None
        return place

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """Where it answers HTTP."""
        return f"{'https' if self.is_secure else 'http'}://{self}"

    def connect(self, connect_s: float, answer_s: float, lines: Cuttable | None = None) -> Client:
        """A client signed in there; any number of threads may share it. Raises clickhouse-connect's errors.

        Its connections are among ``lines``, for who wants to cut them.
        """
        pools = lines.pools(self.host, self.port, is_secure=self.is_secure) if lines else None
        client = clickhouse_connect.get_client(
            host=self.host,
            port=self.port,
            username=self.user,
            password=self.password,
            secure=self.is_secure,
            connect_timeout=connect_s,
            send_receive_timeout=answer_s,
            autogenerate_session_id=False,  # a session takes one statement at a time
            settings=dict(SETTINGS) if self.cluster else None,
            pool_mgr=pools,
        )
        client.database = self.database
        return client


def why_unreachable(fault: BaseException) -> str:
    """The bottom of a chain of transport errors, which is the part that a person can use."""
    while fault.__cause__ is not None:
        fault = fault.__cause__
    if isinstance(fault, MaxRetryError) and fault.reason is not None:
        fault = fault.reason
    return str(fault).rsplit(": ", 1)[-1] or type(fault).__name__
