"""Personal numbers as they may stand on a page or in the audit trail: enough to recognise, not enough to use.

Pages show them whole to those who may see them and ask for it (``portal.looks.may_unmask``); that is noted as a look.
"""

from collections.abc import Callable, Mapping
from typing import Final

HIDDEN: Final = "****"


def mask_phone(number: str) -> str:
    """``138****5678``; of a short number only its end."""
    number = number.strip()
    return f"{number[:3]}{HIDDEN}{number[-4:]}" if len(number) >= 9 else _end(number)


def mask_email(address: str) -> str:
    """``wa****@example.cn``."""
    name, at, host = address.strip().rpartition("@")
    return f"{name[: min(2, len(name) // 2)]}{HIDDEN}@{host}" if at else _end(address)


def mask_id(number: str) -> str:
    """A citizen's number (GB 11643): the province and county stay, birth, sex and check do not."""
    number = number.strip()
    return f"{number[:6]}{HIDDEN}" if len(number) >= 15 else _end(number)


def _end(text: str) -> str:
    """At most a third of a short text."""
    text = text.strip()
    return f"{HIDDEN}{text[len(text) - len(text) // 3 :]}" if text else ""


MASKS: Final[Mapping[str, Callable[[str], str]]] = {
    "phone": mask_phone,
    "email": mask_email,
    "id_number": mask_id,
}
"""Fields of records that hold personal numbers, by name."""
