"""What the sample city has agreed with itself: which ports its machines listen on, and what is done already.

Kept in the data folder, because the addresses stand in the records and must be the same tomorrow.
"""

from pathlib import Path

import msgspec

from zhulian.cli.demo.factories import Factory
from zhulian.cli.ports import is_taken
from zhulian.vocabulary.settings import DataFolder

FIRST_PORT = 15020


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``modbus`` and ``opcua`` give each factory's port, by its key; ``has_history`` says that the past is written.

    ``people`` are the user names of those who can sign in, with their roles; the sign-in page names them.
    """

    modbus: dict[str, int]
    opcua: dict[str, int]
    has_history: bool = False
    people: dict[str, str] = {}

    def address(self, factory: Factory, protocol: str) -> str:
        """Where the machines of ``factory`` that speak ``protocol`` are."""
        if protocol == "modbus_tcp":
            return f"127.0.0.1:{self.modbus[factory.key]}"
        return f"opc.tcp://127.0.0.1:{self.opcua[factory.key]}/zhulian/"


def load(data: DataFolder) -> Plan | None:
    """The plan, or ``None`` where there is no sample city."""
    file = data.sample_city
    return msgspec.json.decode(file.read_bytes(), type=Plan) if file.exists() else None


def save(data: DataFolder, plan: Plan) -> None:
    """Keep the plan."""
    data.sample_city.write_bytes(msgspec.json.format(msgspec.json.encode(plan)))


def gateway_file(data: DataFolder, factory: Factory) -> Path:
    """The configuration file of a sample factory's gateway."""
    return data.gateways / factory.key / "gateway.toml"


def free_ports(count: int) -> list[int]:
    """``count`` loopback ports that nothing uses now, from :data:`FIRST_PORT` on."""
    found: list[int] = []
    port = FIRST_PORT
    while len(found) < count:
        if not is_taken(port):
            found.append(port)
        port += 1
    return found
