"""Sentences that pages build from counts: short, and right in both languages."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from zhulian.portal.pages.figures import State
from zhulian.vocabulary.errors import Text

TOPICS: Mapping[str, Text] = {
    "账号与角色": Text("账号与角色", "Accounts and roles"),
    "平台通知": Text("平台通知", "Notices"),
    "企业认领": Text("企业认领", "Claims"),
    "企业名录": Text("企业名录", "Register"),
    "企业档案": Text("企业档案", "Enterprise files"),
    "疑点核实": Text("疑点核实", "Flags"),
    "设备联网": Text("设备联网", "Connecting machines"),
    "设备报警": Text("设备报警", "Machine alarms"),
    "证据续期": Text("证据续期", "Renewal of evidence"),
    "填报": Text("填报", "Returns"),
    "待办提醒": Text("待办提醒", "Reminders"),
}
"""Where tasks and messages come from, by the word in the records."""


def machines_sentence(counted: Mapping[State, int], outage: str = "") -> str:
    """One sentence of state, the thing that needs a person first: “3 machines: 1 cannot be reached, 2 reporting”."""
    total = sum(counted.values())
    if not total:
        return _("还没有接入设备")
    head = ngettext("%(n)s 台设备", "%(n)s 台设备", total) % {"n": total}
    if outage:
        return head + _("，状态暂时读不到")
    words = {
        State.FAULT: _("%(n)s 台连不上"),
        State.STOPPED: _("%(n)s 台静默"),
        State.IDLE: _("%(n)s 台读数不全或迟到"),
        State.UNKNOWN: _("%(n)s 台等待首个读数"),
        State.RUNNING: _("%(n)s 台采集中"),
    }
    parts = [words[state] % {"n": counted[state]} for state in words if counted.get(state)]
    return head + _("：") + _("，").join(parts)
