"""Webhooks against a real local receiver; signatures are computed here a second time, from the vendors' own words."""

import base64
import hashlib
import hmac
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from peers.receivers import Hook, web_hook
from zhulian.desk.channels import Line, Words, deliver
from zhulian.desk.channels.wecom import LARGEST
from zhulian.desk.rules import DeskError

NOW = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)
WORDS = Words("task:1", "认领待核对", "六安某厂 <b>申请</b>认领", "https://city.example/desk/", "打开筑联查看")
SECRET = "SEC-钥匙-1"


@pytest.fixture
def hook() -> Iterator[Hook]:
    with web_hook() as found:
        yield found


def line_to(hook: Hook) -> Line:
    return Line(frozenset({hook.host}))


def hmac_by_openssl(openssl: Path, key: bytes, said: bytes) -> bytes:
    """HMAC-SHA256 by a program that shares no code with us."""
    command = [str(openssl), "dgst", "-sha256", "-mac", "HMAC", "-macopt", f"hexkey:{key.hex()}", "-binary"]
    return subprocess.run(command, input=said, capture_output=True, check=True).stdout


def test_wecom(hook: Hook) -> None:
    deliver("wecom", hook.url, "", WORDS, line_to(hook), NOW)
    assert hook.paths == ["/hook?key=k"]
    assert hook.json()["msgtype"] == "markdown"
    assert "[打开筑联查看](https://city.example/desk/)" in hook.json()["markdown"]["content"]


def test_wecom_never_posts_more_than_it_may(hook: Hook) -> None:
    long = Words("k", "标题", "长" * 5000, WORDS.link, "看")
    deliver("wecom", hook.url, "", long, line_to(hook), NOW)
    content = hook.json()["markdown"]["content"]
    assert len(content.encode()) <= LARGEST
    assert content.endswith("[看](https://city.example/desk/)")


def test_dingtalk_signature(hook: Hook, need_tool: Callable[[str], Path]) -> None:
    deliver("dingtalk", hook.url, SECRET, WORDS, line_to(hook), NOW)
    query = parse_qs(urlsplit(hook.paths[0]).query)
    time_ms = query["timestamp"][0]
    assert int(time_ms) == int(NOW.timestamp() * 1000)
    wanted = hmac_by_openssl(need_tool("openssl"), SECRET.encode(), f"{time_ms}\n{SECRET}".encode())
    assert base64.b64decode(query["sign"][0]) == wanted
    assert query["key"] == ["k"]


def test_feishu_signature(hook: Hook, need_tool: Callable[[str], Path]) -> None:
    deliver("feishu", hook.url, SECRET, WORDS, line_to(hook), NOW)
    said = hook.json()
    key = f"{said['timestamp']}\n{SECRET}".encode()
    assert base64.b64decode(said["sign"]) == hmac_by_openssl(need_tool("openssl"), key, b"")
    assert said["content"]["post"]["zh_cn"]["content"][-1][0]["href"] == WORDS.link


def test_generic_json_signature_and_key(hook: Hook, need_tool: Callable[[str], Path]) -> None:
    deliver("json", hook.url, SECRET, WORDS, line_to(hook), NOW)
    deliver("json", hook.url, SECRET, WORDS, line_to(hook), NOW)
    first, second = hook.headers
    said = f"{first['X-Zhulian-Timestamp']}.".encode() + hook.bodies[0]
    wanted = hmac_by_openssl(need_tool("openssl"), SECRET.encode(), said).hex()
    assert first["X-Zhulian-Signature"] == f"sha256={wanted}"
    assert first["Idempotency-Key"] == second["Idempotency-Key"] == hashlib.sha256(b"task:1").hexdigest()
    assert hook.json()["body"] == WORDS.body
    wrong = hmac.new(b"another", said, hashlib.sha256).hexdigest()
    assert wrong not in first["X-Zhulian-Signature"]


@pytest.mark.parametrize(
    ("kind", "answer", "code"),
    [
        ("wecom", {"errcode": 93000, "errmsg": "invalid webhook url"}, "webhook_refused_93000"),
        ("wecom", {"errcode": 45009, "errmsg": "api freq out of limit"}, "webhook_refused_45009"),
        ("dingtalk", {"errcode": 310000, "errmsg": "sign not match"}, "webhook_refused_310000"),
        ("feishu", {"code": 19021, "msg": "sign match fail"}, "webhook_refused_19021"),
        ("feishu", {"code": 99, "msg": "strange"}, "webhook_refused_99"),
        ("dingtalk", {"hello": 1}, "webhook_answer_strange"),
    ],
)
def test_a_refusal_is_named(hook: Hook, kind: str, answer: dict[str, object], code: str) -> None:
    hook.answer = answer
    with pytest.raises(DeskError) as fault:
        deliver(kind, hook.url, SECRET, WORDS, line_to(hook), NOW)
    assert fault.value.code == code


def test_redirects_are_not_followed(hook: Hook) -> None:
    hook.status, hook.location = 302, "http://127.0.0.1:1/"
    with pytest.raises(DeskError) as fault:
        deliver("json", hook.url, "", WORDS, line_to(hook), NOW)
    assert fault.value.code == "webhook_answer_strange"
    assert len(hook.bodies) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.8", "192.168.1.1", "172.16.3.4", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.8"],
)  # fmt: skip
def test_internal_addresses_are_refused_whatever_they_are_called(address: str) -> None:
    line = Line(resolve=lambda _host, _port: ["203.0.114.9", address])
    with pytest.raises(DeskError) as fault:
        line.check("https://robot.example/hook")
    assert fault.value.code == "webhook_address_refused"


def test_nothing_is_sent_to_an_internal_receiver_unless_allowed(hook: Hook) -> None:
    with pytest.raises(DeskError) as fault:
        deliver("json", hook.url, "", WORDS, Line(), NOW)
    assert fault.value.code == "webhook_address_refused"
    assert hook.bodies == []
    deliver("json", hook.url, "", WORDS, Line.allowing(f" {hook.host} ,other"), NOW)
    assert len(hook.bodies) == 1


def test_a_public_address_needs_tls() -> None:
    line = Line(resolve=lambda _host, _port: ["203.0.114.9"])
    assert line.check("https://robot.example/hook")[1] == "203.0.114.9"
    with pytest.raises(DeskError):
        line.check("http://robot.example/hook")


@pytest.mark.parametrize("url", ["", "ftp://x", "https://", "robot.example", "https://[::1", "https://x:99999/"])
def test_half_an_address_is_named(url: str) -> None:
    with pytest.raises(DeskError) as fault:
        Line().check(url)
    assert fault.value.code == "webhook_address_wrong"


def test_the_checked_address_is_the_one_connected_to(hook: Hook) -> None:
    """A name that answers differently the second time leads nowhere new: it is asked once."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    line = Line(frozenset({"robot.internal"}), resolve)
    deliver("json", f"http://robot.internal:{hook.port}/", "", WORDS, line, NOW)
    assert asked == ["robot.internal"]
    assert hook.headers[0]["Host"] == f"robot.internal:{hook.port}"


def test_nobody_there() -> None:
    with web_hook() as hook:
        gone = hook.url
    with pytest.raises(DeskError) as fault:
        deliver("json", gone, "", WORDS, line_to(hook), NOW)
    assert fault.value.code == "webhook_unreachable"
