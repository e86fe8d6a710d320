"""Makes the tables where they are missing, and refuses a store that a later Zhulian has changed."""

from collections.abc import Callable

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.errors import store_newer


def prepare(run: Callable[[str], str]) -> None:
    """Bring a database to :data:`schema.VERSION`; ``run`` gives a statement's answer as text. Raises StoreError."""
    for statement in schema.STATEMENTS:
        run(statement)
    found = int(run(schema.READ_VERSION))
    if found > schema.VERSION:
        raise store_newer(found, schema.VERSION)
    if found < schema.VERSION:
        run(schema.WRITE_VERSION)
