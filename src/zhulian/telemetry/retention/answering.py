"""Retention over the loopback, for the portal.

===============================  ===================================================================
``GET /retention``               Progress, with every demand since the process started
``PUT /retention/plan``          body Plan → Progress; it holds from now on
``POST /retention/preview``      body Plan → Preview: what it would take away if it held now
``POST /retention/demand``       body Erasure → Preview: what that would take away
``PUT /retention/demands``       body Erasure → Demand; handed in again it goes on
===============================  ===================================================================
"""

from typing import TypeVar

import msgspec

from zhulian.telemetry.answers import Receive, Scope, Send, read_body, send_json
from zhulian.telemetry.ingest import errors
from zhulian.telemetry.retention.due import Erasure
from zhulian.telemetry.retention.plan import Plan
from zhulian.telemetry.retention.running import Retention

T = TypeVar("T")
LARGEST_BYTES = 64 * 1024 * 1024


async def serve(retention: Retention, scope: Scope, receive: Receive, send: Send) -> None:
    """One request. Raises IngestError."""
    match [scope["method"], *scope["path"].strip("/").split("/")]:
        case ["GET", _]:
            await send_json(send, retention.progress)
        case ["PUT", _, "plan"]:
            await send_json(send, retention.apply(await _body(scope, receive, Plan)))
        case ["POST", _, "preview"]:
            await send_json(send, await retention.preview(await _body(scope, receive, Plan)))
        case ["POST", _, "demand"]:
            await send_json(send, await retention.preview_of(await _body(scope, receive, Erasure)))
        case ["PUT", _, "demands"]:
            await send_json(send, retention.erase(await _body(scope, receive, Erasure)))
        case _:
            raise errors.not_found(scope["path"])


async def _body(scope: Scope, receive: Receive, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(await read_body(scope, receive, LARGEST_BYTES), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise errors.unreadable(fault) from fault
