"""The gateway's own page on 127.0.0.1: for the person who stands in front of the factory PC, with or without a network.

``/`` is a page in Chinese or English, ``/status.json`` the same as data (``zhulian edge status`` reads it). It shows
values and faults, no secrets, and changes nothing.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache, partial
from html import escape
from importlib import resources
from string import Template

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler

from zhulian.edge.faults import EdgeError, fault
from zhulian.edge.status import LatestValue, LocalStatus, Picture
from zhulian.vocabulary.clock import SHANGHAI, to_datetime
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.readings import TimeUs
from zhulian.wire.status import DeviceStatus

LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]"}

STATES = {
    "starting": Text("启动中", "starting"),
    "running": Text("正常", "running"),
    "partial": Text("部分点位有误", "some points fail"),
    "unreachable": Text("连不上", "unreachable"),
    "paused": Text("暂停：磁盘写不进", "paused: disk takes nothing"),
}
QUALITIES = {0: Text("", ""), 1: Text("存疑", "uncertain"), 2: Text("不可用", "bad")}


class StatusPage:
    """Serves one :class:`Picture` on a loopback port."""

    def __init__(self, picture: Picture, port: int) -> None:
        self.port = port
        self._picture = picture
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Listen; raises when the port is taken."""
        application = web.Application(middlewares=[_only_local])
        application.router.add_get("/", self._page)
        application.router.add_get("/status.json", self._json)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        except OSError as error:
            await self.stop()
            raise _port_taken(self.port, error) from error

    async def stop(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _json(self, _: web.Request) -> web.Response:
        body = msgspec.json.encode(await self._picture.local_status())
        return web.Response(body=body, content_type="application/json")

    async def _page(self, request: web.Request) -> web.Response:
        asked = request.query.get("lang") or request.headers.get("Accept-Language") or "zh"
        language = "en" if asked.lower().startswith("en") else "zh"
        page = render(await self._picture.local_status(), language)
        return web.Response(text=page, content_type="text/html", headers={"Content-Security-Policy": _POLICY})


_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@web.middleware
async def _only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """A page of some other site that a browser was led to under a false name gets nothing."""
    if (request.host or "").rsplit(":", 1)[0] not in LOCAL_NAMES:
        return web.Response(status=403, text="127.0.0.1 only")
    return await handler(request)


def render(status: LocalStatus, language: str) -> str:
    """The page."""
    say = partial(_say, language)
    where = f"{status.enterprise} · #{status.gateway}" if status.gateway else say("未登记到平台", "not enrolled")
    words = {
        "lang": "zh-CN" if language == "zh" else "en",
        "title": f"{status.name} · {say('筑联网关', 'Zhulian gateway')}",
        "name": status.name,
        "about": f"{say('筑联网关', 'Zhulian gateway')} {status.status.version} · {where} · {status.platform_url}",
        "other_lang": "en" if language == "zh" else "zh",
        "other_name": say("English", "中文"),
        "machines_head": say("设备", "Machines"),
        "as_of": f"{say('截至', 'As of')} {clock_time(status.now_us)}",
    }
    parts = {
        "style": _file("status_page.css"),
        "notes": "".join(f'<p class="note">{escape(_sentence(words, language))}</p>' for words in status.faults),
        "figures": _figures(status, say),
        "machines": _machines(status, language, say),
        "losses": _losses(status, language, say),
    }
    return Template(_file("status_page.html")).substitute({key: escape(word) for key, word in words.items()} | parts)


Say = Callable[[str, str], str]


def _say(language: str, zh: str, en: str) -> str:
    return Text(zh, en).in_language(language)


def _sentence(words: dict[str, str], language: str) -> str:
    return ZhulianError.from_json(words).in_language(language)


@cache
def _file(name: str) -> str:
    return resources.files("zhulian.edge").joinpath(name).read_text("utf-8")


def _figures(status: LocalStatus, say: Say) -> str:
    fill = status.fill
    platform = say("正常", "connected") if status.is_delivering else say("未连通", "not connected")
    figures = [
        (say("平台连接", "Platform"), platform),
        (say("待发送读数", "Waiting to be sent"), f"{fill.rows + status.in_memory_rows:,}"),
        (say("最近送达", "Last delivered"), clock_time(status.last_delivered_us)),
        (say("运行的配置版本", "Configuration in use"), str(status.status.configuration_version or "—")),
        (say("本机存储", "Outbox"), f"{fill.size_bytes / 1e6:,.1f} / {fill.limit_bytes / 1e6:,.0f} MB"),
    ]
    return "".join(f'<div><span class="soft">{name}</span><b>{escape(value)}</b></div>' for name, value in figures)


def _machines(status: LocalStatus, language: str, say: Say) -> str:
    if not status.status.devices:
        none = say(
            "还没有设备。请在平台上接入，或写进配置文件。",
            "No machines yet. Connect one on the platform, or in the file.",
        )
        return f"<p>{none}</p>"
    names = [say("设备", "Machine"), say("状态", "State"), say("最近读到", "Last read"), say("点位", "Points")]
    head = "".join(f"<th>{name}</th>" for name in names)
    rows = "".join(_machine(device, status, language, say) for device in status.status.devices)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _machine(device: DeviceStatus, status: LocalStatus, language: str, say: Say) -> str:
    lines = [_sentence(device.fault, language)] if device.fault else []
    lines += [f"{name}: {_sentence(words, language)}" for name, words in device.point_faults.items()]
    notes = "".join(f'<div class="soft">{escape(line)}</div>' for line in lines[:20])
    values = [value for value in status.values if value.device == device.name]
    shown = "".join(_value(value, language) for value in values)
    count = say(f"{len(values)} 个", f"{len(values)}")
    cells = [
        escape(device.name),
        f'<span class="{device.state}">{STATES[device.state].in_language(language)}</span>{notes}',
        clock_time(device.last_good_us),
        f"<details><summary>{count}</summary>{shown}</details>",
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _value(value: LatestValue, language: str) -> str:
    words = escape(value_text(value.value, value.text, value.unit))
    note = f"{QUALITIES[value.quality].in_language(language)} {clock_time(value.time_us)}"
    return f'<div>{escape(value.point)} <b>{words}</b> <span class="soft">{note}</span></div>'


def _losses(status: LocalStatus, language: str, say: Say) -> str:
    gaps = [f"{clock_time(g.from_us)} – {clock_time(g.to_us)}: {g.rows:,} ({g.reason})" for g in status.gaps]
    aside = [f"{a.first}–{a.last}: {_sentence(a.fault, language)}" for a in status.set_aside]
    return _listed(
        say("存储已满或过旧而丢弃的读数", "Readings dropped, because the outbox was full or they too old"), gaps
    ) + _listed(say("平台没有接收、已搁置的批次", "Batches that the platform refused, set aside"), aside)


def _listed(head: str, lines: list[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{head}</h2><ul>{items}</ul>" if lines else ""


def value_text(value: float, text: str | None, unit: str) -> str:
    """A value as a person reads it: its words, or the number with its unit."""
    return text if text is not None else f"{value:.10g} {unit}".rstrip()


def clock_time(time_us: int) -> str:
    """Date and time in the city's time zone; "—" for never."""
    if not time_us:
        return "—"
    moment: datetime = to_datetime(TimeUs(time_us)).astimezone(SHANGHAI)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def _port_taken(port: int, error: OSError) -> EdgeError:
    return fault(
        "status_port_taken",
        f"本机状态页打不开：端口 {port} 用不了（{error.strerror}）。采集不受影响。",
        f"The local status page is not available: port {port} cannot be used ({error.strerror}). Reading goes on.",
        "请在配置的 gateway.status_port 换一个端口，或设为 0 关闭。",
        "Choose another gateway.status_port in the configuration, or 0 for none.",
    )
