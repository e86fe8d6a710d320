"""Pure decisions about files of the past: what a title probably means, which point a name is, what may follow what."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from zhulian.organisations.rules import RecordsError
from zhulian.telemetry.backfill.layout import Layout
from zhulian.vocabulary.errors import Text

STATE_WORDS = {
    "draft": Text("待开始", "Not begun"),
    "waiting": Text("排队中", "Waiting"),
    "running": Text("导入中", "Running"),
    "done": Text("已导入", "Imported"),
    "stopped": Text("已停止", "Stopped"),
    "failed": Text("未完成", "Not finished"),
}
BEGUN = frozenset({"waiting", "running", "done", "stopped", "failed"})
MAY_GO_ON = frozenset({"stopped", "failed"})
MAY_STOP = frozenset({"waiting", "running"})
CARRIED_ELSEWHERE = "backfill_carried_elsewhere"
NOTHING_NEW = "backfill_nothing_new"
_WORDS: dict[str, tuple[str, ...]] = {
    "time": ("时间", "时刻", "日期", "timestamp", "datetime", "time", "date", "ts"),
    "name": ("点位", "测点", "位号", "标签", "变量", "指标", "tagname", "tag", "point", "sensor", "name", "code"),
    "value": ("数值", "值", "读数", "value", "val"),
    "quality": ("质量码", "质量", "quality", "qualitycode", "status"),
}
_BRACKET = re.compile(r"[\s]*[（(\[].*?[)）\]]\s*$")


class PointName(NamedTuple):
    """A point as people may write it."""

    id: int
    machine: str
    name: str
    address: str = ""

    @property
    def words(self) -> str:
        """Machine and point, as pages write it."""
        return f"{self.machine} / {self.name}"


class BackfillRefused(RecordsError):  # noqa: N818 - it names what happened, as TelemetryRefused does
    """An import that cannot be begun, or not now; nothing was changed."""


def guess(titles: Sequence[str]) -> dict[str, str]:
    """What the titles say: ``shape`` and the columns of time, name, value, quality, as far as they are clear."""
    found: dict[str, str] = {}
    for field, words in _WORDS.items():
        by_word = (title for word in words for title in titles if _plain(title) == word)
        by_part = (title for word in words[:6] for title in titles if word in _plain(title))
        chosen = next((title for title in (*by_word, *by_part) if title not in found.values()), "")
        if chosen:
            found[field] = chosen
    found.setdefault("time", titles[0] if titles else "")
    if "name" in found and "value" in found:
        return {"shape": "long", **found}
    return {"shape": "wide", "time": found["time"]}


def _plain(title: str) -> str:
    return _BRACKET.sub("", title).strip().lower()


def matched(names: Iterable[str], points: Sequence[PointName]) -> dict[str, int]:
    """Those of ``names`` that are one point and no other: ``#17``, machine and point, address, or a name alone."""
    known = _spellings(points)
    found: dict[str, int] = {}
    for name in names:
        point = known.get(_key(name)) or known.get(_key(_BRACKET.sub("", name)))
        if point:
            found[name] = point
    return found


def _spellings(points: Sequence[PointName]) -> dict[str, int]:
    sure = {f"#{point.id}": point.id for point in points}
    for joint in ("/", " / ", ".", "_", " ", "-", "\\"):
        sure |= {_key(f"{point.machine}{joint}{point.name}"): point.id for point in points}
    alone = [(_key(word), point.id) for point in points for word in {point.name, point.address} if word]
    often = Counter(word for word, _ in alone)
    return {word: point for word, point in alone if often[word] == 1} | sure


def _key(name: str) -> str:
    return " ".join(name.split()).lower()


def not_yet_read(layout: Layout, earlier: Iterable[Layout]) -> dict[str, int]:
    """The points of ``layout`` that no earlier import of the file has read. Raises when one read it otherwise.

    A file's readings are numbered by what is read from it; so what was read once is never read again, and a second
    import brings what the first had no point for.
    """
    left = dict(layout.points)
    for one in earlier:
        if not layout.same_reading(one):
            raise read_otherwise()
        left = {name: point for name, point in left.items() if name not in one.points}
    return left


def without(points: Mapping[str, int], taken: Iterable[int]) -> dict[str, int]:
    """Points, none of them twice: the second name of a point would mix two series into one."""
    seen = set(taken)
    found: dict[str, int] = {}
    for name, point in points.items():
        if point not in seen:
            seen.add(point)
            found[name] = point
    return found


def read_otherwise() -> BackfillRefused:
    """The file is known, under other columns, another zone or another form of time."""
    return BackfillRefused(
        "backfill_read_otherwise",
        Text(
            "这个文件按另一种时间或列的设定导入过，再导入会把同样的读数算两遍。",
            "This file was imported with other columns or another reading of its times; it would count twice.",
        ),
        Text(
            "请沿用原来的设定；若原来的设定有误，先请管理员删除那段读数，再导出一份新文件导入。",
            "Use the earlier settings; if they were wrong, have those readings deleted and export the file anew.",
        ),
    )


def nothing_new(filename: str) -> BackfillRefused:
    """Every point of it is in already."""
    return BackfillRefused(
        NOTHING_NEW,
        Text(f"“{filename}”里这些点位的读数已经导入过。", f"The readings of these points of “{filename}” are in."),
        Text("不需要再导入；没有读数被重复计入。", "There is nothing to do; no reading was counted twice."),
    )


def unfinished() -> BackfillRefused:
    """An earlier import of the same file has not come to its end."""
    return BackfillRefused(
        "backfill_unfinished",
        Text("同一个文件有一次导入还没有完成。", "An import of the same file has not come to its end."),
        Text("请先在历史数据导入记录里让它继续。", "Let that one go on first; it stands in the list of imports."),
    )


def carried_elsewhere() -> BackfillRefused:
    """Another process is at it."""
    return BackfillRefused(
        CARRIED_ELSEWHERE,
        Text("另一个进程正在进行这次导入。", "Another process is carrying this import."),
        Text("不需要做什么；它停下后别的进程会接着做。", "There is nothing to do; another goes on when it ends."),
    )


def no_points() -> BackfillRefused:
    """No name of it is a point."""
    return BackfillRefused(
        "backfill_no_point",
        Text("文件里没有一个名称对上平台的点位。", "No name in the file is a point of this enterprise."),
        Text(
            "请指出名称各是哪个点位；还没有的点位先登记。",
            "Say which point each name is; register missing points first.",
        ),
    )


def same_point_twice(words: str) -> BackfillRefused:
    """Two names for one point."""
    return BackfillRefused(
        "backfill_point_twice",
        Text(f"“{words}”被对应了两次。", f"“{words}” was chosen twice."),
        Text("一个点位只能来自一个名称。", "A point takes its readings from one name only."),
    )


def unknown_point(text: str) -> BackfillRefused:
    """What was typed is no point of the enterprise."""
    return BackfillRefused(
        "backfill_unknown_point",
        Text(f"没有“{text}”这个点位。", f"There is no point “{text}”."),
        Text("请从列表中选择，或写成“设备 / 点位”。", "Choose one from the list, or write “machine / point”."),
    )


def wrong_state(state: str) -> BackfillRefused:
    """Not possible as it stands."""
    now = STATE_WORDS[state]
    return BackfillRefused(
        "backfill_wrong_state",
        Text(f"这次导入的状态是“{now.zh}”。", f"This import stands at “{now.en}”."),
        Text("请刷新页面看它现在怎样。", "Load the page again to see how it is now."),
    )


def too_large(most_mb: int) -> BackfillRefused:
    """More than the browser should carry."""
    return BackfillRefused(
        "backfill_too_large",
        Text(f"文件超过 {most_mb} MB，网页不接收。", f"The file is larger than {most_mb} MB."),
        Text(
            "请把文件放到服务器上，用 zhulian telemetry import 导入；大小不限。",
            "Put it on the server and use zhulian telemetry import, which takes any size.",
        ),
    )


def wrong_choice(field: str) -> BackfillRefused:
    """A form that was changed by hand."""
    return BackfillRefused(
        "backfill_wrong_choice",
        Text(f"“{field}”不能这样选。", f"“{field}” cannot be chosen like that."),
        Text("请在页面上重新选择。", "Choose again on the page."),
    )
