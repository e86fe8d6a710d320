"""The portal's own secret, with which Django signs sessions; called by ``settings`` when it is first needed."""

import contextlib
import os
import secrets
import tempfile
from pathlib import Path


def load_or_create_secret(path: Path) -> str:
    """The text in ``path`` (mode 600), made at the first call; processes that race for it agree on one."""
    if not path.exists():
        _create(path)
    return path.read_text("ascii").strip()


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as draft:  # made with mode 600
        draft.write(secrets.token_urlsafe(48))
        draft.flush()
        os.fsync(draft.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft.name, path)
