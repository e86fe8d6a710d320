"""One statement over HTTP: run in a thread, answered in chunks as they come, stopped when the client hangs up."""

import asyncio
import contextlib
from concurrent.futures import Executor

from zhulian.telemetry.answers import Receive, Scope, Send
from zhulian.telemetry.endpoint.incoming import Incoming
from zhulian.telemetry.endpoint.reply import Reply, send_fault
from zhulian.telemetry.endpoint.request import Request, read_request, read_work
from zhulian.telemetry.store.answers import WholeAnswer
from zhulian.telemetry.store.engine import Engine
from zhulian.telemetry.store.errors import StoreError, statement_refused


class Sql:
    """The ASGI app for ``/``."""

    def __init__(self, engine: Engine, threads: Executor, for_long: Executor) -> None:
        """``for_long`` reads bodies that are still on their way, and so may take long."""
        self._engine = engine
        self._threads = threads
        self._for_long = for_long

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Headers go out with the first chunk: by then most errors have shown, and get a status of their own."""
        loop = asyncio.get_running_loop()
        body = Incoming(receive)
        try:
            await body.gather()
            threads = self._for_long if body.is_long else self._threads
            reply = await loop.run_in_executor(threads, self._begin, read_request(scope), body)
        except StoreError as fault:
            await body.skip()
            await send_fault(send, fault)
            return
        try:
            await self._pour(reply, body, send)
        finally:
            await loop.run_in_executor(self._threads, reply.close)

    def _begin(self, request: Request, body: Incoming) -> Reply:
        """In a thread: up to the first chunk of the answer."""
        try:
            work = read_work(request, iter(body))
            if work.rows is None:
                answer = self._engine.query(work.sql, work.form, request.settings, work.parameters)
                return Reply(request, answer, work.form)
            written = self._engine.insert_raw(work.sql, work.form, work.rows, request.settings)
        except OSError as fault:
            raise statement_refused(f"Code: 271. DB::Exception: {fault}. (CANNOT_DECOMPRESS)", 271) from fault
        return Reply(request, WholeAnswer(b""), "", written)

    async def _pour(self, reply: Reply, body: Incoming, send: Send) -> None:
        loop = asyncio.get_running_loop()
        await send({"type": "http.response.start", "status": 200, "headers": reply.headers})
        watching = asyncio.create_task(body.until_gone())
        try:
            while not watching.done():
                piece = await loop.run_in_executor(self._threads, reply.take)
                if piece is None:
                    break
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching
        await send({"type": "http.response.body", "body": b""})
