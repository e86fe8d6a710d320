"""What an import leaves in the audit trail."""

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.backfill.models import Backfill
from zhulian.organisations.tenancy import Scope, actor


def record_import(scope: Scope, action: str, row: Backfill, note: str) -> None:
    """Who let which file begin, stopped it, or that it is in."""
    subject = Subject("backfill", row.pk, row.filename)
    record(actor(scope), action, subject, organisation=row.enterprise_id, note=note)
