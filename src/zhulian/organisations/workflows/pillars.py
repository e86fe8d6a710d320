"""The dictionary of pillar industries and chains, kept by the bureau; files follow it at once."""

from collections.abc import Sequence

from zhulian.organisations.models import Enterprise, PillarCode
from zhulian.organisations.rules.files import longest_prefix


def repillar(enterprises: Sequence[Enterprise] | None = None) -> None:
    """Write the pillar industry of every file (or of some) anew from the dictionary; one statement an entry."""
    if enterprises is None:
        Enterprise.objects.exclude(pillar=None).update(pillar=None)
        for prefix, pillar in sorted(_prefixes(), key=lambda pair: len(pair[0])):  # the longest is written last
            Enterprise.objects.filter(industry__startswith=prefix).update(pillar=pillar)
        return
    prefixes = _prefixes()
    for row in enterprises:
        row.pillar_id = longest_prefix(row.industry, prefixes)


def _prefixes() -> list[tuple[str, int]]:
    return list(PillarCode.objects.values_list("prefix", "pillar_id"))
