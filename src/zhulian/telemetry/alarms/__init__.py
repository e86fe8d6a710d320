"""Alarms: rules over readings, judged while they come in, right for late and repeated data, kept through any crash.

Pure at heart: ``rules`` and ``expressions`` say what is watched, ``judging`` and ``composed`` (by ``computing``) turn
readings into verdicts, ``states`` turns verdicts into the beginning and end of alarms, ``said`` keeps these, and
``engine`` puts it all together, with ``replaying`` for late readings; no input or output in any of them. ``running``
keeps ``events`` on disk and gives the portal its ``answers``. Decision 0028.
"""
