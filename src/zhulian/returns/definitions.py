"""Form definitions: which facts a form asks for and in which words. Data in ``definitions.toml``."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from zhulian.vocabulary.errors import Text

NOTHING = Text("", "")


class When(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The question is put only if the answer to ``key`` is (not) this option."""

    key: str
    is_: str = msgspec.field(name="is", default="")
    is_not: str = ""

    def holds(self, answer: str) -> bool:
        """Whether the question is put, given the other one's answer; before there is one, it is."""
        if not answer:
            return True
        return answer == self.is_ if self.is_ else answer != self.is_not


class Question(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One question; ``options`` give the catalogue's options their words."""

    key: str
    ask: Text
    help: Text = NOTHING
    is_needed: bool = True
    options: Mapping[str, Text] = {}
    when: When | None = None


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One form."""

    key: str
    title: Text
    words: Text
    question: tuple[Question, ...]

    @property
    def keys(self) -> list[str]:
        """The facts it asks for."""
        return [question.key for question in self.question]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    form: tuple[Form, ...]


@cache
def forms() -> dict[str, Form]:
    """Every form by its key, in the file's order."""
    body = (Path(__file__).parent / "definitions.toml").read_bytes()
    return {form.key: form for form in msgspec.toml.decode(body, type=_File).form}
