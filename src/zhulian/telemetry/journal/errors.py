"""What can go wrong with the journal: the gateway is asked to wait, or the process does not start."""

import errno
from pathlib import Path

from zhulian.vocabulary.errors import Text, ZhulianError

_SENDER_KEEPS = Text(
    "网关会保留数据并自动重发，没有丢失；请平台管理员处理后，接收会自行恢复。",
    "Gateways keep their data and send it again, nothing is lost; once cured, reception resumes by itself.",
)
_CAUSES = {
    errno.ENOSPC: ("disk_full", "磁盘已满", "the disk is full"),
    errno.EDQUOT: ("disk_full", "磁盘配额已用完", "the disk quota is used up"),
    errno.EROFS: ("disk_read_only", "磁盘变为只读", "the disk has become read-only"),
    errno.EACCES: ("disk_forbidden", "没有写入权限", "the folder may not be written"),
}


class JournalError(ZhulianError):
    """A batch that could not be made durable just now; whoever sent it keeps it and comes back."""


class JournalDamagedError(ZhulianError):
    """A journal whose checkpoint cannot be used: starting anyway could lose or double readings."""


def full(limit_bytes: int) -> JournalError:
    """The store has not kept up for so long that the journal reached its bound."""
    return JournalError(
        "journal_full",
        Text(
            f"待入库数据已达上限（{limit_bytes // 2**20} MB），存储暂时跟不上。",
            f"Data waiting for the store has reached its bound of {limit_bytes // 2**20} MB.",
        ),
        Text(
            "网关会保留数据并稍后重发；若持续出现，请运行 zhulian doctor 查看存储。",
            "Gateways keep their data and come back later; if this lasts, run zhulian doctor and look at the store.",
        ),
    )


def unwritable(fault: OSError, folder: Path) -> JournalError:
    """The disk refused; named after the system's own reason."""
    code, zh, en = _CAUSES.get(fault.errno or 0, ("disk_fault", f"磁盘错误（{fault}）", f"disk fault ({fault})"))
    return JournalError(
        code, Text(f"数据写不进 {folder}：{zh}。", f"Data cannot be written to {folder}: {en}."), _SENDER_KEEPS
    )


def closing() -> JournalError:
    """The process is on its way out."""
    return JournalError(
        "stopping", Text("平台正在停止或重启。", "The platform is stopping or restarting."), _SENDER_KEEPS
    )


def checkpoint_unreadable(path: Path, why: str) -> JournalDamagedError:
    """No start without it: it says what the store already holds."""
    return JournalDamagedError(
        "checkpoint_unreadable",
        Text(f"检查点文件不可用：{path}（{why}）。", f"The checkpoint cannot be used: {path} ({why})."),
        Text(
            "请从备份恢复整个数据目录。不要只删除这个文件：那样重发的数据会被重复计入。",
            "Restore the whole data folder from a backup. Do not just delete this file: re-sent data would then "
            "be counted twice.",
        ),
    )
