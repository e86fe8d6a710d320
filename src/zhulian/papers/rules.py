"""Numbers and codes of papers. Pure."""

import secrets
from datetime import datetime

from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing in it is mistaken for something else when read from paper."""
_SIGNS = 16
"""80 bits: not to be guessed, at any rate of asking."""
KINDS = {"enterprise_file": Text("企业档案", "Enterprise file")}


def new_code() -> str:
    """A code nobody can guess."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_SIGNS))


def typed_code(text: str) -> str:
    """A code as somebody typed it from paper: blanks and hyphens gone, O, I and L read as the digits they look like."""
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))[:20]


def grouped(code: str) -> str:
    """For reading: four signs at a time."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def number_of(serial: int, issued_at: datetime) -> str:
    """The document number (文号) of the ``serial``-th paper."""
    return f"筑联档〔{issued_at.astimezone(SHANGHAI).year}〕{serial} 号"
