"""An OPC UA machine in a process of its own, for the driver's tests.

It is built on asyncua, the library that the driver uses too, so it cannot show that both understand the standard alike;
what it shows is how the driver behaves. Run as a program: ``opcua_server.py PORT [user] [secure FOLDER]``; it prints
``ready PORT``.
"""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

URI, APPLICATION = "urn:zhulian:tests", "urn:zhulian:tests:server"
USER, PASSWORD = "engineer", "筑联-1"
SOURCE_TIME = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)


@contextmanager
def serving(*flags: str, port: int = 0) -> Iterator[int]:
    """A running server; gives its port."""
    from peers.ports import free_port  # as a program, this file knows no peers

    chosen = port or free_port()
    arguments = [sys.executable, "-P", __file__, str(chosen), *flags]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert line == f"ready {chosen}\n", line
            yield chosen
        finally:
            process.kill()


async def _serve(port: int, flags: list[str]) -> None:
    from asyncua import Server, ua

    server = Server(user_manager=_OneUser() if "user" in flags else None)
    await server.init()
    server.set_endpoint(f"opc.tcp://127.0.0.1:{port}/")
    server.set_identity_tokens([ua.UserNameIdentityToken] if "user" in flags else [ua.AnonymousIdentityToken])
    if "secure" in flags:
        await _secure(server, Path(flags[flags.index("secure") + 1]))
    else:
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await _fill(server)
    async with server:
        sys.stdout.write(f"ready {port}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def _secure(server: Any, folder: Path) -> None:
    """Signed and encrypted only, for clients whose certificate lies in ``folder``/trusted."""
    from asyncua import ua
    from asyncua.crypto.cert_gen import setup_self_signed_certificate
    from cryptography.x509.oid import ExtendedKeyUsageOID

    certificate, key = folder / "server.der", folder / "server.pem"
    await server.set_application_uri(APPLICATION)
    use = [ExtendedKeyUsageOID.SERVER_AUTH]
    await setup_self_signed_certificate(key, certificate, APPLICATION, socket.gethostname(), use, {})
    await server.load_certificate(str(certificate))
    await server.load_private_key(str(key))
    modes = (ua.SecurityPolicyType.Basic256Sha256_Sign, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt)
    server.set_security_policy(list(modes))
    trusted = {path.read_bytes() for path in (folder / "trusted").glob("*.der")}
    server.set_certificate_validator(partial(_only_trusted, trusted))


async def _only_trusted(trusted: set[bytes], certificate: Any, application: object) -> None:
    from asyncua import ua
    from asyncua.common.utils import ServiceError
    from cryptography.hazmat.primitives.serialization import Encoding

    if certificate.public_bytes(Encoding.DER) not in trusted:
        raise ServiceError(ua.StatusCodes.BadCertificateUntrusted)


class _OneUser:
    def get_user(self, _: Any, username: str | None = None, password: str | None = None, **_more: object) -> Any:
        from asyncua.crypto.permission_rules import User, UserRole

        return User(role=UserRole.User) if (username, password) == (USER, PASSWORD) else None


async def _fill(server: Any) -> None:
    from asyncua import ua

    space = await server.register_namespace(URI)
    press = await server.nodes.objects.add_object(ua.NodeId("Press", space), "Press")
    values = {
        "Temperature": ua.Variant(21.5, ua.VariantType.Double),
        "Running": ua.Variant(True, ua.VariantType.Boolean),
        "Pieces": ua.Variant(-3, ua.VariantType.Int64),
        "Program": ua.Variant("运行", ua.VariantType.String),
        "Label": ua.Variant(ua.LocalizedText("急停"), ua.VariantType.LocalizedText),
        "Started": ua.Variant(SOURCE_TIME, ua.VariantType.DateTime),
        "NaN": ua.Variant(float("nan"), ua.VariantType.Double),
        "Infinity": ua.Variant(float("inf"), ua.VariantType.Float),
        "Axes": ua.Variant([1.0, 2.0], ua.VariantType.Double),
    }
    for name, value in values.items():
        await press.add_variable(ua.NodeId(name, space), name, value)
    await _add_states(press, space)


async def _add_states(press: Any, space: int) -> None:
    """Variables whose value comes with a status other than good, or not at all."""
    from asyncua import ua

    for name, status, value in (
        ("Doubtful", ua.StatusCodes.UncertainLastUsableValue, 7.0),
        ("Broken", ua.StatusCodes.BadSensorFailure, 7.0),
        ("Waiting", ua.StatusCodes.BadWaitingForInitialData, None),
    ):
        node = await press.add_variable(ua.NodeId(name, space), name, 0.0)
        variant = ua.Variant(value, ua.VariantType.Double) if value is not None else ua.Variant()
        await node.write_value(ua.DataValue(variant, ua.StatusCode(status), SOURCE_TIME))
    timed = await press.add_variable(ua.NodeId("Timed", space), "Timed", 0.0)
    await timed.write_value(ua.DataValue(ua.Variant(4.0, ua.VariantType.Double), SourceTimestamp=SOURCE_TIME))


if __name__ == "__main__":
    logging.basicConfig(level=logging.CRITICAL)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(int(sys.argv[1]), sys.argv[2:]))
