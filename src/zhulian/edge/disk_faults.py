"""The trouble that a gateway's disk makes, in words: what happened, and what to do on that machine."""

import sqlite3
from pathlib import Path

from zhulian.edge.faults import EdgeError, fault


def disk_fault(error: sqlite3.Error, path: Path) -> EdgeError:
    """The disk's trouble in words."""
    words = str(error)
    keeps = ("读数暂存在内存，存满后采集会等待。", "Readings stay in memory for now; when that is full, reading waits.")
    if "disk is full" in words:
        return fault(
            "outbox_disk_full",
            f"磁盘满了，读数写不进 {path}。{keeps[0]}",
            f"The disk is full; readings cannot be written to {path}. {keeps[1]}",
            "请在这台机器上腾出空间，或把 gateway.state 移到更大的磁盘；腾出后会自动继续。",
            "Free some space, or move gateway.state to a larger disk; it goes on by itself.",
        )
    if "readonly" in words or "unable to open" in words:
        return fault(
            "outbox_read_only",
            f"{path} 不能写入（{words}）。{keeps[0]}",
            f"{path} cannot be written ({words}). {keeps[1]}",
            "请检查磁盘是否变为只读（dmesg）、文件夹权限是否改变；恢复后会自动继续。",
            "See whether the disk turned read-only (dmesg) or its permissions changed; it goes on by itself.",
        )
    if "malformed" in words or "not a database" in words:
        return fault(
            "outbox_damaged",
            f"{path} 已损坏（{words}）。",
            f"{path} is damaged ({words}).",
            "重启网关时它会被移到旁边保存，并新建一个；请检查磁盘。",
            "At the next start it is moved aside and a new one begun; check the disk.",
        )
    return fault(
        "outbox_disk_fault",
        f"读写 {path} 出错（{words}）。{keeps[0]}",
        f"Reading or writing {path} failed ({words}). {keeps[1]}",
        "请检查磁盘健康（smartctl、dmesg）；恢复后会自动继续。",
        "Check the disk's health (smartctl, dmesg); it goes on by itself.",
    )
