"""The dictionary of pillar industries and chains, kept by the bureau; files follow it at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from zhulian.audit.rules import Subject
from zhulian.audit.workflows import record
from zhulian.organisations.models import Chain, ChainPosition, Enterprise, PillarCode, PillarIndustry
from zhulian.organisations.rules import NotAllowedError, NotVisibleError, checked_industry
from zhulian.organisations.rules.bodies import POSITIONS
from zhulian.organisations.rules.edits import ChangedMeanwhileError
from zhulian.organisations.rules.files import longest_prefix, refused
from zhulian.organisations.tenancy import Scope, actor
from zhulian.organisations.turns import take_turns
from zhulian.organisations.workflows import trail
from zhulian.vocabulary.errors import Text

PILLAR, CHAIN = Text("支柱产业", "pillar industry"), Text("产业链", "chain")
POSITION = Text("产业链环节", "chain position")


@dataclass(frozen=True, slots=True)
class PillarDraft:
    """One entry as a form gives it; ``codes`` are beginnings of GB/T 4754 codes."""

    name: str
    name_en: str = ""
    source: str = ""
    position: int = 0
    codes: Sequence[str] = ()
    is_sample: bool = False
    id: int = 0
    revision: int = 0


def save_pillar(scope: Scope, draft: PillarDraft) -> int:
    """Save an entry with its codes; a code belongs to one entry only. Every file is counted anew."""
    _keeps_dictionary(scope)
    codes = sorted({checked_industry(code) for code in draft.codes})
    if not 0 < len(draft.name.strip()) <= 60:
        raise refused("pillar_name_wrong", "产业名称应有 1 到 60 个字", "a name has 1 to 60 characters")
    with transaction.atomic():
        row = _pillar(draft)
        before = _said(row) if row.pk else {}
        row.name, row.name_en = draft.name.strip(), draft.name_en.strip()[:120]
        row.source, row.position = draft.source.strip()[:200], min(max(draft.position, 0), 999)
        row.revision, row.changed_name = (row.revision + 1 if row.pk else 1), scope.name
        take_turns("pillars and chains")
        if PillarIndustry.objects.filter(name=row.name).exclude(pk=row.pk or 0).exists():
            raise refused("pillar_exists", f"已有“{row.name}”", f"there is a “{row.name}” already")
        row.save()
        _write_codes(row, codes)
        repillar()
        about = Subject("pillar", row.pk, row.name)
        record(actor(scope), "pillar.saved", about, organisation=None, changes=trail.difference(before, _said(row)))
    return row.pk


def remove_pillar(scope: Scope, pillar: int) -> None:
    """Take an entry out of the dictionary; files that counted to it count to none, chains lose the link."""
    _keeps_dictionary(scope)
    with transaction.atomic():
        row = PillarIndustry.objects.select_for_update().filter(pk=pillar).first()
        if row is None:
            raise NotVisibleError(PILLAR)
        about = Subject("pillar", row.pk, row.name)
        row.delete()
        repillar()
        record(actor(scope), "pillar.removed", about, organisation=None)


def save_chain(
    scope: Scope, name: str, name_en: str = "", *, pillar: int | None = None, chain: int = 0, is_sample: bool = False
) -> int:
    """Add a named chain, or change one."""
    _keeps_dictionary(scope)
    if not 0 < len(name.strip()) <= 60:
        raise refused("chain_name_wrong", "产业链名称应有 1 到 60 个字", "a chain's name has 1 to 60 characters")
    with transaction.atomic():
        found = Chain.objects.select_for_update().filter(pk=chain).first() if chain else Chain(is_sample=is_sample)
        if found is None:
            raise NotVisibleError(CHAIN)
        if pillar is not None and not PillarIndustry.objects.filter(pk=pillar).exists():
            raise NotVisibleError(PILLAR)
        take_turns("pillars and chains")
        if Chain.objects.filter(name=name.strip()).exclude(pk=found.pk or 0).exists():
            raise refused("chain_exists", f"已有“{name.strip()}”", f"there is a “{name.strip()}” already")
        found.name, found.name_en, found.pillar_id = name.strip(), name_en.strip()[:120], pillar
        found.save()
        record(actor(scope), "chain.saved", Subject("chain", found.pk, found.name), organisation=None)
    return found.pk


def take_position(
    scope: Scope, enterprise: int, chain: int, position: str, *, product: str = "", since: date | None = None
) -> int:
    """Say where an enterprise stands in a chain from a day on; an earlier position in that chain ends the same day."""
    on = since or timezone.localdate()
    if position not in POSITIONS:
        raise refused("position_wrong", "请选上游、中游或下游", "choose upstream, midstream or downstream")
    if on > timezone.localdate():
        raise refused("position_in_future", "起始日期还没有到", "the day lies in the future")
    with transaction.atomic():
        firm = _kept(scope, enterprise)
        named = Chain.objects.filter(pk=chain).first()
        if named is None:
            raise NotVisibleError(CHAIN)
        open_ones = ChainPosition.objects.filter(enterprise=firm, chain=named, until=None)
        if open_ones.filter(since__gt=on).exists():
            raise refused("position_overlaps", "现有环节的起始日期更晚", "the present position began later")
        open_ones.update(until=on)
        row = ChainPosition.objects.create(
            enterprise=firm, chain=named, position=position, product=product.strip()[:120], since=on
        )
        changes: trail.Changes = {named.name: (None, position)}
        record(actor(scope), "chain.position", trail.of_enterprise(firm), organisation=firm.pk, changes=changes)
    return row.pk


def leave_position(scope: Scope, position: int) -> None:
    """End a position today; it stays in the file."""
    with transaction.atomic():
        found = ChainPosition.objects.filter(pk=position, until=None, enterprise__in=scope.enterprises()).first()
        if found is None:
            raise NotVisibleError(POSITION)
        firm = _kept(scope, found.enterprise_id)
        found.until = timezone.localdate()
        found.save(update_fields=["until"])
        changes: trail.Changes = {found.chain.name: (found.position, None)}
        record(actor(scope), "chain.position", trail.of_enterprise(firm), organisation=firm.pk, changes=changes)


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


def _keeps_dictionary(scope: Scope) -> None:
    if not scope.keeps_city:
        raise NotAllowedError


def _kept(scope: Scope, enterprise: int) -> Enterprise:
    firm = scope.enterprises().select_for_update().filter(pk=enterprise).first()
    if firm is None:
        raise NotVisibleError(Text("企业", "enterprise"))
    if not scope.may_keep(enterprise):
        raise NotAllowedError
    return firm


def _pillar(draft: PillarDraft) -> PillarIndustry:
    if not draft.id:
        return PillarIndustry(is_sample=draft.is_sample)
    row = PillarIndustry.objects.select_for_update().filter(pk=draft.id).first()
    if row is None:
        raise NotVisibleError(PILLAR)
    if draft.revision != row.revision:
        raise ChangedMeanwhileError(row.changed_name or "zhulian")
    return row


def _write_codes(row: PillarIndustry, codes: Sequence[str]) -> None:
    taken = PillarCode.objects.filter(prefix__in=codes).exclude(pillar=row).select_related("pillar").first()
    if taken is not None:
        zh, en = f"{taken.prefix} 已属于“{taken.pillar.name}”", f"{taken.prefix} belongs to “{taken.pillar.name}”"
        raise refused("code_taken", zh, en)
    PillarCode.objects.filter(pillar=row).exclude(prefix__in=codes).delete()
    present = set(PillarCode.objects.filter(pillar=row).values_list("prefix", flat=True))
    PillarCode.objects.bulk_create([PillarCode(pillar=row, prefix=code) for code in codes if code not in present])


def _said(row: PillarIndustry) -> dict[str, object]:
    codes = " ".join(PillarCode.objects.filter(pillar=row).order_by("prefix").values_list("prefix", flat=True))
    return trail.values(row, ("name", "name_en", "source", "position")) | {"codes": codes}
