"""The endpoint below any client: who may come in, what GET may do, how big answers and broken requests go."""

import socket
from pathlib import Path

import psutil
import pytest
import urllib3
from urllib3.util import make_headers

from peers.store_endpoint import StoreEndpoint
from zhulian.telemetry.endpoint.key import load_or_create_key


def call(there: StoreEndpoint, method: str, path: str, **options: object) -> urllib3.BaseHTTPResponse:
    headers = {"X-ClickHouse-User": "zhulian", "X-ClickHouse-Key": there.key} | dict(options.pop("headers", {}) or {})
    return urllib3.request(method, f"http://127.0.0.1:{there.port}{path}", headers=headers, **options)  # type: ignore[arg-type]


def test_ping_needs_no_key_and_everything_else_does(store_endpoint: StoreEndpoint) -> None:
    base = f"http://127.0.0.1:{store_endpoint.port}"
    assert urllib3.request("GET", f"{base}/ping").data == b"Ok.\n"
    wrong = [{}, make_headers(basic_auth="zhulian:x"), {"Authorization": "Basic !!"}, {"X-ClickHouse-User": "zhulian"}]
    for headers in wrong:
        assert urllib3.request("GET", f"{base}/?query=SELECT+1", headers=headers).status == 403
        assert urllib3.request("GET", f"{base}/health", headers=headers).status == 401
    right = make_headers(basic_auth=f"zhulian:{store_endpoint.key}")
    assert urllib3.request("GET", f"{base}/?query=SELECT+1", headers=right).data == b"1\n"
    assert urllib3.request("GET", f"{base}/health", headers=right).json() == {"state": "ok"}


def test_get_only_reads(store_endpoint: StoreEndpoint) -> None:
    answer = call(store_endpoint, "GET", "/?query=DROP+TABLE+readings")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "164")
    answer = call(store_endpoint, "GET", "/?query=SELECT+1+AS+a,+2+AS+b+FORMAT+JSONEachRow")
    assert answer.data == b'{"a":1,"b":2}\n'
    assert answer.headers["X-ClickHouse-Format"] == "JSONEachRow"


def test_the_format_may_be_named_in_several_places(store_endpoint: StoreEndpoint) -> None:
    assert call(store_endpoint, "POST", "/?default_format=CSV", body=b"SELECT 1, 'a'").data == b'1,"a"\n'
    assert (
        call(store_endpoint, "POST", "/", body=b"SELECT 1", headers={"X-ClickHouse-Format": "JSONCompactEachRow"}).data
        == b"[1]\n"
    )
    assert b'"rows": 2' in call(store_endpoint, "POST", "/", body=b"SELECT number FROM numbers(2) FORMAT JSON;").data
    assert call(store_endpoint, "POST", "/", body="SELECT 'FORMAT CSV' -- 运行".encode()).data == b"FORMAT CSV\n"


@pytest.mark.parametrize("body", [b"", b"   ", b"\xff\xfe SELECT", b"SELECT 1; SELECT"])
def test_odd_statements_are_refused_not_swallowed(store_endpoint: StoreEndpoint, body: bytes) -> None:
    answer = call(store_endpoint, "POST", "/", body=body)
    assert answer.status == 400
    assert int(answer.headers["X-ClickHouse-Exception-Code"])


def test_unknown_compression_and_broken_compression(store_endpoint: StoreEndpoint) -> None:
    for coding in ("snappy", "zstd"):
        answer = call(store_endpoint, "POST", "/", body=b"not compressed at all", headers={"Content-Encoding": coding})
        assert answer.status == 400


def test_a_setting_cannot_carry_a_statement(store_endpoint: StoreEndpoint) -> None:
    answer = call(store_endpoint, "POST", "/?max_threads%3D1%2C+readonly=1", body=b"SELECT 1")
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (400, "115")
    assert call(store_endpoint, "POST", "/?database=system%60", body=b"SELECT 1").status == 400


def test_a_big_answer_streams_without_growing_the_process(store_endpoint: StoreEndpoint) -> None:
    owner = next(
        process
        for process in psutil.Process().children(recursive=True)
        if any(found.laddr.port == store_endpoint.port for found in process.net_connections("inet"))
    )
    call(store_endpoint, "POST", "/", body=b"SELECT number FROM numbers(1000000) FORMAT Native")
    before = owner.memory_info().rss
    statement = b"SELECT number, number * 2, number * 3 FROM numbers(20000000) FORMAT RowBinary"  # 480 MB
    answer = call(store_endpoint, "POST", "/", body=statement, preload_content=False)
    size, most = 0, 0
    for piece in answer.stream(1 << 20):
        size += len(piece)
        most = max(most, owner.memory_info().rss)
    assert size == 480_000_000
    assert most - before < 200_000_000


def test_a_client_that_hangs_up_does_not_keep_its_place(store_endpoint: StoreEndpoint) -> None:
    for _ in range(12):
        with socket.create_connection(("127.0.0.1", store_endpoint.port)) as line:
            body = b"SELECT number FROM numbers(100000000000)"
            head = "POST / HTTP/1.1\r\nHost: x\r\nX-ClickHouse-User: zhulian\r\n"
            head += f"X-ClickHouse-Key: {store_endpoint.key}\r\n"
            line.sendall(head.encode() + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
            assert line.recv(1000).startswith(b"HTTP/1.1 200")
    assert call(store_endpoint, "POST", "/", body=b"SELECT 1").data == b"1\n"


def test_the_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "store.key"
    key = load_or_create_key(path)
    assert load_or_create_key(path) == key
    assert len(key) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["store.key"]


def test_an_empty_key_file_is_filled(tmp_path: Path) -> None:
    path = tmp_path / "store.key"
    path.touch()
    assert load_or_create_key(path) == path.read_text().strip() != ""
