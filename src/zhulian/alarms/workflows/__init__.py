"""The only writer of this room.

``writing``: rules as people save them. ``taking_over``: what the telemetry process says becomes occurrences.
``acting``: acknowledge, shelve. ``telling``: who hears of it, at once, when nobody reacts, when a shelf ends.
``duties``: the roster. ``stirring``: open lists renew themselves.
"""

from zhulian.alarms.workflows.acting import acknowledge, acknowledge_all, shelve, unshelve
from zhulian.alarms.workflows.duties import DutyDraft, add_duty, remove_duty, set_patience
from zhulian.alarms.workflows.taking_over import take_over
from zhulian.alarms.workflows.telling import end_shelves, escalate, tell
from zhulian.alarms.workflows.writing import RuleDraft, put_out_of_service, remove_rule, save_rule

__all__ = [
    "DutyDraft",
    "RuleDraft",
    "acknowledge",
    "acknowledge_all",
    "add_duty",
    "end_shelves",
    "escalate",
    "put_out_of_service",
    "remove_duty",
    "remove_rule",
    "save_rule",
    "set_patience",
    "shelve",
    "take_over",
    "tell",
    "unshelve",
]
