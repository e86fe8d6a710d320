"""Makes the tables where they are missing, migrates a store of an earlier Zhulian, refuses one of a later."""

from zhulian.telemetry.store import schema
from zhulian.telemetry.store.errors import store_newer
from zhulian.telemetry.store.mending import Run
from zhulian.telemetry.store.migrations import MIGRATIONS
from zhulian.telemetry.store.retiring import finish_begun


def prepare(run: Run) -> None:
    """Bring a database to :data:`schema.VERSION`; ``run`` gives a statement's answer as text. Raises StoreError.

    The version is written when everything is in place: before that, the next start goes on where this one ended. A
    step of retention that was begun is finished here too, because nothing may be inserted before that.
    """
    run(schema.SCHEMA_VERSION.statement)
    found = int(run(schema.READ_VERSION))
    if found > schema.VERSION:
        raise store_newer(found, schema.VERSION)
    for rollup in schema.OUTLIVING:  # sums are never compared without what was kept
        run(rollup.kept.statement)
    for version in range(found + 1, schema.VERSION + 1):
        if version in MIGRATIONS:
            MIGRATIONS[version](run)
    for statement in schema.STATEMENTS:
        run(statement)
    if found < schema.VERSION:
        run(schema.WRITE_VERSION)
    finish_begun(run)
