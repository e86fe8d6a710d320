"""The desk's part of the schedule: reminders, digests, and the outbox on its way out."""

from django.conf import settings

from zhulian.desk import workflows
from zhulian.desk.channels import Line
from zhulian.jobs.rules import Turn
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text


def remind(turn: Turn) -> Text:
    """Reminders of the day for which the turn was due."""
    count = workflows.remind(turn.due.astimezone(SHANGHAI).date())
    return Text(f"提醒了 {count} 项待办。", f"{count} tasks were recalled.")


def digest(turn: Turn) -> Text:
    """Digests of the day for which the turn was due."""
    count = workflows.digest(turn.due.astimezone(SHANGHAI).date())
    return Text(f"写了 {count} 份汇总。", f"{count} digests were written.")


def deliver(_turn: Turn) -> Text:
    """What is due in the outbox."""
    line = Line.allowing(settings.ZHULIAN["ZHULIAN_WEBHOOK_HOSTS"])
    done = workflows.deliver_due(line, settings.ZHULIAN.portal_url)
    return Text(
        f"送达 {done.sent} 条，没送出 {done.failed} 条，免打扰推后 {done.waiting} 条。",
        f"{done.sent} sent, {done.failed} failed, {done.waiting} put off for quiet hours.",
    )
