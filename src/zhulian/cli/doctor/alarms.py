"""Alarms, as ``zhulian doctor`` looks at them: the rules that are judged are those on record, what is judged arrives in
the records, and messages leave the house. Django has been started, and telemetry answers.
"""

from collections.abc import Iterator

from zhulian.cli.doctor.finding import Finding, good
from zhulian.telemetry.queries import Heard, Telemetry
from zhulian.vocabulary.clock import Clock
from zhulian.vocabulary.errors import Text

LATE_AFTER_S = 30
"""Longer than the listener's patience with one question and a restart of its process."""
_JOBS = Text(
    "请确认任务进程在运行（zhulian up），再看 logs/jobs.log；规则和事件会自动补上，不用重做。",
    "See that the jobs process runs (zhulian up), then logs/jobs.log; rules and events catch up by themselves.",
)


def findings(telemetry: Telemetry, clock: Clock) -> Iterator[Finding]:
    """Rules, the listener, the ways out."""
    from zhulian.alarms import queries

    known = queries.progress()
    heard = telemetry.alarm_events(known.number, known.log, 0.0)
    yield _rules(telemetry, known.rules_version, heard)
    yield _listener(heard, known.log, clock)
    yield from _ways_out()


def _rules(telemetry: Telemetry, version: int, heard: Heard) -> Finding:
    from zhulian.alarms import queries

    standing, recorded = telemetry.alarms_standing([]), len(queries.rule_set().rules)
    if heard.rules_version != version or standing.rules != recorded:
        what = Text(
            f"在用的规则有 {recorded} 条（第 {version} 版），"
            f"引擎里是 {standing.rules} 条（第 {heard.rules_version} 版）。",
            f"{recorded} rules are in service (version {version}), the engine has {standing.rules} "
            f"(version {heard.rules_version}).",
        )
        return Finding("alarm rules", False, what, _JOBS)
    return good(
        "alarm rules",
        f"报警引擎判断 {recorded} 条规则：{len(standing.active)} 条正在报警，{len(standing.unknown)} 条没有可用读数，"
        f"{standing.due} 条等待补算。",
        f"The alarm engine judges {recorded} rules: {len(standing.active)} active, {len(standing.unknown)} without a "
        f"usable reading, {standing.due} to be computed again.",
    )


def _listener(heard: Heard, log: str, clock: Clock) -> Finding:
    waiting = heard.events if heard.log == log or not log else ()
    oldest_us = min((event.told_us for event in waiting), default=clock())
    late_s = (clock() - oldest_us) // 1_000_000
    if late_s > LATE_AFTER_S:
        what = Text(
            f"有 {len(waiting)} 个报警事件没有进入记录，最早的已等 {late_s} 秒。",
            f"{len(waiting)} alarm events are not in the records; the oldest has waited for {late_s} s.",
        )
        return Finding("alarm listener", False, what, _JOBS)
    return good("alarm listener", "报警事件都已进入记录。", "All alarm events are in the records.")


def _ways_out() -> Iterator[Finding]:
    from zhulian.desk import queries
    from zhulian.organisations.tenancy import SYSTEM

    for channel in queries.channels(SYSTEM):
        if channel.failed:
            what = Text(
                f"渠道“{channel.name}”有 {channel.failed} 条消息没有发出。",
                f"{channel.failed} messages did not leave by the channel “{channel.name}”.",
            )
            cure = Text(
                "请在“平台管理 · 送达渠道”看原因，改正后在那里重发。",
                "See the cause on the administrator's page of channels; once it is mended, send them again there.",
            )
            yield Finding("channels", False, what, cure)
