"""A file under ASGI comes in portions, as it does from the real server."""

import asyncio
import io

from zhulian.portal.exports import Download, as_file


def test_a_file_is_sent_in_portions_under_asgi() -> None:
    body = b"x" * 200_000

    async def received() -> list[bytes]:
        return [part async for part in as_file(io.BytesIO(body), "名单", "csv", "text/csv")]

    parts = asyncio.run(received())
    assert b"".join(parts) == body
    assert len(parts) > 1
    assert isinstance(as_file(io.BytesIO(body), "名单", "csv", "text/csv"), Download)
