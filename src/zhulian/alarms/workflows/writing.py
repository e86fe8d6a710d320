"""Rules: saved, put out of service, removed. Each change is an edition that stays, an entry in the trail, and news for
the telemetry process (the count in ``Progress``)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from zhulian.alarms.models import PRIORITIES, Edition, Progress, Rule
from zhulian.alarms.queries.watching import RULE
from zhulian.alarms.rules import AlarmError, computed, wrong
from zhulian.alarms.workflows.stirring import stir
from zhulian.audit.rules import Subject as Noted
from zhulian.audit.workflows import record
from zhulian.organisations.models import Machine, Point
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope, actor
from zhulian.vocabulary.clock import to_time_us
from zhulian.vocabulary.errors import Text


@dataclass(frozen=True, slots=True)
class RuleDraft:
    """What a person types. ``settings`` as in ``telemetry.alarms.rules.Rule``; the machine is that of the points."""

    name: str
    kind: str
    priority: int
    points: Sequence[int]
    settings: Mapping[str, object]
    advice: str = ""
    suppressed_by: int | None = None
    is_sample: bool = False


def save_rule(scope: Scope, draft: RuleDraft, rule_id: int | None = None, revision: int = 0) -> int:
    """Add or change a rule. Judging begins anew only when what is computed has changed."""
    machine = _machine(scope, draft.points)
    _check(draft)
    with transaction.atomic():
        row = _rule(scope, rule_id, revision) if rule_id else Rule(version=0, revision=0)
        if rule_id and row.machine_id != machine.pk:
            raise wrong("规则不能换到另一台设备", "a rule cannot move to another machine")
        before = _said(row) if rule_id else {}
        _fill(row, draft, machine, timezone.now())
        _keep(scope, row, "alarm_rule.saved", before)
    return row.pk


def _fill(row: Rule, draft: RuleDraft, machine: Machine, now: datetime) -> None:
    same_name = Rule.objects.filter(machine=machine, name=draft.name.strip(), removed_at=None).exclude(pk=row.pk)
    if same_name.exists():
        raise wrong("这台设备已有同名的规则", "this machine has a rule of that name")
    settings = {name: value for name, value in draft.settings.items() if value not in {None, ""}}
    computes = (draft.kind, list(draft.points), settings)
    if (row.kind, row.points, row.settings) != computes or not row.pk:
        row.version, row.since = row.version + 1, now
    row.kind, row.points, row.settings = computes
    row.enterprise_id, row.machine = machine.enterprise_id, machine
    row.name, row.priority, row.advice = draft.name.strip(), draft.priority, draft.advice.strip()
    row.suppressed_by = _suppressor(row, draft.suppressed_by, machine.enterprise_id)
    row.is_sample = row.is_sample or draft.is_sample
    computed(
        number=row.pk or 0, version=row.version, tenant=row.enterprise_id, kind=row.kind, points=row.points,
        since_us=to_time_us(row.since), settings=settings,
    )  # fmt: skip


def put_out_of_service(scope: Scope, rule_id: int, reason: str, revision: int) -> None:
    """Stop judging, with a reason; an empty one takes the rule into service again, from now on."""
    with transaction.atomic():
        row = _rule(scope, rule_id, revision)
        before = _said(row)
        row.out_of_service = reason.strip()[:200]
        if not row.out_of_service:
            row.version, row.since = row.version + 1, timezone.now()
        _keep(scope, row, "alarm_rule.stopped" if row.out_of_service else "alarm_rule.started", before)


def remove_rule(scope: Scope, rule_id: int, revision: int) -> None:
    """Take a rule away; what it has said stays."""
    with transaction.atomic():
        row = _rule(scope, rule_id, revision)
        before = _said(row)
        row.removed_at = timezone.now()
        _keep(scope, row, "alarm_rule.removed", before)


def _keep(scope: Scope, row: Rule, action: str, before: Mapping[str, object]) -> None:
    row.revision += 1
    row.changed_at, row.changed_name = timezone.now(), scope.name
    row.save()
    said = _said(row)
    Edition.objects.create(rule=row, revision=row.revision, said=said, at=row.changed_at, by_name=scope.name)
    Progress.objects.get_or_create(pk=1)
    Progress.objects.filter(pk=1).update(rules_version=F("rules_version") + 1)
    stir([row.enterprise_id])
    changes = {name: (before.get(name), value) for name, value in said.items() if before.get(name) != value}
    record(actor(scope), action, Noted("alarm_rule", row.pk, row.name), organisation=row.enterprise_id, changes=changes)


def _said(row: Rule) -> dict[str, object]:
    return {
        "name": row.name, "kind": row.kind, "priority": row.priority, "points": row.points, "settings": row.settings,
        "advice": row.advice, "suppressed_by": row.suppressed_by_id, "out_of_service": row.out_of_service,
    }  # fmt: skip


def _check(draft: RuleDraft) -> None:
    if not 0 < len(draft.name.strip()) <= 80:
        raise wrong("规则要有名称，最长 80 字", "a rule needs a name of at most 80 signs")
    if draft.priority not in dict(PRIORITIES):
        raise wrong("优先级是 1 到 4", "the priority is 1 to 4")


def _machine(scope: Scope, points: Sequence[int]) -> Machine:
    """The machine of the first point; every point has to be in sight and of the same enterprise."""
    found = {row.pk: row for row in scope.points().filter(pk__in=points).select_related("machine__enterprise")}
    if not points or len(found) != len(set(points)):
        raise NotVisibleError(Text("点位", "point"))
    first: Point = found[points[0]]
    if {row.machine.enterprise_id for row in found.values()} != {first.machine.enterprise_id}:
        raise wrong("一条规则的点位要属于同一家企业", "all points of a rule belong to one enterprise")
    if not scope.may_configure(first.machine.enterprise_id):
        raise NotAllowedError
    return first.machine


def _rule(scope: Scope, rule_id: int, revision: int) -> Rule:
    row = Rule.objects.select_for_update().filter(pk=rule_id, removed_at=None).first()
    if row is None or not scope.enterprises().filter(pk=row.enterprise_id).exists():
        raise NotVisibleError(RULE)
    if not scope.may_configure(row.enterprise_id):
        raise NotAllowedError
    if row.revision != revision:
        raise AlarmError(
            "alarm_rule_changed",
            Text(
                "同事刚刚改过这条规则，您的修改没有保存。", "A colleague has just changed this rule; nothing was saved."
            ),
            Text("请刷新页面，看过现在的设置再改。", "Reload the page and look at it as it is now."),
        )
    return row


def _suppressor(row: Rule, wanted: int | None, enterprise: int) -> Rule | None:
    if wanted is None:
        return None
    found = Rule.objects.filter(pk=wanted, enterprise=enterprise, removed_at=None).exclude(pk=row.pk).first()
    if found is None or found.suppressed_by_id is not None:
        raise wrong(
            "抑制它的规则不存在，或自己也被抑制", "the suppressing rule does not exist, or is suppressed itself"
        )
    return found
