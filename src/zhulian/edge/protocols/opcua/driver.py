"""The OPC UA driver: one session, one Read request for all points that are due."""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from zhulian.edge.protocols.driver import DriverError, Outcome
from zhulian.edge.protocols.opcua import faults, identity, values
from zhulian.edge.protocols.opcua.browsing import children
from zhulian.edge.protocols.opcua.options import PORT, node_id
from zhulian.edge.protocols.unreachable import closed, unreachable
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, PointConfig

MOST_NODES = 1000
_MAX_NODES_PER_READ = ua.NodeId(ua.ObjectIds.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead)
_MESSAGES = {b"ACK", b"ERR", b"MSG", b"OPN", b"CLO"}
_MODES = {"sign": ua.MessageSecurityMode.Sign, "encrypt": ua.MessageSecurityMode.SignAndEncrypt}
logging.getLogger("asyncua").setLevel(logging.CRITICAL + 1)  # it logs every lost connection at length; we name it once


class OpcUaDriver:
    """One OPC UA server. ``async with driver: await driver.read(points)``."""

    def __init__(self, device: DeviceConfig, secrets: Path | None) -> None:
        self._device = device
        self._secrets = secrets
        self._client: Client | None = None
        self._node_ids: dict[str, ua.NodeId | DriverError] = {}
        self._most_nodes = MOST_NODES

    async def __aenter__(self) -> Self:
        client = self._new_client()
        try:
            async with asyncio.timeout(self._device.timeout_s * 2):
                await self._secure(client)
                await client.connect()
                await self._ask_limit(client)
            self._remember_server(client)
        except BaseException as fault:
            named = self._named(fault, client)
            client.disconnect_socket()
            if named is None:
                raise
            raise named from fault
        self._client = client
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        with contextlib.suppress(OSError, TimeoutError, ua.UaError):
            async with asyncio.timeout(1):
                await client.disconnect()
        client.disconnect_socket()

    async def read(self, points: Sequence[PointConfig]) -> dict[str, Outcome]:
        """Each point's value or fault; the server as a whole fails with :class:`DriverError`."""
        wanted = {point.name: self._node_id(point.address) for point in points}
        readable = [(point, node) for point in points if isinstance(node := wanted[point.name], ua.NodeId)]
        found: dict[str, Outcome] = {name: node for name, node in wanted.items() if isinstance(node, DriverError)}
        with_source_time = bool(self._device.options.get("source_time", False))
        read = await self._values([node for _, node in readable])
        for (point, _), data in zip(readable, read, strict=True):
            found[point.name] = values.outcome(data, point, with_source_time=with_source_time)
        return found

    async def browse(self, node: str) -> Sequence[Node]:
        """Folders and variables below ``node``; the top is the Objects folder."""
        client = self._connected()
        try:
            start = client.get_node(node_id(node)) if node else client.get_objects_node()
            async with asyncio.timeout(self._device.timeout_s):
                return await children(client, start)
        except ua.UaStatusCodeError as fault:
            refused = faults.node_failed(type(fault).__name__, node)
            raise refused or faults.server_refused(type(fault).__name__, self._device.address) from fault
        except (OSError, ua.UaError) as fault:
            raise self._named(fault, client) or closed(self._device.address) from fault

    async def _values(self, nodes: Sequence[ua.NodeId]) -> list[ua.DataValue]:
        client = self._connected()
        read: list[ua.DataValue] = []
        try:
            async with asyncio.timeout(self._device.timeout_s):
                for start in range(0, len(nodes), self._most_nodes):
                    lot = list(nodes[start : start + self._most_nodes])
                    read += await client.uaclient.read_attributes(lot, ua.AttributeIds.Value)
        except (OSError, ua.UaError) as fault:
            raise self._named(fault, client) or closed(self._device.address) from fault
        return read

    def _connected(self) -> Client:
        if self._client is None:
            raise closed(self._device.address)
        return self._client

    def _node_id(self, written: str) -> ua.NodeId | DriverError:
        if written not in self._node_ids:
            try:
                self._node_ids[written] = ua.NodeId.from_string(node_id(written))
            except ua.UaError:
                self._node_ids[written] = faults.bad_node_id(written)
            except DriverError as fault:
                self._node_ids[written] = fault
        return self._node_ids[written]

    def _new_client(self) -> Client:
        client = Client(self._device.address, timeout=self._device.timeout_s)
        client.name = client.description = "Zhulian"
        client.application_uri = identity.APPLICATION_URI
        if user := str(self._device.options.get("user", "")):
            client.set_user(user)
            client.set_password(str(self._device.options.get("password", "")))
        return client

    async def _secure(self, client: Client) -> None:
        mode = _MODES.get(str(self._device.options.get("security", "none")))
        if mode is None:
            return
        if self._secrets is None:
            raise faults.no_identity(self._device.address)
        folder = self._secrets / "opcua"
        try:
            certificate, key = await asyncio.to_thread(identity.own_certificate, folder)
        except OSError as fault:
            raise faults.identity_unwritable(folder, fault) from fault
        await client.set_security(SecurityPolicyBasic256Sha256, certificate, key, mode=mode)
        if not identity.is_known(self._server_file(client), client.security_policy.peer_certificate):
            raise faults.server_changed(self._device.address, self._server_file(client).name)

    def _remember_server(self, client: Client) -> None:
        """Only now, when the server has shown that it holds the key of its certificate."""
        if self._secrets is None or not client.security_policy.peer_certificate:
            return
        try:
            identity.remember(self._server_file(client), client.security_policy.peer_certificate)
        except OSError as fault:
            raise faults.identity_unwritable(self._server_file(client).parent, fault) from fault

    def _server_file(self, client: Client) -> Path:
        url = client.server_url
        return identity.file_of((self._secrets or Path()) / "opcua", url.hostname, url.port or PORT)

    async def _ask_limit(self, client: Client) -> None:
        """How many nodes the server reads at once, where it says so (Part 5, 6.3.11)."""
        (answer,) = await client.uaclient.read_attributes([_MAX_NODES_PER_READ], ua.AttributeIds.Value)
        limit = answer.Value.Value if answer.Value is not None else None
        self._most_nodes = min(limit, MOST_NODES) if isinstance(limit, int) and limit > 0 else MOST_NODES

    def _named(self, fault: BaseException, client: Client) -> DriverError | None:
        """``fault`` in words; ``None`` for what is not the server's doing (cancellation, for one)."""
        where = self._device.address
        match fault:
            case DriverError():
                return fault
            case OSError() if _speaks_otherwise(client):
                return faults.not_opcua(where)
            case OSError():
                return unreachable(fault, where, self._device.timeout_s)
            case ua.UaStatusCodeError():
                return faults.server_refused(type(fault).__name__, where)
            case ua.UaError():
                return faults.no_endpoint(where) if "endpoint" in str(fault).lower() else faults.not_opcua(where)
        return None


def _speaks_otherwise(client: Client) -> bool:
    """Whether what came back does not begin like OPC UA; the library just waits for more of it."""
    protocol = client.uaclient.protocol
    received = bytes((protocol.receive_buffer if protocol is not None else None) or b"")
    return bool(received) and received[:3] not in _MESSAGES
