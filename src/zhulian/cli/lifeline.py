"""No orphans: a child that ends when its parent does, even when the parent was killed with no chance to say so."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Looked up here, not after a fork, where taking the loader's lock could hang.
_prctl = ctypes.CDLL(None, use_errno=True).prctl if sys.platform.startswith("linux") else None


def die_with_parent(parent: int, signal_number: int = signal.SIGTERM) -> None:
    """Ask Linux to send ``signal_number`` to this process when ``parent`` ends; elsewhere nothing happens.

    The parent's id is handed in: one that is asked for here may be that of whoever took the orphan over.
    """
    if _prctl is None:
        return
    _prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal_number)
