"""What an import leaves in the audit trail: one entry for the run; the records have entries of their own."""

from collections.abc import Mapping

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.imports.models import ImportRun
from zhulian.organisations.tenancy import Scope, actor


def record_run(scope: Scope, action: str, run: ImportRun, numbers: Mapping[str, int]) -> None:
    """Who brought which file in, or took it back, with how many records."""
    changes = {name: (0, number) for name, number in numbers.items()}
    subject = Subject("import", run.pk, run.filename)
    record(actor(scope), action, subject, organisation=None, changes=changes, note=run.sha256)
