"""One process a data folder: the store's files allow no second one, and neither does the journal."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zhulian.vocabulary.errors import Text, ZhulianError


class DataFolderInUseError(ZhulianError):
    """Another telemetry process holds the data folder."""


@contextmanager
def hold(folder: Path) -> Iterator[None]:
    """Keep ``folder`` to this process until left; the system lets go when it dies. Raises DataFolderInUseError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "telemetry.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _in_use(folder, os.read(handle, 20).decode(errors="replace").strip()) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)


def _in_use(folder: Path, pid: str) -> DataFolderInUseError:
    return DataFolderInUseError(
        "data_folder_in_use",
        Text(
            f"数据目录 {folder} 正由另一个遥测进程（进程号 {pid}）使用。",
            f"The data folder {folder} is in use by another telemetry process (pid {pid}).",
        ),
        Text(
            "请先停止那个进程，或用 ZHULIAN_DATA 指定另一个目录。",
            "Stop that process first, or name another folder in ZHULIAN_DATA.",
        ),
    )
