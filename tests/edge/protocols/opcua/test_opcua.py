"""OPC UA beyond the contract: states and times of values, browsing, users, certificates.

The server is asyncua's own, in another process: see ``peers/opcua_server.py`` for what that can and cannot show.
"""

import asyncio
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from peers import opcua_server
from peers.stands import OPCUA, number, point
from zhulian.edge.protocols.driver import Driver, DriverError, RawValue
from zhulian.edge.protocols.opcua import identity, options
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.readings import Quality

FIRST = next(iter(OPCUA.good))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with opcua_server.serving() as listening:
        yield listening


async def read_one(driver: Driver, address: str) -> RawValue | DriverError:
    async with driver:
        return (await driver.read([point("它", address)]))["它"]


async def refusal(driver: Driver) -> DriverError:
    with pytest.raises(DriverError) as caught:
        await driver.__aenter__()
    return caught.value


@pytest.mark.parametrize(
    ("name", "value", "quality"),
    [("Doubtful", 7.0, Quality.UNCERTAIN), ("Broken", 0.0, Quality.BAD), ("Waiting", 0.0, Quality.BAD)],
)
async def test_the_status_of_a_value_is_its_quality(port: int, name: str, value: float, quality: Quality) -> None:
    assert await read_one(OPCUA.open(port), f"ns=2;s={name}") == RawValue(value, None, quality)


async def test_the_source_time_is_taken_when_asked_for(port: int) -> None:
    expected = to_time_us(opcua_server.SOURCE_TIME)
    found = await read_one(OPCUA.open(port, source_time=True), "ns=2;s=Timed")
    assert found == RawValue(4.0, None, Quality.GOOD, expected)
    assert await read_one(OPCUA.open(port), "ns=2;s=Timed") == RawValue(4.0)


@pytest.mark.parametrize(
    ("address", "code"), [("ns=2;s=Axes", "opcua_no_number"), ("ns=2;s=Press", "opcua_node"), ("i=85", "opcua_node")]
)
async def test_what_is_no_single_value_is_named(port: int, address: str, code: str) -> None:
    fault = await read_one(OPCUA.open(port), address)
    assert isinstance(fault, DriverError)
    assert fault.code == code
    assert address in fault.what.zh


async def test_more_points_than_fit_one_request(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = OPCUA.open(port)
    many = [point(str(index), "ns=2;s=Pieces", offset=float(index)) for index in range(25)]
    async with driver:
        monkeypatch.setattr(driver, "_most_nodes", 10)
        found = await driver.read(many)
    assert [number(found[each.name]) for each in many] == [index - 3.0 for index in range(25)]


async def test_browsing_goes_from_the_top_to_a_value(port: int) -> None:
    async with OPCUA.open(port) as driver:
        (press,) = [node for node in await driver.browse("") if node.name == "Press"]
        assert press.is_folder
        found = {node.name: node for node in await driver.browse(press.address)}
    assert (found["Temperature"].address, found["Temperature"].sample) == ("ns=2;s=Temperature", "21.5")
    assert (found["Program"].type, found["Program"].sample) == ("String", "运行")
    assert not found["Temperature"].is_folder
    assert found["Waiting"].sample == ""


@pytest.mark.parametrize(("node", "code"), [("ns=2;s=Nowhere", "opcua_node_unknown"), ("nonsense", "opcua_node_id")])
async def test_browsing_from_nowhere_is_named(port: int, node: str, code: str) -> None:
    async with OPCUA.open(port) as driver:
        with pytest.raises(DriverError) as caught:
            await driver.browse(node)
    assert caught.value.code == code


async def test_a_security_that_the_server_lacks_is_named(port: int, tmp_path: Path) -> None:
    assert (await refusal(OPCUA.open(port, secrets=tmp_path, security="encrypt"))).code == "opcua_security"


async def test_a_secured_connection_needs_a_place_for_its_key(port: int) -> None:
    assert (await refusal(OPCUA.open(port, security="sign"))).code == "opcua_no_identity"


async def test_users_are_let_in_by_name_and_password() -> None:
    with opcua_server.serving("user") as port:
        right = OPCUA.open(port, user=opcua_server.USER, password=opcua_server.PASSWORD)
        assert await read_one(right, FIRST.address) == RawValue(21.5)
        for wrong in ({"user": opcua_server.USER, "password": "no"}, {}):
            fault = await refusal(OPCUA.open(port, **wrong))  # type: ignore[arg-type]
            assert fault.code == "opcua_user"
            assert "no" not in fault.what.zh


async def test_an_encrypted_connection_once_the_server_trusts_us(tmp_path: Path) -> None:
    server, gateway = tmp_path / "server", tmp_path / "gateway"
    (server / "trusted").mkdir(parents=True)
    certificate, key = identity.own_certificate(gateway / "opcua")
    with opcua_server.serving("secure", str(server)) as port:
        assert (await refusal(OPCUA.open(port, secrets=gateway, security="encrypt"))).code == "opcua_certificate"
        assert not (gateway / "opcua/servers").exists()
        assert (await refusal(OPCUA.open(port, secrets=gateway))).code == "opcua_security"
    shutil.copy(certificate, server / "trusted")
    with opcua_server.serving("secure", str(server), port=port):
        for security in ("sign", "encrypt"):
            driver = OPCUA.open(port, secrets=gateway, security=security)
            assert await read_one(driver, FIRST.address) == RawValue(21.5)
        (known,) = (gateway / "opcua/servers").iterdir()
        known.write_bytes(b"another")
        fault = await refusal(OPCUA.open(port, secrets=gateway, security="encrypt"))
        assert fault.code == "opcua_server_changed"
        assert known.name in fault.next_step.zh
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_the_gateways_certificate_is_made_once_and_lasts(tmp_path: Path) -> None:
    certificate, _ = identity.own_certificate(tmp_path / "opcua")
    content = certificate.read_bytes()
    assert identity.own_certificate(tmp_path / "opcua")[0].read_bytes() == content
    made = x509.load_der_x509_certificate(content)
    assert (made.not_valid_after_utc - made.not_valid_before_utc).days > 19 * 365
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [identity.APPLICATION_URI]


async def test_a_full_disk_is_named(port: int, tmp_path: Path) -> None:
    (tmp_path / "opcua").write_text("a file where a folder should be")
    assert (await refusal(OPCUA.open(port, secrets=tmp_path, security="sign"))).code == "opcua_identity_unwritable"


@pytest.mark.parametrize(
    "written",
    ["i=2253", "ns=2;i=1001", " ns=2;s=Press.Temperature ", "ns=3;s=温度;1", "ns=1;b=SGVsbG8=",
     "ns=4;g=09087e75-8e5e-499b-954f-f2a9603db28a"],
)  # fmt: skip
def test_node_ids(written: str) -> None:
    assert options.node_id(written) == written.strip()


@pytest.mark.parametrize("written", ["", "Temperature", "ns=2", "ns=2;s=", "ns=70000;i=1", "i=5000000000", "ns=2,s=x"])
def test_what_is_no_node_id_is_named(written: str) -> None:
    with pytest.raises(DriverError) as caught:
        options.node_id(written)
    assert caught.value.code == "opcua_node_id"


async def test_a_connection_given_up_in_the_middle_leaves_nothing_behind() -> None:
    before = asyncio.all_tasks()
    from peers import strange_server

    async with strange_server.serving(strange_server.stay_silent) as silent:
        entering = asyncio.ensure_future(OPCUA.open(silent).__aenter__())
        await asyncio.sleep(0.05)
        entering.cancel()
        with pytest.raises(asyncio.CancelledError):
            await entering
    await asyncio.sleep(0)
    assert asyncio.all_tasks() - before == set()
