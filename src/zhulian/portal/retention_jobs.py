"""Retention as jobs: every night telemetry is told what holds; every minute it is handed what was confirmed."""

from zhulian.jobs.rules import Turn
from zhulian.portal.telemetry_access import telemetry
from zhulian.retention import queries
from zhulian.retention.workflows import note_progress
from zhulian.vocabulary.errors import Text


def keep(_turn: Turn) -> Text:
    """Tell telemetry what holds; it takes away what is too old by then, step by step."""
    before = telemetry().retention()
    plan = queries.plan_in_force()
    telemetry().set_retention(plan)
    chosen = 1 + len(plan.tenants) + len(plan.groups)
    return Text(
        f"已交给遥测进程：{chosen} 组期限；上一次移走读数 {before.rows} 条。",
        f"Handed over to telemetry: {chosen} sets of terms; the last run took away {before.rows} readings.",
    )


def erase(_turn: Turn) -> Text:
    """Hand over confirmed demands, again until they are done, and note how far they are."""
    waiting = queries.at_work()
    done = 0
    for demand in waiting:
        progress = telemetry().erase(demand.erasure)
        note_progress(demand.id, progress)
        done += progress.is_done
    return Text(
        f"{len(waiting)} 份删除申请在执行，其中 {done} 份完成。",
        f"{len(waiting)} demands for deletion at work, {done} of them done.",
    )
