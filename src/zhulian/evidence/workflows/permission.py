"""Who may state something: the enterprise's own people, and whoever keeps up its file."""

from zhulian.evidence import queries
from zhulian.evidence.models import Fact
from zhulian.evidence.rules import EvidenceClass
from zhulian.organisations.queries import ENTERPRISE
from zhulian.organisations.rules import NotAllowedError, NotVisibleError
from zhulian.organisations.tenancy import Scope

OFFICIAL_SOURCES = frozenset({"statement:bureau", "statement:county"})


def may_state(scope: Scope, enterprise: int | None) -> bool:
    """Whether this person may state something about ``enterprise``, which they can see (``None``: about the city)."""
    return scope.keeps_city if enterprise is None else enterprise in scope.own or scope.may_keep(enterprise)


def refuse_unless_stating(scope: Scope, enterprise: int) -> None:
    """404 for an enterprise out of sight, 403 for one that may only be looked at."""
    if not scope.enterprises().filter(pk=enterprise).exists():
        raise NotVisibleError(ENTERPRISE)
    if not may_state(scope, enterprise):
        raise NotAllowedError


def may_correct(scope: Scope, old: Fact) -> bool:
    """People correct what people stated, never what a machine measured; an enterprise only what it said itself."""
    if is_platform(scope):
        return True
    if old.evidence_class == EvidenceClass.A.value or not may_state(scope, old.enterprise_id):
        return False
    return scope.keeps_city or bool(scope.keeps_areas) or old.source not in OFFICIAL_SOURCES


def may_correct_fact(scope: Scope, fact: int) -> bool:
    """The same for a fact by its id, which has to be in sight."""
    return may_correct(scope, queries.one_record(scope, fact))


def refuse_unless_own(scope: Scope, old: Fact) -> None:
    """403 unless :func:`may_correct`."""
    if not may_correct(scope, old):
        raise NotAllowedError


def is_platform(scope: Scope) -> bool:
    """Whether nobody in particular acts: the platform's own hand."""
    return scope.person is None and scope.administers
