"""The simulated machines as what they claim to be: Modbus TCP servers (pymodbus) and OPC UA servers (asyncua).

Modbus registers are worked out when they are read; OPC UA variables change once a second.
"""

import asyncio
import contextlib
import gc
import logging
import struct
from collections.abc import Callable, Iterable

import numpy as np
from asyncua import Server, ua
from asyncua.common.node import Node
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from zhulian.cli.demo.factories import FACTORIES, Factory, SimulatedMachine
from zhulian.cli.demo.plan import Plan
from zhulian.vocabulary.clock import Clock
from zhulian.wire.configuration import PointConfig

REGISTERS = 10
_FORMATS = {"float32": ">f", "uint32": ">I", "uint16": ">H"}


async def serve(plan: Plan, clock: Clock, on_ready: Callable[[], None]) -> None:
    """Serve all machines until cancelled."""
    for noisy in ("asyncua", "pymodbus"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    async with contextlib.AsyncExitStack() as stack:
        variables: list[tuple[Node, Callable[[], float]]] = []
        gc.disable()  # an OPC UA address space is a hundred thousand objects, and none of them is garbage
        for factory in FACTORIES:
            await _serve_modbus(stack, factory, plan, clock)
            variables += await _serve_opcua(stack, factory, plan, clock)
        gc.freeze()
        gc.enable()
        on_ready()
        await _keep_changing(variables)


def value_now(machine: SimulatedMachine, index: int, clock: Clock) -> float:
    """What the machine's point ``index`` shows at this moment."""
    return float(machine.signals[index](np.array([clock() / 1e6]))[0])


def registers(machine: SimulatedMachine, clock: Clock) -> list[int]:
    """The machine's registers at this moment, as the wire carries them."""
    block = [0] * REGISTERS
    for index, point in enumerate(machine.points):
        start = int(point.address.removeprefix("holding:"))
        words = _words(point, value_now(machine, index, clock))
        block[start : start + len(words)] = words
    return block


def _words(point: PointConfig, value: float) -> list[int]:
    raw = value / point.scale
    packed = struct.pack(_FORMATS[point.type], raw if point.type == "float32" else round(raw))
    return list(struct.unpack(f">{len(packed) // 2}H", packed))


async def _serve_modbus(stack: contextlib.AsyncExitStack, factory: Factory, plan: Plan, clock: Clock) -> None:
    meters = [machine for machine in factory.machines if machine.protocol == "modbus_tcp"]
    if not meters:
        return
    devices = [_device(machine, clock) for machine in meters]
    server = ModbusTcpServer(devices, address=("127.0.0.1", plan.modbus[factory.key]))
    await server.serve_forever(background=True)
    stack.push_async_callback(server.shutdown)


def _device(machine: SimulatedMachine, clock: Clock) -> SimDevice:
    async def refresh(  # noqa: PLR0917 - pymodbus calls it so
        function_code: int,
        start_address: int,
        address: int,
        count: int,
        current_registers: list[int],
        set_values: list[int] | list[bool] | None,
    ) -> None:
        del function_code, start_address, address, count, set_values
        current_registers[:REGISTERS] = registers(machine, clock)

    block = SimData(0, values=[0] * REGISTERS, datatype=DataType.REGISTERS)
    return SimDevice(id=machine.unit, simdata=[block], action=refresh)


async def _serve_opcua(
    stack: contextlib.AsyncExitStack, factory: Factory, plan: Plan, clock: Clock
) -> list[tuple[Node, Callable[[], float]]]:
    machines = [machine for machine in factory.machines if machine.protocol == "opcua"]
    if not machines:
        return []
    server = Server()
    await server.init()
    server.set_endpoint(plan.address(factory, "opcua"))
    server.set_server_name(factory.enterprise)
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    await server.register_namespace("urn:zhulian:sample-city")
    variables = [each for machine in machines for each in await _variables(server, machine, clock)]
    await stack.enter_async_context(server)
    return variables


async def _variables(
    server: Server, machine: SimulatedMachine, clock: Clock
) -> Iterable[tuple[Node, Callable[[], float]]]:
    folder = await server.nodes.objects.add_folder(f"ns=2;s=machine{machine.unit}", f"2:{machine.name}")
    made = []
    for index, point in enumerate(machine.points):
        first = value_now(machine, index, clock)
        node = await folder.add_variable(point.address, f"2:{point.name}", first, varianttype=ua.VariantType.Double)
        made.append((node, lambda index=index: value_now(machine, index, clock)))
    return made


async def _keep_changing(variables: Iterable[tuple[Node, Callable[[], float]]]) -> None:
    while True:
        for node, value in variables:
            await node.write_value(value(), ua.VariantType.Double)
        await asyncio.sleep(1)
