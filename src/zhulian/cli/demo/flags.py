"""Flags of the sample city: found by the real rules in its replayed recordings, one of them decided by an officer."""

from collections.abc import Callable

from zhulian.evidence.models import Flag, FlagState
from zhulian.evidence.workflows.flagging import Decision, decide, look
from zhulian.organisations.models import User
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.portal.telemetry_access import telemetry

_NOTE = "演示城市的几台设备回放同一段公开记录，只是相隔几周，所以数据相同。已核对，与真实企业无关。"


def find(show: Callable[[str], None]) -> None:
    """Let the rules look once; the first flag gets an outcome that its enterprise may see."""
    show(str(look(telemetry())))
    first = Flag.objects.filter(is_sample=True, rule="copied").order_by("pk").first()
    if first is not None and first.state == FlagState.OPEN and not first.steps.exists():
        decide(_officer(), first.pk, Decision(FlagState.EXPLAINED, _NOTE, True, first.revision))


def _officer() -> Scope:
    return visible_to(User.objects.get(username="bureau"))
