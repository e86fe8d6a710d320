"""The loopback port of the telemetry process: SQL on ``/`` as ClickHouse speaks it, live values and gateways as JSON.

Every path but ``/ping`` asks for the user and the key. The server hands each request to :func:`endpoint`'s app.
"""

from concurrent.futures import ThreadPoolExecutor

from zhulian.telemetry.answers import App, Receive, Scope, Send, send_json
from zhulian.telemetry.endpoint.access import is_allowed
from zhulian.telemetry.endpoint.backup import Backup
from zhulian.telemetry.endpoint.reply import send_fault
from zhulian.telemetry.endpoint.sql import Sql
from zhulian.telemetry.store.engine import Engine
from zhulian.telemetry.store.errors import StoreError
from zhulian.vocabulary.errors import Text

THREADS = 16
"""More than the engine's places for queries, so that a waiting query never keeps a running one from its next chunk."""
THREADS_FOR_LONG = 4
"""For bodies of many rows, which a thread has to wait for: however slowly those come, all other threads stay free."""


def endpoint(engine: Engine, key: str, json_routes: App) -> App:
    """The ASGI app: ``json_routes`` serves ``/live…``, ``/gateways…`` and ``/health`` behind the same key."""
    threads = ThreadPoolExecutor(THREADS, "store")
    sql = Sql(engine, threads, ThreadPoolExecutor(THREADS_FOR_LONG, "store-long"))
    backup = Backup(engine, threads)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path in {"/ping", "/replicas_status"}:
            await _send_ok(send)
        elif path == "/":
            await (sql(scope, receive, send) if is_allowed(scope, key) else send_fault(send, _denied()))
        elif path == "/backup" and is_allowed(scope, key):
            await backup(scope, receive, send)
        elif is_allowed(scope, key):
            await json_routes(scope, receive, send)
        else:
            await send_json(send, _denied().as_json(), 401, [(b"www-authenticate", b'Basic realm="Zhulian store"')])

    return app


async def _send_ok(send: Send) -> None:
    headers = [(b"content-type", b"text/plain; charset=UTF-8"), (b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"Ok.\n"})


def _denied() -> StoreError:
    return StoreError(
        "access_denied",
        Text("存储端点不认识这个用户或口令。", "The store's endpoint does not know this user or key."),
        Text(
            "用户是 zhulian，口令在数据目录的 keys/store.key 里。",
            "The user is zhulian; the key is the text of keys/store.key in the data folder.",
        ),
        516,
    )
