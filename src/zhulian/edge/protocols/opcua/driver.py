"""The OPC UA driver: one session, one Read request for all points that are due."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from cryptography.x509.oid import ExtendedKeyUsageOID

from zhulian.edge.protocols.driver import DriverError, Outcome
from zhulian.edge.protocols.opcua import faults, values
from zhulian.edge.protocols.opcua.browsing import children
from zhulian.edge.protocols.opcua.options import node_id
from zhulian.edge.protocols.unreachable import closed, timed_out, unreachable
from zhulian.wire.asks import Node
from zhulian.wire.configuration import DeviceConfig, PointConfig

APPLICATION_URI = "urn:zhulian:gateway"
_MODES = {"sign": ua.MessageSecurityMode.Sign, "encrypt": ua.MessageSecurityMode.SignAndEncrypt}
logging.getLogger("asyncua").setLevel(
    logging.CRITICAL
)  # it logs every lost connection with a traceback; we name it once


class OpcUaDriver:
    """One OPC UA server. ``async with driver: await driver.read(points)``."""

    def __init__(self, device: DeviceConfig, secrets: Path | None) -> None:
        self._device = device
        self._secrets = secrets
        self._client: Client | None = None
        self._node_ids: dict[str, ua.NodeId | DriverError] = {}

    async def __aenter__(self) -> Self:
        client = self._new_client()
        try:
            async with asyncio.timeout(self._device.timeout_s * 2):
                await self._secure(client)
                await client.connect()
        except BaseException as fault:
            client.disconnect_socket()
            named = self._named(fault)
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
        readable = [point for point in points if isinstance(wanted[point.name], ua.NodeId)]
        found: dict[str, Outcome] = {name: node for name, node in wanted.items() if isinstance(node, DriverError)}
        with_source_time = bool(self._device.options.get("source_time", False))
        for point, data in zip(readable, await self._values([wanted[p.name] for p in readable]), strict=True):
            found[point.name] = values.outcome(data, point, with_source_time=with_source_time)
        return found

    async def browse(self, node: str) -> Sequence[Node]:
        """Folders and variables below ``node``; the top is the Objects folder."""
        client = self._connected()
        try:
            start = client.get_node(node_id(node)) if node else client.get_objects_node()
            async with asyncio.timeout(self._device.timeout_s):
                return await children(client, start)
        except (OSError, TimeoutError, ua.UaError) as fault:
            raise self._named(fault) or closed(self._device.address) from fault

    async def _values(self, nodes: Sequence[object]) -> list[ua.DataValue]:
        if not nodes:
            return []
        try:
            async with asyncio.timeout(self._device.timeout_s):
                read: list[ua.DataValue] = await self._connected().uaclient.read_attributes(
                    list(nodes), ua.AttributeIds.Value
                )
                return read
        except (OSError, TimeoutError, ua.UaError) as fault:
            raise self._named(fault) or closed(self._device.address) from fault

    def _connected(self) -> Client:
        if self._client is None:
            raise closed(self._device.address)
        return self._client

    def _node_id(self, written: str) -> ua.NodeId | DriverError:
        if written not in self._node_ids:
            try:
                self._node_ids[written] = node_id(written)
            except DriverError as fault:
                self._node_ids[written] = fault
        return self._node_ids[written]

    def _new_client(self) -> Client:
        client = Client(self._device.address, timeout=self._device.timeout_s)
        client.name = client.description = "Zhulian"
        client.application_uri = APPLICATION_URI
        if user := str(self._device.options.get("user", "")):
            client.set_user(user)
            client.set_password(str(self._device.options.get("password", "")))
        return client

    async def _secure(self, client: Client) -> None:
        mode = _MODES.get(str(self._device.options.get("security", "none")))
        if mode is None:
            return
        folder = (self._secrets or Path.home() / ".zhulian") / "opcua"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        certificate, key = folder / "certificate.der", folder / "key.pem"
        use = [ExtendedKeyUsageOID.CLIENT_AUTH]
        await client.setup_self_signed_certificate(key, certificate, extended=use, host_name=socket.gethostname())
        key.chmod(0o600)
        await client.set_security(SecurityPolicyBasic256Sha256, certificate, key, mode=mode)

    def _named(self, fault: BaseException) -> DriverError | None:
        """``fault`` in words; ``None`` for what is not the server's doing (cancellation, for one)."""
        where = self._device.address
        match fault:
            case DriverError():
                return fault
            case TimeoutError():
                return timed_out(where, self._device.timeout_s)
            case OSError():
                return unreachable(fault, where, self._device.timeout_s)
            case ua.UaStatusCodeError():
                return faults.server_refused(type(fault).__name__, where)
            case ua.UaError():
                return faults.no_endpoint(where) if "endpoint" in str(fault).lower() else faults.not_opcua(where)
        return None
