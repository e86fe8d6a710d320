"""The sample city: invented enterprises, simulated machines that replay real recordings, thirty days of history.

``zhulian demo`` makes it; ``zhulian machines`` serves its machines; ``zhulian up`` runs both when it is there.
"""

from zhulian.cli.demo.command import command

__all__ = ["command"]
