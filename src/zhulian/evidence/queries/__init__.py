"""The only reader of evidence: facts, what holds on a day, the catalogue as the city has it, documents.

Each function takes a :class:`~zhulian.organisations.tenancy.Scope` first (the catalogue is the same for everybody) and
returns frozen values with a constant number of statements. The database narrows to what was known and valid;
:mod:`zhulian.evidence.rules` alone decides which of that holds.
"""

from zhulian.evidence.queries.conflicts import ConflictFilter, ConflictRow, Conflicts, conflicts, every_conflict
from zhulian.evidence.queries.documents import (
    DocumentFilter,
    DocumentRow,
    RepeatRow,
    document,
    documents,
    repeats_of,
)
from zhulian.evidence.queries.expiring import RENEWED, ExpiringRow, every_expiring, expiring
from zhulian.evidence.queries.holding import effective, effective_all, effective_of, standing
from zhulian.evidence.queries.keys import KeyFilter, KeyState, catalogue, key_state, keys
from zhulian.evidence.queries.ledger import Chain, FactFilter, FactLine, chain, every_fact, fact, facts
from zhulian.evidence.queries.rows import (
    DOCUMENT,
    FACT,
    document_records,
    fact_row,
    one_record,
    records,
    refuse_foreign_document,
)

__all__ = [
    "DOCUMENT",
    "FACT",
    "RENEWED",
    "Chain",
    "ConflictFilter",
    "ConflictRow",
    "Conflicts",
    "DocumentFilter",
    "DocumentRow",
    "ExpiringRow",
    "FactFilter",
    "FactLine",
    "KeyFilter",
    "KeyState",
    "RepeatRow",
    "catalogue",
    "chain",
    "conflicts",
    "document",
    "document_records",
    "documents",
    "effective",
    "effective_all",
    "effective_of",
    "every_conflict",
    "every_expiring",
    "every_fact",
    "expiring",
    "fact",
    "fact_row",
    "facts",
    "key_state",
    "keys",
    "one_record",
    "records",
    "refuse_foreign_document",
    "repeats_of",
    "standing",
]
