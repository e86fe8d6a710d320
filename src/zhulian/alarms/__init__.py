"""报警: who watches over what, what has happened, who has seen it, and who is told when nobody has.

The computing is done in ``telemetry.alarms``; this room keeps the rules as people write them, takes over what the
telemetry process says (:func:`workflows.take_over`), and brings it before people through the desk. Decision 0031.
"""
