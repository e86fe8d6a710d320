"""The only reader of this room: lists of alarms and rules, one of each, the load on operators, the roster.

Values are frozen, lists are paged, and the number of statements does not grow with the rows.
"""

from zhulian.alarms.queries.duties import DutyRow, duties, patience
from zhulian.alarms.queries.limits import Curve, Limit, curve, limits_of
from zhulian.alarms.queries.load import Load, load
from zhulian.alarms.queries.occurrences import AlarmFilter, AlarmRow, alarm, alarms, badge, newest_of_machine
from zhulian.alarms.queries.pulse import pulse, pulse_of_all
from zhulian.alarms.queries.watching import RuleFilter, RuleRow, editions, may_act, progress, rule, rule_set, rules

__all__ = [
    "AlarmFilter",
    "AlarmRow",
    "Curve",
    "DutyRow",
    "Limit",
    "Load",
    "RuleFilter",
    "RuleRow",
    "alarm",
    "alarms",
    "badge",
    "curve",
    "duties",
    "editions",
    "limits_of",
    "load",
    "may_act",
    "newest_of_machine",
    "patience",
    "progress",
    "pulse",
    "pulse_of_all",
    "rule",
    "rule_set",
    "rules",
]
