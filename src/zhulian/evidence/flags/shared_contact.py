"""A provider and its client that are reached at one telephone, mailbox or door: they may be one."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

from zhulian.evidence.flags.known import Body, Hint, Known
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("服务商与企业共用联系方式", "A provider and an enterprise share contact details")
MEANING = Text(
    "服务商与企业的电话、邮箱或门牌地址相同：双方可能是关联方。",
    "Telephone, mailbox or door of a provider and an enterprise are the same: the two may belong together.",
)
COMMONPLACE = 6
"""What so many firms share is an agency's, or an office building's."""
_KINDS = {
    "phones": Text("电话", "telephone"),
    "emails": Text("邮箱", "mailbox"),
    "addresses": Text("地址", "address"),
}
_DOOR = re.compile(r"\d.*(号|室|栋|幢|楼|座|厂房)")
_SHORTEST_ADDRESS = 8


def find(known: Known) -> Iterator[Hint]:
    """One hint for each provider and enterprise."""
    shared: dict[tuple[int, int], list[tuple[str, str]]] = defaultdict(list)
    names: dict[int, str] = {}
    for kind in _KINDS:
        holders: dict[str, list[Body]] = defaultdict(list)
        for body in known.bodies:
            for value in getattr(body, kind):
                holders[value].append(body)
        for value, bodies in holders.items():
            if len(bodies) <= COMMONPLACE:
                for provider, enterprise in _pairs(bodies):
                    shared[provider.provider or 0, enterprise].append((kind, value))
                    names[provider.provider or 0] = provider.name
    for (provider_id, enterprise), found in sorted(shared.items()):
        yield _hint(provider_id, names[provider_id], enterprise, found)


def _pairs(bodies: list[Body]) -> Iterator[tuple[Body, int]]:
    """Providers with enterprises that are not the same legal entity."""
    for provider in bodies:
        for client in bodies:
            is_pair = provider.provider is not None and client.provider is None and client.enterprise is not None
            if is_pair and client.enterprise != provider.enterprise:
                yield provider, client.enterprise or 0


def phone(text: str) -> str:
    """A telephone number by its digits, without the country; empty when it is too short to be one."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    digits = digits.removeprefix("0086") if digits.startswith("0086") else digits
    digits = digits.removeprefix("86") if len(digits) == 13 else digits
    return digits if len(digits) >= 7 else ""


def email(text: str) -> str:
    """A mailbox, spelled in one way."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def address(text: str) -> str:
    """An address down to the door, spelled in one way; empty when it names no door, as that of a whole park."""
    spelled = re.sub(r"[\s,，。.;；\-—－()（）]", "", unicodedata.normalize("NFKC", text))
    return spelled if len(spelled) >= _SHORTEST_ADDRESS and _DOOR.search(spelled) else ""


def masked(kind: str, value: str) -> str:
    """What may stand on a page: enough to compare, not enough to call."""
    if kind == "phones":
        return f"{value[:3]}****{value[-4:]}"
    if kind == "emails":
        return f"{value[:2]}***{value[value.rfind('@') :]}"
    return value


def _hint(provider_id: int, provider: str, enterprise: int, found: list[tuple[str, str]]) -> Hint:
    kinds = [_KINDS[kind] for kind in dict.fromkeys(kind for kind, _ in found)]
    zh, en = "、".join(kind.zh for kind in kinds), ", ".join(kind.en for kind in kinds)
    said = Text(
        f"服务商“{provider}”与本企业的{zh}相同。若双方有合同或领用云券，请核实是否为关联方，交易是否真实。",
        f"The provider “{provider}” and this enterprise have the same {en}. If there are contracts or vouchers between"
        " them, check whether they belong together, and whether the deals are real.",
    )
    columns = (Text("相同的内容", "the same"), Text("值（已遮掩）", "value (masked)"))
    rows = [[{"zh": _KINDS[kind].zh, "en": _KINDS[kind].en}, masked(kind, value)] for kind, value in found]
    title = Text(f"与服务商“{provider}”{zh}相同", f"Same {en} as the provider “{provider}”")
    return Hint(f"{provider_id}-{enterprise}", enterprise, title, said, None, columns, rows)
