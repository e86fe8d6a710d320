"""Writers take turns where a rule is looked up before a row is written.

SQLite's transactions begin with the write lock, so there they do already. PostgreSQL lets two transactions look at the
same moment and write one after the other; called by workflows before the look, this makes the second one wait.
"""

from django.db import connection


def take_turns(*matter: object) -> None:
    """Until this transaction ends, everybody else who calls this with the same ``matter`` waits, then sees our rows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["|".join(map(str, matter))])
