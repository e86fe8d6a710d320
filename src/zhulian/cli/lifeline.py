"""No orphans: a child that ends when its parent does, even when the parent was killed with no chance to say so."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def die_with_parent(signal_number: int = signal.SIGTERM) -> None:
    """Ask Linux to send ``signal_number`` to this process when its parent ends; elsewhere nothing happens."""
    if not sys.platform.startswith("linux"):
        return
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal_number)
    if os.getppid() != parent:  # it ended before we could ask
        os.kill(os.getpid(), signal_number)
