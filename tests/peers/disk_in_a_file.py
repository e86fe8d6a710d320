"""A real ext4 file system in a file, whose power can be cut: everything that was not synced is gone afterwards.

The cut is ext4's own shutdown call without flushing its log: no page that is not on the device yet gets there.
Needs root and loop devices.
"""

import fcntl
import os
import struct
import subprocess
from pathlib import Path

_SHUTDOWN = 0x8004587D
"""EXT4_IOC_SHUTDOWN; the argument 2 means "without flushing the log"."""
_WITHOUT_FLUSH = struct.pack("I", 2)


class DiskInAFile:
    """Mounted at ``place`` while entered."""

    def __init__(self, folder: Path, size_mb: int = 1024) -> None:
        self._image = folder / "disk.img"
        self.place = folder / "disk"
        self.place.mkdir()
        with self._image.open("wb") as file:
            file.truncate(size_mb * 2**20)
        subprocess.run(["mkfs.ext4", "-q", "-F", self._image], check=True)

    def mount(self) -> None:
        """Mount again, as after power came back: the file system replays its own log."""
        subprocess.run(["mount", "-o", "loop,data=ordered", self._image, self.place], check=True, capture_output=True)

    def cut_power(self) -> None:
        """From here on nothing reaches the disk; every call on it fails."""
        handle = os.open(self.place, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, _SHUTDOWN, _WITHOUT_FLUSH)
        finally:
            os.close(handle)

    def unmount(self) -> None:
        """Give the disk back; nobody may hold a file on it."""
        subprocess.run(["umount", self.place], check=True)

    def __enter__(self) -> "DiskInAFile":
        self.mount()
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "-l", self.place], check=False)
