"""How long the sample city keeps readings: two years raw, ten years by the hour; fast currents for one year."""

from zhulian.organisations.tenancy import SYSTEM
from zhulian.retention import queries, workflows
from zhulian.telemetry.queries import Keep

TERMS = {(None, ""): Keep(730, 3650), (None, "A"): Keep(366, 3650)}


def make() -> None:
    """Terms of the city; left alone when somebody has chosen some."""
    if queries.chosen_terms(SYSTEM):
        return
    for key, keep in TERMS.items():
        workflows.set_term(SYSTEM, key, keep)
