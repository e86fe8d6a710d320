"""What comes to its end is announced every night, and stands on the desk of the enterprise until it is renewed."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from zhulian.desk import workflows as desk
from zhulian.desk.rules import Audience, Outcome
from zhulian.evidence import queries
from zhulian.evidence.models import Fact
from zhulian.evidence.queries import ExpiringRow
from zhulian.evidence.workflows.events import FactExpiring
from zhulian.organisations.tenancy import SYSTEM
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.events import announce

NOTICE_DAYS = 30


def announce_expiring(today: date) -> int:
    """Announce each document or statement that ends within :data:`NOTICE_DAYS`; returns how many. Safe to call again.

    One task an enterprise and date: it names how many facts end, and leads to the page where they are renewed.
    """
    by_enterprise: dict[int, list[ExpiringRow]] = defaultdict(list)
    for row in queries.every_expiring(SYSTEM, today, NOTICE_DAYS):
        by_enterprise[row.enterprise].append(row)
        announce(FactExpiring(row.fact.id, row.enterprise, row.fact.key, row.valid_until))
    for enterprise, rows in by_enterprise.items():
        _open(enterprise, rows)
    return sum(map(len, by_enterprise.values()))


def close_renewed(facts: Sequence[Fact], today: date) -> None:
    """Close the renewal tasks that ``facts``, which were just stated about one enterprise, have dealt with."""
    enterprise = facts[0].enterprise_id
    if enterprise is None:
        return
    ended = Fact.objects.filter(
        enterprise_id=enterprise,
        key__in={fact.key for fact in facts},
        evidence_class__in=queries.RENEWED,
        valid_until__range=(today - timedelta(days=NOTICE_DAYS), today + timedelta(days=NOTICE_DAYS)),
    )
    days = set(ended.order_by().values_list("valid_until", flat=True).distinct())
    if days:
        left = {row.valid_until for row in queries.every_expiring(SYSTEM, today, NOTICE_DAYS, enterprise)}
        for day in days - left:
            desk.close_task(_key(enterprise, day), Outcome.DONE)


def _open(enterprise: int, rows: list[ExpiringRow]) -> None:
    by_day: dict[date, list[ExpiringRow]] = defaultdict(list)
    for row in rows:
        by_day[row.valid_until].append(row)
    for day, ending in by_day.items():
        names = [row.name for row in ending[:3]]
        more = len(ending) - len(names)
        desk.open_task(
            _key(enterprise, day),
            Text(
                f"续期：{'、'.join(name.zh for name in names)}{f' 等 {len(ending)} 项' if more else ''}",
                f"Renew: {', '.join(name.en for name in names)}{f' and {more} more' if more else ''}",
            ),
            f"/enterprises/{enterprise}/facts/expiring/",
            Audience(enterprise=enterprise),
            source="证据续期",
            due=day,
            is_sample=ending[0].is_sample,
        )


def _key(enterprise: int, day: date) -> str:
    return f"renewal:{enterprise}:{day.isoformat()}"
