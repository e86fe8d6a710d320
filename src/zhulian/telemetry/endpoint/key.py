"""The password of the store's endpoint: a random text in ``keys/store.key`` that the platform's processes share."""

import os
import secrets
from pathlib import Path

USER = "zhulian"


def load_or_create_key(path: Path) -> str:
    """The text of ``path``; made at the first call (mode 600), whole or not at all when two processes race."""
    while True:
        try:
            key = path.read_text("ascii").strip()
        except FileNotFoundError:
            key = ""
        if key:
            return key
        _create(path)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(32) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(draft)  # fails when somebody else was first: then theirs counts
    except FileExistsError:
        if not path.stat().st_size:  # a crash of an earlier program left an empty file
            draft.replace(path)
            return
    draft.unlink()
