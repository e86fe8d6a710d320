"""A jobs process with a schedule of its own, for tests that kill it: ``python -m peers.jobs_process``.

Its one job writes a line into FOLDER/began, waits until FOLDER/go exists, and writes its result once.
"""

import os
import time as clock
from datetime import time
from pathlib import Path

from zhulian.jobs.rules import Daily, Job, Turn
from zhulian.vocabulary.errors import Text

FOLDER = Path(os.environ.get("JOBS_PROCESS_FOLDER", "."))


def slow(turn: Turn) -> Text:
    with (FOLDER / "began").open("a") as began:
        began.write(f"{os.getpid()}\n")
    while not (FOLDER / "go").exists():
        clock.sleep(0.02)
    (FOLDER / "done").write_text(turn.due.isoformat())
    return Text("做完了。", "Done.")


SCHEDULE = (Job("test.slow", Text("慢", "Slow"), Daily(time(0, 0)), slow, Text("测试", "Test")),)


def main() -> None:
    from zhulian.portal.start import migrate, start_django

    start_django()
    from django.conf import settings

    settings.JOBS_SCHEDULE = "peers.jobs_process.SCHEDULE"
    migrate()
    from zhulian.jobs import worker

    worker.TICK_S = 0.05
    process = worker.JobsProcess()
    process.end_on_signals()
    process.run(lambda: print("ready", flush=True))  # noqa: T201


if __name__ == "__main__":
    main()
