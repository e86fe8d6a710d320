"""Forms that edit one record: what was typed is always shown again, and nobody undoes another's work unawares.

A form carries what the record said when it was opened. When somebody else saved meanwhile, :func:`attempt` brings the
two together (``organisations.rules.edits``) and the page says field by field what is different.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import Http404, QueryDict

from zhulian.organisations.rules.edits import ChangedMeanwhileError, Difference, merge
from zhulian.organisations.rules.files import refused
from zhulian.portal.pages.enterprises import number
from zhulian.portal.templatetags.zhulian import said
from zhulian.vocabulary.errors import Text, ZhulianError

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``kind``: text, area, date, number, select, check, tel, email, colour, or picker (of enterprises).

    The only option of a picker is what stands in it.
    """

    name: str
    label: Text
    kind: str = "text"
    options: Options = ()
    help: Text | None = None
    required: bool = False
    most: int = 200
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A field as it is drawn."""

    field: Field
    value: str
    theirs: Difference | None

    @property
    def words(self) -> str:
        """What a picker says for its value."""
        return dict(self.field.options).get(self.value, "")


@dataclass
class EditForm:
    """A form with what stands in it."""

    fields: Sequence[Field]
    values: dict[str, str]
    was: dict[str, str] = field(default_factory=dict)
    revision: int = 0
    fault: ZhulianError | None = None
    differences: list[Difference] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        """What the template draws."""
        theirs = {one.name: one for one in self.differences}
        return [Line(one, self.values.get(one.name, ""), theirs.get(one.name)) for one in self.fields]

    @property
    def was_json(self) -> str:
        """What the record said when the form was opened, for the hidden field."""
        return json.dumps(self.was, ensure_ascii=False)

    @property
    def status(self) -> int:
        """Of the answer that shows it."""
        return 409 if self.differences else 422 if self.fault else 200

    def text(self, name: str) -> str:
        """One value."""
        return self.values.get(name, "").strip()

    def is_checked(self, name: str) -> bool:
        """A box."""
        return bool(self.values.get(name))

    def day(self, name: str) -> date | None:
        """A day, ``None`` when it is empty."""
        return day_of(self.text(name))

    def whole(self, name: str) -> int | None:
        """A whole number, ``None`` when it is empty."""
        text = self.text(name).replace(",", "").replace("，", "")
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 12):
            label = next((one.label for one in self.fields if one.name == name), Text(name, name))
            raise refused("number_wrong", f"{label.zh}应为整数", f"{label.en} is a whole number")
        return int(text)


def opened(fields: Sequence[Field], values: Mapping[str, str], revision: int = 0) -> EditForm:
    """The form of a record as it is."""
    return EditForm(fields, dict(values), dict(values), revision)


def posted(fields: Sequence[Field], post: QueryDict) -> EditForm:
    """The form as it was sent."""
    values = {one.name: str(post.get(one.name, "")) for one in fields}
    return EditForm(fields, values, _was(post.get("was", "")), number(post, "revision", 0))


def attempt(form: EditForm, save: Callable[[], object], now: Callable[[], EditForm] | None = None) -> bool:
    """Save; or leave in ``form`` what was refused and why. ``now`` gives the record as it is at present."""
    try:
        save()
    except (Http404, PermissionDenied):
        raise
    except ChangedMeanwhileError as told:
        form.fault = told
        if now is not None:
            _bring_together(form, now())
        return False
    except ZhulianError as fault:
        form.fault = fault
        return False
    return True


def choices(words: Mapping[str, Text], empty: str | None = None) -> Options:
    """Options of a select in the language of the page; ``empty`` is the word for none."""
    named = [(key, said(text)) for key, text in words.items()]
    return named if empty is None else [("", empty), *named]


def day_of(text: str) -> date | None:
    """An ISO day; empty is ``None``."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise refused("day_wrong", f"“{text}”不是日期，请写成 2026-11-25", f"“{text}” is no day") from fault


def _bring_together(form: EditForm, present: EditForm) -> None:
    merged = merge(form.was, present.values, form.values)
    form.values, form.differences = merged.values, merged.differences
    form.was, form.revision = present.values, present.revision


def _was(text: str) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
