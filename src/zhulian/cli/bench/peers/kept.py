"""What a peer made of the rows that Zhulian took in the same run."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kept:
    """Rows a second until the last was acknowledged, and until all could be asked for; bytes of a row once stopped."""

    acknowledged_per_s: float
    rows_per_s: float
    row_bytes: float


def size_bytes(folder: Path) -> int:
    """All files in ``folder``."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
