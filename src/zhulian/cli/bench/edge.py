"""``zhulian bench edge``: registers a second and core, from an independent Modbus server, beside a plain pymodbus loop.

Both clients read 50 floats in 100 holding registers a request from the same libmodbus server, one connection a device,
as fast as they can, and hand over the 50 numbers. A figure is registers per second of this process's own CPU time, so
that a slow server counts against neither.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from zhulian.cli.bench.figures import Figure, measured
from zhulian.cli.bench.peers import modbus
from zhulian.edge.protocols import protocols
from zhulian.vocabulary.clock import system_clock
from zhulian.wire.configuration import DeviceConfig, PointConfig

REGISTERS = 100
DEVICES = (1, 20)
SECONDS = 4.0
LIBRARIES = ("pymodbus", "uvloop")
Poll = Callable[[], Awaitable[object]]


def run() -> list[Figure]:
    """Figures for one device and for twenty."""
    with modbus.serving(registers=REGISTERS) as port:
        return [_compared(port, devices) for devices in DEVICES]


def _compared(port: int, devices: int) -> Figure:
    start = time.monotonic()
    peer = uvloop.run(_per_core(_pymodbus, port, devices))
    ours = uvloop.run(_per_core(_ours, port, devices))
    return measured(
        f"edge.registers_per_core.{devices}_devices",
        ours,
        "registers/s/core",
        seconds=time.monotonic() - start,
        libraries=LIBRARIES,
        peer="pymodbus loop",
        peer_value=peer,
    )


async def _per_core(
    open_polls: Callable[[AsyncExitStack, int, int], Awaitable[Sequence[Poll]]], port: int, devices: int
) -> float:
    """Registers read per second of CPU time of this process."""
    async with AsyncExitStack() as stack:
        polls = await open_polls(stack, port, devices)
        await asyncio.gather(*(poll() for poll in polls))
        deadline, cpu_start = time.monotonic() + SECONDS, time.process_time()
        counts = await asyncio.gather(*(_until(deadline, poll) for poll in polls))
        return sum(counts) * REGISTERS / (time.process_time() - cpu_start)


async def _until(deadline: float, poll: Poll) -> int:
    count = 0
    while time.monotonic() < deadline:
        await poll()
        count += 1
    return count


async def _ours(stack: AsyncExitStack, port: int, devices: int) -> Sequence[Poll]:
    points = tuple(
        PointConfig(name=str(start), address=f"holding:{start}", type="float32") for start in range(0, REGISTERS, 2)
    )
    device = DeviceConfig(name="bench", protocol="modbus_tcp", address=f"127.0.0.1:{port}", points=points)
    drivers = [protocols()["modbus_tcp"].open(device, system_clock, None) for _ in range(devices)]
    for driver in drivers:
        await stack.enter_async_context(driver)
    return [lambda driver=driver: driver.read(points) for driver in drivers]  # type: ignore[misc]


async def _pymodbus(stack: AsyncExitStack, port: int, devices: int) -> Sequence[Poll]:
    clients = [AsyncModbusTcpClient("127.0.0.1", port=port) for _ in range(devices)]
    for client in clients:
        await client.connect()
        stack.callback(client.close)
    return [lambda client=client: _floats(client) for client in clients]  # type: ignore[misc]


async def _floats(client: AsyncModbusTcpClient) -> object:
    answer = await client.read_holding_registers(0, count=REGISTERS)
    return client.convert_from_registers(answer.registers, client.DATATYPE.FLOAT32)
