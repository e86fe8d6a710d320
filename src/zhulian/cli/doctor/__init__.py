"""``zhulian doctor``: what is wrong with a platform, and the cure, part by part."""

from zhulian.cli.doctor.command import command

__all__ = ["command"]
