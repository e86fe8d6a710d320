"""``zhulian edge``: run a gateway, enrol it, try its points, look at it. Needs the base install only."""

import asyncio
import functools
import json
import logging
import os
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.asks import PointResult
from zhulian.wire.configuration import DeviceConfig

if TYPE_CHECKING:
    from zhulian.edge.configuration import LocalConfiguration
    from zhulian.edge.protocols.driver import ProtocolInfo
    from zhulian.edge.status import LocalStatus

P = ParamSpec("P")
T = TypeVar("T")
TRY_WITHIN_S = 10.0

command = click.Group("edge", help="网关：在工厂里读设备、存读数、送平台。 / The gateway that runs in a factory.")

CONFIG = click.Path(dir_okay=False, path_type=Path)


def spoken_language() -> str:
    """From LC_ALL, LC_MESSAGES or LANG; Chinese unless one says English."""
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "en" if spoken.lower().startswith("en") else "zh"


def bilingual(work: Callable[Concatenate[str, P], None]) -> Callable[P, None]:
    """Give a command ``--lang`` and turn a :class:`ZhulianError` into words and exit code 1."""

    @functools.wraps(work)
    def speak(*args: P.args, **kwargs: P.kwargs) -> None:
        language = str(kwargs.pop("lang") or spoken_language())
        try:
            work(language, *args, **kwargs)
        except ZhulianError as fault:
            for each in getattr(fault, "faults", (fault,)):
                click.echo(each.in_language(language), err=True)
            raise SystemExit(1) from fault

    choice = click.Choice(["zh", "en"])
    return click.option("--lang", type=choice, help="语言，默认随系统。 / Language, by default the system's.")(speak)


@command.command("run", help="运行一个或几个网关，直到被停止。 / Run one gateway or several until stopped.")
@click.argument("configs", nargs=-1, required=True, type=CONFIG)
@bilingual
def run(language: str, configs: tuple[Path, ...]) -> None:
    """Run gateways until SIGTERM or Ctrl-C."""
    from zhulian.edge.configuration import read_file
    from zhulian.edge.gateway import run_gateways

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    protocols = known_protocols()
    read = [read_file(path, protocols) for path in configs]
    names = "、".join(configuration.name for configuration in read)

    def ready() -> None:
        click.echo(Text(f"网关已启动：{names}", f"Running: {names}").in_language(language))

    _in_fast_loop(run_gateways(read, protocols, ready))


@command.command("enrol", help="用平台给的一次性登记码登记。 / Enrol with the platform's one-time code.")
@click.argument("config", type=CONFIG)
@click.argument("code")
@click.option("--url", default="", help="平台网址，默认取配置文件。 / Address of the platform; by default the file's.")
@bilingual
def enrol(language: str, config: Path, code: str, url: str) -> None:
    """Trade the code for an identity."""
    from zhulian.edge import enrolment
    from zhulian.edge.configuration import read_file
    from zhulian.edge.link import Link

    local = read_file(config, known_protocols())
    address = url or local.platform_url
    if not address:
        raise _no_address(config)

    async def work() -> enrolment.Identity:
        async with Link(local.ca) as link:
            return await enrolment.enrol(link, enrolment.StateFolder(local.state), address, code.strip(), local.name)

    who = asyncio.run(work())
    done = Text(
        f"已登记为{who.enterprise}的网关 {who.gateway}。运行中的网关会自动发送；未运行请用 zhulian edge run {config}。",
        f"Enrolled as gateway {who.gateway} of {who.enterprise}. A running gateway starts sending by itself; "
        f"otherwise use zhulian edge run {config}.",
    )
    click.echo(done.in_language(language))


@command.command("try", help="每个点位读一次并给出结果。 / Read each point once and print what came.")
@click.argument("config", type=CONFIG)
@bilingual
def try_(language: str, config: Path) -> None:
    """Read every point once; exit code 1 when one fails."""
    from zhulian.edge.configuration import read_file

    protocols = known_protocols()
    local = read_file(config, protocols)
    devices = [*local.devices, *_from_platform(local, {device.name for device in local.devices})]
    if not devices:
        click.echo(Text("配置里还没有设备。", "There is no machine in the configuration yet.").in_language(language))
        raise SystemExit(1)
    secrets = local.state / "secrets"
    results = asyncio.run(_try_all(devices, protocols, secrets if secrets.is_dir() else None))
    rows = [row for device, result in zip(devices, results, strict=True) for row in _try_rows(device, result, language)]
    heads = Text("设备,点位,地址,值,用时", "machine,point,address,value,took").in_language(language).split(",")
    click.echo(table(heads, rows))
    if any(isinstance(result, ZhulianError) or any(point.fault for point in result) for result in results):
        raise SystemExit(1)


@command.command("status", help="看正在运行的网关。 / Look at the running gateway.")
@click.argument("config", type=CONFIG)
@click.option("--json", "as_json", is_flag=True, help="原样输出数据。 / The data as it is.")
@bilingual
def status(language: str, config: Path, as_json: bool) -> None:
    """Print what the local status page knows."""
    import msgspec

    from zhulian.edge.configuration import read_file
    from zhulian.edge.status import LocalStatus

    local = read_file(config, known_protocols())
    body = _fetch_status(local)
    if as_json:
        click.echo(json.dumps(json.loads(body), ensure_ascii=False, indent=2))
        return
    click.echo(describe(msgspec.json.decode(body, type=LocalStatus), language))


def known_protocols() -> "Mapping[str, ProtocolInfo]":
    """Everything that this installation can speak."""
    from zhulian.edge.protocols import protocols

    return protocols()


def describe(found: "LocalStatus", language: str) -> str:
    """The running gateway in a few lines."""
    from zhulian.edge.status_page import STATES, clock_time

    def say(zh: str, en: str) -> str:
        return Text(zh, en).in_language(language)

    platform = say("正常", "connected") if found.is_delivering else say("未连通", "not connected")
    waiting, fill, last = found.fill.rows + found.in_memory_rows, found.fill, clock_time(found.last_delivered_us)
    lines = [
        f"{found.name}  {found.status.version}  {found.enterprise}".rstrip(),
        say(f"平台：{platform}  {found.platform_url}", f"Platform: {platform}  {found.platform_url}"),
        say(
            f"待发送 {waiting} 条，最近送达 {last}，搁置 {fill.set_aside} 批，丢弃 {fill.lost_rows} 条",
            f"{waiting} readings waiting, last delivered {last}, "
            f"{fill.set_aside} batches set aside, {fill.lost_rows} readings dropped",
        ),
        *(f"! {ZhulianError.from_json(words).in_language(language)}" for words in found.faults),
        "",
    ]
    rows = []
    for device in found.status.devices:
        state = STATES[device.state].in_language(language)
        why = ZhulianError.from_json(device.fault).in_language(language) if device.fault else ""
        rows.append([device.name, state, clock_time(device.last_good_us), why])
        rows += [
            [f"  {name}", "", "", ZhulianError.from_json(words).in_language(language)]
            for name, words in device.point_faults.items()
        ]
    heads = say("设备,状态,最近读到,原因", "machine,state,last read,cause").split(",")
    return "\n".join(lines) + table(heads, rows)


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Columns aligned on a terminal, where a Chinese character is two cells wide. The last column runs free."""
    cells = [list(heads), *(list(row) for row in rows)]
    widths = [max(width(row[column]) for row in cells) for column in range(len(cells[0]))]
    return "\n".join(
        "  ".join(cell + " " * (size - width(cell)) for cell, size in zip(row, widths, strict=True)).rstrip()
        for row in cells
    )


def width(text: str) -> int:
    """Terminal cells that ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


async def _try_all(
    devices: list[DeviceConfig], protocols: "Mapping[str, ProtocolInfo]", secrets: Path | None
) -> list[tuple[PointResult, ...] | ZhulianError]:
    from zhulian.edge.answers import Tester
    from zhulian.vocabulary.clock import system_clock

    tester = Tester(protocols, system_clock, secrets)

    async def once(device: DeviceConfig) -> tuple[PointResult, ...] | ZhulianError:
        try:
            return await tester.read_once(device, max(TRY_WITHIN_S, 2 * device.timeout_s))
        except ZhulianError as fault:
            return fault

    return list(await asyncio.gather(*(once(device) for device in devices)))


def _try_rows(device: DeviceConfig, result: tuple[PointResult, ...] | ZhulianError, language: str) -> list[list[str]]:
    if isinstance(result, ZhulianError):
        return [[device.name, "✗", device.address, result.in_language(language), ""]]
    by_name = {point.name: point for point in device.points}
    return [
        [
            device.name,
            point.name,
            by_name[point.name].address,
            _outcome(point, by_name[point.name].unit, language),
            _took(point),
        ]
        for point in result
    ]


def _outcome(point: PointResult, unit: str, language: str) -> str:
    from zhulian.edge.status_page import QUALITIES, value_text

    if point.fault is not None:
        return "✗ " + ZhulianError.from_json(point.fault).in_language(language)
    note = QUALITIES[point.quality].in_language(language)
    return f"{value_text(point.value or 0.0, point.text, unit)} {note}".rstrip()


def _took(point: PointResult) -> str:
    return "" if point.fault else f"{point.took_ms:.0f} ms"


def _from_platform(local: "LocalConfiguration", own_names: set[str]) -> list[DeviceConfig]:
    """The machines that the platform configured last time."""
    from zhulian.edge.enrolment import StateFolder
    from zhulian.wire.configuration import GatewayConfig, read_json

    kept = StateFolder(local.state).configuration()
    remote = read_json(kept, GatewayConfig).devices if kept is not None else ()
    return [device for device in remote if device.name not in own_names]


def _fetch_status(local: "LocalConfiguration") -> bytes:
    """``/status.json`` of the running gateway."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{local.status_port}/status.json", timeout=5.0) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise _not_running(local) from error


def _in_fast_loop(work: Coroutine[Any, Any, T]) -> T:
    try:
        import uvloop
    except ImportError:  # Windows
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


def _not_running(local: "LocalConfiguration") -> ZhulianError:
    if not local.status_port:
        return ZhulianError(
            "status_page_off",
            Text(
                "这份配置关闭了状态页（status_port = 0）。", "This configuration has no status page (status_port = 0)."
            ),
            Text("请把 gateway.status_port 设为一个空闲端口。", "Set gateway.status_port to a free port."),
        )
    return ZhulianError(
        "gateway_not_running",
        Text(f"网关“{local.name}”没有在运行。", f"The gateway “{local.name}” is not running."),
        Text(f"用 zhulian edge run {local.path} 启动它。", f"Start it with zhulian edge run {local.path}."),
    )


def _no_address(config: Path) -> ZhulianError:
    return ZhulianError(
        "platform_address_missing",
        Text(f"{config} 里没有平台网址。", f"{config} names no platform."),
        Text('请加上 [platform] url = "…"，或用 --url 给出。', 'Add [platform] url = "…", or give --url.'),
    )
