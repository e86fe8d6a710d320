"""``zhulian up``: the whole platform in this data folder, in order, until it is stopped."""

import asyncio
import contextlib
import fcntl
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import click
import urllib3

from zhulian.cli.ports import holder, is_taken
from zhulian.cli.supervisor import NeverReadyError, Part, Supervisor, child_environment, part
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import Settings, read_settings


class UpError(ZhulianError):
    """The platform cannot be started here and now."""


@click.command("up", help="启动整个平台，直到被停止。 / Run the whole platform until it is stopped.")
@click.option("--only", multiple=True, help="只运行这些部分，可重复。 / Run only these parts; may be repeated.")
@click.option("--logs", is_flag=True, help="把各部分的日志也打印出来。 / Print what the parts log as well.")
def command(only: tuple[str, ...], logs: bool) -> None:
    """Telemetry, web, and in a sample city the simulated machines and their gateways."""
    settings = read_settings(os.environ)
    settings.data.root.mkdir(parents=True, exist_ok=True, mode=0o700)
    if logs:
        _echo_logs()
    parts = chosen(all_parts(settings), only)
    names = [each.name for each in parts]
    with _only_one(settings.data.root / "locks", names):
        _refuse_taken_ports(settings, names)
        asyncio.run(_run(settings, parts))


def all_parts(settings: Settings) -> list[Part]:
    """Every part that this data folder needs; they are stopped in reverse."""
    from zhulian.cli.demo import plan
    from zhulian.cli.demo.factories import FACTORIES

    parts = [telemetry(settings), part("web", "web", is_ready=_answers(f"{_local_portal(settings)}/health"))]
    parts.append(part("jobs", "jobs", ready_line="ready", needs=("web",)))
    if plan.load(settings.data) is not None:
        files = [str(plan.gateway_file(settings.data, factory)) for factory in FACTORIES]
        parts.append(part("machines", "machines", ready_line="ready"))
        needs = ("telemetry", "web", "machines")
        parts.append(part("edge", "edge", "run", "--lang", "en", *files, ready_line="Running:", needs=needs))
    return parts


def telemetry(settings: Settings) -> Part:
    """The telemetry process, ready when its gateway lane listens."""
    port = int(settings["ZHULIAN_INGEST_PORT"])

    async def listens() -> bool:
        return is_taken(port)

    return part("telemetry", "telemetry", "run", is_ready=listens)


def chosen(parts: list[Part], only: tuple[str, ...]) -> list[Part]:
    """Those of ``parts`` named in ``only``; all when it is empty."""
    names = [each.name for each in parts]
    unknown = [name for name in only if name not in names]
    if unknown:
        raise UpError(
            "part_unknown",
            Text(f"没有名为“{unknown[0]}”的部分。", f'There is no part called "{unknown[0]}".'),
            Text(f"可用：{'、'.join(names)}。", f"Use one of {', '.join(names)}."),
        )
    return [each for each in parts if not only or each.name in only]


async def _run(settings: Settings, parts: list[Part]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    supervisor = Supervisor(parts, child_environment(), settings.data.logs, lambda line: click.echo(f"  {line}"))
    starting = asyncio.create_task(supervisor.start())
    waiting = asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            _say_where(settings, starting)
            await waiting
    finally:
        starting.cancel()
        click.echo("  正在停止 / stopping")
        await supervisor.stop()


def _say_where(settings: Settings, starting: asyncio.Task[None]) -> None:
    try:
        starting.result()
    except NeverReadyError as fault:
        log, said = settings.data.logs / f"{fault.name}.log", fault.last_line or "—"
        raise UpError(
            "part_not_ready",
            Text(
                f"“{fault.name}”没有就绪，它最后说：{said}。",
                f'"{fault.name}" did not get ready; it last said: {said}.',
            ),
            Text(f"请看日志 {log}，或运行 zhulian doctor。", f"See {log}, or run zhulian doctor."),
        ) from fault
    click.echo(f"\n  筑联已就绪 / Zhulian is ready:  {settings.portal_url}\n  Ctrl-C 停止 / stops it\n")


def _local_portal(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings['ZHULIAN_PORT']}"


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    """A probe: does ``url`` answer without a fault?"""
    http = urllib3.PoolManager(retries=False, timeout=1.0)

    def ask() -> bool:
        try:
            return http.request("GET", url, headers={"Host": "127.0.0.1"}).status < 400
        except urllib3.exceptions.HTTPError:
            return False

    return lambda: asyncio.to_thread(ask)


def _refuse_taken_ports(settings: Settings, names: list[str]) -> None:
    wanted = {
        "web": ("ZHULIAN_PORT",),
        "telemetry": ("ZHULIAN_INGEST_PORT", "ZHULIAN_STORE_PORT"),
    }
    for setting in (setting for name in names for setting in wanted.get(name, ())):
        if is_taken(int(settings[setting])):
            who = holder(int(settings[setting])) or "?"
            raise UpError(
                "port_taken",
                Text(
                    f"端口 {settings[setting]} 已被别的程序占用：{who}。",
                    f"Port {settings[setting]} is in use already, by {who}.",
                ),
                Text(
                    f"请停掉那个程序，或把 {setting} 设为另一个端口。",
                    f"Stop that program, or set {setting} to another port.",
                ),
            )


@contextlib.contextmanager
def _only_one(folder: Path, names: Sequence[str]) -> Iterator[None]:
    """A lock a part, dropped by the kernel with its holder; a second platform on the same data is refused."""
    folder.mkdir(exist_ok=True, mode=0o700)
    with contextlib.ExitStack() as held:
        for name in sorted(names):
            _lock(held.enter_context((folder / f"{name}.lock").open("a+")), folder.parent)
        yield


def _lock(file: IO[str], data: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as fault:
        file.seek(0)
        process = file.read().strip()
        raise UpError(
            "already_up",
            Text(
                f"数据文件夹 {data} 上已经有一个平台在运行（进程 {process}）。",
                f"A platform already runs on {data} (process {process}).",
            ),
            Text(
                "请直接打开它，或先停掉它；要另开一个，请用 ZHULIAN_DATA 指定另一个文件夹。",
                "Open that one, or stop it first; for another one, set ZHULIAN_DATA to another folder.",
            ),
        ) from fault
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()


def _echo_logs() -> None:
    """Every part's lines on the terminal too, with the part's name in front."""
    handler = logging.StreamHandler()
    handler.setFormatter(_PartFormatter())
    logging.getLogger("zhulian.parts").addHandler(handler)


class _PartFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return f"{record.name.rpartition('.')[2]:<9} │ {record.getMessage()}"
