"""What can go wrong with a file of past readings, in words."""

from collections.abc import Sequence

from zhulian.vocabulary.errors import Text, ZhulianError

_TABLE = Text("请导出为 CSV 或 Parquet 再试。", "Export it as CSV or Parquet and try again.")


class BackfillError(ZhulianError):
    """A file that cannot be imported as it is, or as it was asked for."""


def no_table(name: str) -> BackfillError:
    """Empty, or no text."""
    return BackfillError(
        "backfill_no_table",
        Text(f"“{name}”不是 CSV 或 Parquet 表格。", f"“{name}” is no CSV or Parquet table."),
        _TABLE,
    )


def unreadable(name: str, why: str) -> BackfillError:
    """Damaged in the middle."""
    return BackfillError(
        "backfill_unreadable",
        Text(f"“{name}”读到中途出错：{why}。", f"“{name}” cannot be read to its end: {why}."),
        Text("文件可能没有传完或已损坏，请重新导出。", "It may be cut off or damaged: export it again."),
    )


def no_header(name: str, header: int) -> BackfillError:
    """The row that should hold the titles is empty."""
    return BackfillError(
        "backfill_no_header",
        Text(f"“{name}”的第 {header} 行是空的，没有列名。", f"Row {header} of “{name}” is empty: there are no titles."),
        Text("请指出列名在第几行。", "Say in which row the titles are."),
    )


def no_column(title: str, titles: Sequence[str]) -> BackfillError:
    """A column that was asked for."""
    there = "、".join(titles[:20])
    return BackfillError(
        "backfill_no_column",
        Text(f"文件里没有“{title}”这一列，只有：{there}。", f"There is no column “{title}”, only: {there}."),
        Text("请选择时间、点位和数值所在的列。", "Choose the columns of time, point and value."),
    )


def file_changed(name: str) -> BackfillError:
    """Written to while it was read: what was counted is not what is there."""
    return BackfillError(
        "backfill_file_changed",
        Text(f"“{name}”在读取过程中被改动了。", f"“{name}” was changed while it was read."),
        Text("请等文件写完再导入；没有读数入库。", "Import it when it is complete; no reading went in."),
    )


def zone_unknown(zone: str) -> BackfillError:
    """No such time zone."""
    return BackfillError(
        "backfill_zone_unknown",
        Text(f"不认识时区“{zone}”。", f"“{zone}” is no known time zone."),
        Text("请写成 Asia/Shanghai 这样的名称，或 UTC。", "Write a name like Asia/Shanghai, or UTC."),
    )


def no_point() -> BackfillError:
    """Nothing in the file has a place on the platform."""
    return BackfillError(
        "backfill_no_point",
        Text("文件里没有一个点位和平台上的点位对得上。", "None of the file's points is known to the platform."),
        Text(
            "请先登记设备和点位，或指出文件里的名称各是哪个点位。",
            "Register machines and points first, or say which point each name is.",
        ),
    )
