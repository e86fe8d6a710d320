"""Refusals of this room, each with what to do next."""

from collections.abc import Sequence

from zhulian.organisations.rules import RecordsError
from zhulian.vocabulary.errors import Text


class ImportsError(RecordsError):
    """An import that cannot go on like this; the register was not changed."""


def wrong_state(state: Text) -> ImportsError:
    """The run is in another state than the act needs: somebody was quicker."""
    return ImportsError(
        "import_state",
        Text(f"这次导入现在是“{state.zh}”，不能这样操作。", f"This import is now “{state.en}”; that is not possible."),
        Text("请刷新页面看最新状态。", "Reload the page to see how it stands."),
    )


def unmapped(titles: Sequence[Text]) -> ImportsError:
    """Columns without which no row can be read."""
    zh, en = "、".join(title.zh for title in titles), ", ".join(title.en for title in titles)
    return ImportsError(
        "import_unmapped",
        Text(f"还没有指定必填的列：{zh}。", f"No column is named yet for: {en}."),
        Text("请在“列的对应”里为它们各选一列。", "Choose a column for each of them under “Columns”."),
    )


def row_changed_meanwhile(number: int) -> ImportsError:
    """Two people correct the same row; the second is told, and nothing is lost."""
    return ImportsError(
        "import_row_changed",
        Text(
            f"第 {number} 行刚刚被别人改过，您的修改没有保存。",
            f"Somebody has just changed row {number}; your change was not saved.",
        ),
        Text("请看最新内容后再改。", "Look at it as it is now, then change it."),
    )


def changed_meanwhile() -> ImportsError:
    """The preview that was agreed to is not the one in force."""
    return ImportsError(
        "import_changed",
        Text(
            "预览之后这次导入又被改过，没有提交。",
            "This import was changed after the preview you saw; nothing was committed.",
        ),
        Text("请看最新的预览，再确认导入。", "Look at the preview as it is now, then commit."),
    )


def nothing_to_commit() -> ImportsError:
    """All rows are faulty or the same as in the register."""
    return ImportsError(
        "import_nothing",
        Text("没有需要写入的行：都有误，或与库里一致。", "No row is left to write: all are faulty or change nothing."),
        Text("请改正有误的行，或结束这次导入。", "Correct the faulty rows, or end this import."),
    )


def undo_too_late() -> ImportsError:
    """A day has passed."""
    return ImportsError(
        "undo_late",
        Text("导入已超过 24 小时，不能整体撤销。", "More than 24 hours have passed; it cannot be undone as a whole."),
        Text("请在各档案里逐个更正。", "Correct the files one by one."),
    )


def undo_refused(reasons: Sequence[Text]) -> ImportsError:
    """Records that somebody changed since; all reasons up to a screenful."""
    shown, more = reasons[:10], len(reasons) - 10
    zh, en = "；".join(reason.zh for reason in shown), "; ".join(reason.en for reason in shown)
    rest_zh, rest_en = (f"；另有 {more} 条", f"; {more} more") if more > 0 else ("", "")
    return ImportsError(
        "undo_refused",
        Text(
            f"{len(reasons)} 条记录导入后又有变化，没有撤销任何内容：{zh}{rest_zh}。",
            f"{len(reasons)} records changed after the import; nothing was undone: {en}{rest_en}.",
        ),
        Text(
            "可以选“撤销其余”，只恢复没有再变的记录。", "Choose “undo the others” to restore those that did not change."
        ),
    )
