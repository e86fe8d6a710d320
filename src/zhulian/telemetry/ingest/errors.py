"""Every answer of the gateway lane that is not a 200, in words."""

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire.lane import LARGEST_BATCH_BYTES

_ASIDE = Text(
    "这批数据已搁置在网关上，不影响后面的数据；请升级网关或联系平台管理员。",
    "The gateway keeps this batch aside and goes on; update the gateway or ask the platform's administrator.",
)
_COME_BACK = Text("网关会保留数据并自动重试。", "The gateway keeps its data and tries again by itself.")


class IngestError(ZhulianError):
    """A request of a gateway that is refused. ``status`` is the HTTP status, ``retry_after_s`` set for 429 and 503."""

    def __init__(
        self, status: int, code: str, what: Text, next_step: Text = _ASIDE, retry_after_s: int | None = None
    ) -> None:
        super().__init__(code, what, next_step)
        self.status = status
        self.retry_after_s = retry_after_s


def no_token() -> IngestError:
    """No bearer token at all."""
    return IngestError(
        401,
        "token_missing",
        Text("请求没有带网关令牌。", "The request carries no gateway token."),
        Text("请先登记网关：zhulian edge enrol。", "Enrol the gateway first: zhulian edge enrol."),
    )


def revoked() -> IngestError:
    """An administrator took the gateway's right away."""
    return IngestError(
        401,
        "gateway_revoked",
        Text("这个网关已被平台停用。", "This gateway has been revoked by the platform."),
        Text(
            "如属误停，请平台管理员恢复，或重新登记网关。", "If that is wrong, ask the administrator or enrol it again."
        ),
    )


def too_busy(limit: int) -> IngestError:
    """One gateway alone may not take all of ingest."""
    return IngestError(
        429,
        "too_many_requests",
        Text(f"同一网关同时上送超过 {limit} 批。", f"This gateway sends more than {limit} batches at once."),
        _COME_BACK,
        retry_after_s=1,
    )


_WHOSE = {"gateway": ("这个网关", "This gateway"), "enterprise": ("这家企业", "This enterprise")}


def over_rows(whose: str, rows_per_s: int, retry_after_s: int) -> IngestError:
    """More rows a second, over a minute, than the administrator allows."""
    zh, en = _WHOSE[whose]
    what = Text(f"{zh}上送超过每秒 {rows_per_s} 条的限额。", f"{en} is over its quota of {rows_per_s} rows a second.")
    return _over_quota(what, retry_after_s)


def over_bytes(whose: str, mb_per_day: int, retry_after_s: int) -> IngestError:
    """More bytes, over a day, than the administrator allows."""
    zh, en = _WHOSE[whose]
    what = Text(f"{zh}上送超过每天 {mb_per_day} MB 的限额。", f"{en} is over its quota of {mb_per_day} MB a day.")
    return _over_quota(what, retry_after_s)


def _over_quota(what: Text, retry_after_s: int) -> IngestError:
    next_step = Text(
        "网关会保留数据，稍后自动重试；需要更高的限额请联系平台管理员。",
        "The gateway keeps its data and tries again; ask the platform's administrator for a higher quota.",
    )
    return IngestError(429, "over_quota", what, next_step, retry_after_s=retry_after_s)


def crowded() -> IngestError:
    """All gateways together send more than memory should hold."""
    return IngestError(
        503,
        "ingest_crowded",
        Text("平台此刻接收的数据过多。", "The platform is receiving more than it can hold at this moment."),
        _COME_BACK,
        retry_after_s=1,
    )


def past_waits() -> IngestError:
    """Readings of the past, while there is enough to do with those of today."""
    return IngestError(
        503,
        "past_waits",
        Text("平台正忙于当前的读数，历史数据稍候。", "The platform is busy with the readings of now; history waits."),
        Text("导入会自动继续，不用处理。", "The import goes on by itself; nothing needs to be done."),
        retry_after_s=1,
    )


def body_too_large(limit_bytes: int = LARGEST_BATCH_BYTES) -> IngestError:
    """Stopped before it is read to its end."""
    return IngestError(
        413,
        "body_too_large",
        Text(f"正文超过 {limit_bytes} 字节。", f"The body is larger than {limit_bytes} bytes."),
    )


def body_broken_off() -> IngestError:
    """The line went down while the body was on its way."""
    return IngestError(400, "body_broken_off", Text("正文没有传完。", "The body broke off before its end."), _COME_BACK)


def body_stalled() -> IngestError:
    """Nothing more of the body came for so long that its place is given to others."""
    return IngestError(
        503,
        "body_stalled",
        Text("正文传到一半停住了。", "The body stopped on its way."),
        _COME_BACK,
        retry_after_s=5,
    )


def header_wrong(name: str, why_zh: str, why_en: str) -> IngestError:
    """A header that is missing or makes no sense."""
    return IngestError(
        400, "header_wrong", Text(f"请求头 {name} 不对：{why_zh}。", f"The header {name} is wrong: {why_en}.")
    )


def overlap(first: int, last: int) -> IngestError:
    """Some of these readings were received in a batch that was cut differently."""
    return IngestError(
        409,
        "sequence_overlap",
        Text(
            f"序号 {first} 到 {last} 只有一部分收到过，说明网关重排了数据。",
            f"Only part of the numbers {first} to {last} was received before: the gateway cut its data anew.",
        ),
    )


def scattered() -> IngestError:
    """Numbers with thousands of holes: a gateway that makes up its sequence."""
    return IngestError(
        409,
        "sequence_scattered",
        Text("这个网关的序号断点过多。", "The sequence numbers of this gateway have too many holes or epochs."),
    )


def time_out_of_reach(zh: str, en: str) -> IngestError:
    """A timestamp that cannot be true."""
    return IngestError(
        422,
        "time_out_of_reach",
        Text(f"读数的时间不可信：{zh}。", f"The time of a reading cannot be true: {en}."),
        Text(
            "这些读数已搁置，不影响其余数据；请校准网关和设备的时钟。",
            "They are kept aside, the others went in; set the clocks of the gateway and its machines.",
        ),
    )


def text_too_long(limit: int) -> IngestError:
    """A text reading is a state or a short message, not a document."""
    return IngestError(
        422,
        "text_too_long",
        Text(f"文字读数超过 {limit} 字节。", f"A text reading is longer than {limit} bytes."),
    )


def not_aside(number: int) -> IngestError:
    """Nothing of that number in the quarantine: sent again or discarded by somebody else meanwhile."""
    return IngestError(
        404,
        "not_aside",
        Text(f"隔离区里没有第 {number} 号。", f"There is no number {number} in the quarantine."),
        Text(
            "它可能已被重新入库或丢弃；请刷新列表。", "It may have gone in or been discarded; look at the list again."
        ),
    )


def hopeless() -> IngestError:
    """What must not go in a second time."""
    return IngestError(
        409,
        "not_replayable",
        Text(
            "这一份不能重新入库：其中一部分已经收到过，或者只剩损坏的字节。",
            "This cannot be sent again: part of it was received otherwise, or only damaged bytes are left.",
        ),
        Text("可以下载后核对，再丢弃。", "Download and compare it, then discard it."),
    )


def unreadable(fault: Exception) -> IngestError:
    """A JSON body that does not fit its shape; ``fault`` names the place."""
    return IngestError(400, "body_unreadable", Text(f"正文读不懂：{fault}。", f"The body cannot be read: {fault}."))


def not_found(path: str) -> IngestError:
    """No such address."""
    return IngestError(
        404,
        "path_unknown",
        Text(f"没有这个地址：{path}。", f"There is no such address: {path}."),
        Text("请核对地址，或升级网关。", "Check the address, or update the gateway."),
    )


def wrong_method(allowed: str) -> IngestError:
    """GET where POST is meant, or the other way round."""
    return IngestError(
        405,
        "method_wrong",
        Text(f"这个地址只接受 {allowed}。", f"This address takes {allowed} only."),
        Text("请核对请求方法。", "Check the request's method."),
    )


def internal() -> IngestError:
    """Our own mistake; the log has the details. The gateway keeps its data."""
    return IngestError(
        503,
        "internal_fault",
        Text("平台内部出错，已记入日志。", "The platform made a mistake; its log has the details."),
        _COME_BACK,
        retry_after_s=5,
    )
