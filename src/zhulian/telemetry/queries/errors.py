"""What can go wrong between the portal and telemetry. Pages catch :class:`TelemetryUnreachable` and show "—"."""

from zhulian.vocabulary.errors import Text, ZhulianError


class TelemetryUnreachable(ZhulianError):  # noqa: N818 - it names a state, and pages say it that way
    """No answer now: the process is down, hangs, or is too busy. Trying again later is right."""


class TelemetryBusy(TelemetryUnreachable):
    """Not now: what was sent is not taken, and should be sent again after ``retry_after_s``."""

    def __init__(self, code: str, what: Text, next_step: Text, retry_after_s: float) -> None:
        super().__init__(code, what, next_step)
        self.retry_after_s = retry_after_s


class TelemetryRefused(ZhulianError):  # noqa: N818 - see above
    """Telemetry answered and said no: trying the same again does not help."""


class GatewayAskFailed(ZhulianError):  # noqa: N818 - see above
    """A gateway could not be asked: ``gateway_offline`` or ``gateway_silent``, in the telemetry process' words."""


def unreachable(where: str, why: str) -> TelemetryUnreachable:
    """Nobody answers at ``where``."""
    return TelemetryUnreachable(
        "telemetry_unreachable",
        Text(f"读不到遥测数据：{where} 没有应答（{why}）。", f"No telemetry: nothing answers at {where} ({why})."),
        Text(
            "采集不受影响，网关会保留数据；请运行 zhulian doctor 查看 telemetry 进程。",
            "Nothing is lost, gateways keep their readings; run zhulian doctor to look at the telemetry process.",
        ),
    )


def busy(why: str) -> TelemetryUnreachable:
    """It answers, but could not do this one in its bounds of time, memory or places."""
    return TelemetryUnreachable(
        "telemetry_busy",
        Text(f"遥测查询没有完成：{why}。", f"The telemetry query did not finish: {why}."),
        Text("请缩短时间范围或稍后再试。", "Choose a shorter time range, or try again shortly."),
    )


def not_now(retry_after: str | None) -> TelemetryBusy:
    """It has enough to do; ``retry_after`` is what it says about that."""
    wait_s = float(retry_after) if retry_after and retry_after.isdigit() else 1.0
    return TelemetryBusy(
        "telemetry_waits",
        Text("遥测进程正忙，历史数据在等候。", "Telemetry is busy; readings of the past wait."),
        Text("不用处理，稍后自动继续。", "Nothing needs to be done; it goes on by itself."),
        wait_s,
    )


def refused(why: str) -> TelemetryRefused:
    """The statement or the key is wrong: a matter for the administrator."""
    return TelemetryRefused(
        "telemetry_refused",
        Text(f"遥测存储拒绝了查询：{why}。", f"The telemetry store refused the query: {why}."),
        Text(
            "请把这条信息交给平台管理员；可能是版本不一致或口令文件被替换。",
            "Give this to the platform's administrator: versions may differ, or the key file was replaced.",
        ),
    )
