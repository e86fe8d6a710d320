"""Work that the platform does by itself: at a time of day, every so often, or when somebody asks for it.

The schedule is a table in ``portal/jobs.py``; this room decides what is due, runs it once, and keeps what came of it.
"""
