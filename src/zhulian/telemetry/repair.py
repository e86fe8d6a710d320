"""``zhulian telemetry repair``, while the telemetry process is stopped: parts and sums here, elsewhere sums only."""

from collections.abc import Iterator

from zhulian.telemetry.lock import hold
from zhulian.telemetry.store.engine import open_engine
from zhulian.telemetry.store.mending import Run, days_kept, days_of, mend, mend_folds
from zhulian.telemetry.store.repair import Repaired, repair
from zhulian.vocabulary.settings import Settings


def repaired(settings: Settings) -> Iterator[Repaired]:
    """Each thing that was put right. Raises ZhulianError; DataFolderInUseError while the process runs."""
    from zhulian.telemetry.store.embedded import EmbeddedEngine  # noqa: PLC0415 - the engine is 500 MB of code
    from zhulian.telemetry.store.remote import RemoteEngine  # noqa: PLC0415 - loads only what is used

    with hold(settings.data.root):
        engine = open_engine(settings)
        try:
            if isinstance(engine, EmbeddedEngine):
                yield from repair(engine)
            else:  # parts are that server's own matter
                if isinstance(engine, RemoteEngine):
                    engine.settle()
                yield from _mended(lambda sql: b"".join(engine.query(sql, "TSV")).decode())
        finally:
            engine.close()


def _mended(run: Run) -> Iterator[Repaired]:
    yield from (Repaired("sums_remade", partition) for partition in mend(run, {*days_of(run), *days_kept(run)}))
    yield from (Repaired("folds_dropped", day) for day in mend_folds(run))
