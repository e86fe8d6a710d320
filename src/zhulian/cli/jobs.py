"""``zhulian jobs``: the process that does the platform's own work: what is scheduled, and what is queued."""

import logging
import threading

import click

from zhulian.vocabulary.errors import Text, ZhulianError

STOP_S = 5.0


@click.command("jobs", help="运行定时和排队的任务，直到被停止。 / Run scheduled and queued work until it is stopped.")
def command() -> None:
    """Listens for alarms and carries files of past readings too. Prints "ready"; SIGTERM lets a begun task end."""
    from zhulian.portal.start import pending_migrations, start_django

    start_django()
    if pending_migrations():
        raise ZhulianError(
            "records_old",
            Text("业务数据库还没有更新到这个版本。", "The records are not in the form of this version yet."),
            Text("请运行 zhulian migrate。", "Run zhulian migrate."),
        )
    from zhulian.jobs.worker import JobsProcess
    from zhulian.portal.alarm_listener import AlarmListener
    from zhulian.portal.backfill_carrier import BackfillCarrier

    logging.getLogger("django_tasks_db").setLevel(logging.WARNING)
    logging.getLogger("django_tasks").setLevel(logging.WARNING)
    process, beside = JobsProcess(), (AlarmListener(), BackfillCarrier())
    process.end_on_signals()
    threads = [threading.Thread(target=one.run, name=type(one).__name__, daemon=True) for one in beside]
    for thread in threads:
        thread.start()
    try:
        process.run(lambda: click.echo("ready"))
    finally:
        for one in beside:
            one.end()
        for thread in threads:
            thread.join(STOP_S)
