"""A real ext4 file system in a file: its power can be cut, it can be filled, and it can be made slow.

The cut is ext4's own shutdown call without flushing its log: no page that is not on the device yet gets there, and
everything that was not synced is gone afterwards. Needs root, mkfs.ext4 and loop devices.
"""

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN; the argument 2 means "without flushing the log"."""
_WITHOUT_FLUSH = struct.pack("I", 2)
_THROTTLE = Path("/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device")
"""Bounds the writes of everybody to one device, so also those of the file system's own log."""


class NoDiskError(RuntimeError):
    """This machine makes no file system in a file; says why."""


class DiskInAFile:
    """Mounted at ``place`` while entered."""

    def __init__(self, folder: Path, size_mb: int = 1024) -> None:
        self._image = folder / "disk.img"
        self.place = folder / "disk"
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(size_mb * 2**20)

    def mount(self) -> None:
        """Mount again, as after power came back: the file system replays its own log."""
        _run("mount", "-o", "loop,data=ordered", self._image, self.place)

    def cut_power(self) -> None:
        """From here on nothing reaches the disk; every call on it fails."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _WITHOUT_FLUSH)
        finally:
            os.close(handle)

    def unmount(self) -> None:
        """Give the disk back; nobody may hold a file on it."""
        _run("umount", self.place)

    @contextmanager
    def filled(self) -> Iterator[None]:
        """Not a block is free inside; another program's file has taken them all."""
        file = self.place / "of another program"
        with file.open("wb") as filler:
            size = shutil.disk_usage(self.place).free
            while size >= os.statvfs(self.place).f_frsize:
                try:
                    os.posix_fallocate(filler.fileno(), filler.seek(0, os.SEEK_END), size)
                except OSError:
                    size //= 2
        try:
            yield
        finally:
            file.unlink()

    @contextmanager
    def slow(self, bytes_per_s: int) -> Iterator[None]:
        """Inside, no more than that is written a second. Raises NoDiskError where the kernel cannot be told so."""
        device = self.place.stat().st_dev
        name = f"{os.major(device)}:{os.minor(device)}"
        try:
            _THROTTLE.write_text(f"{name} {bytes_per_s}")
        except OSError as fault:
            raise NoDiskError(f"a slow disk needs the blkio controller of cgroups, version 1: {fault}") from fault
        try:
            yield
        finally:
            _THROTTLE.write_text(f"{name} 0")

    def __enter__(self) -> "DiskInAFile":
        if os.geteuid() != 0:
            raise NoDiskError("a file system in a file needs a loop device, and that needs root")
        if shutil.which("mkfs.ext4") is None:
            raise NoDiskError("a file system in a file needs mkfs.ext4 (apt-get install e2fsprogs)")
        _run("mkfs.ext4", "-q", "-F", "-m", "0", self._image)
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(NoDiskError):
            _run("umount", "-l", self.place)


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - the system's own tools
    if done.returncode:
        raise NoDiskError(f"{command[0]}: {done.stderr.strip()}")
