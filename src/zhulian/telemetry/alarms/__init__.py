"""Alarms: rules over readings, judged while they come in, right for late and repeated data, kept through any crash.

Pure at heart: ``rules`` and ``expressions`` say what is watched, ``judging`` and ``composed`` turn readings into
verdicts, ``states`` turns verdicts into the beginning and end of alarms, ``engine`` puts them together; no input or
output in any of them. ``running`` keeps events on disk and answers the portal. Decision 0028.
"""
