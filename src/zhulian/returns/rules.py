"""What an answer means: typed text to a fact's value, faults in plain words, which questions are put. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from zhulian.evidence.catalogue import FactKey, unit_name
from zhulian.evidence.checks import check_value, period_of
from zhulian.evidence.rules import EvidenceError, Settled, Value
from zhulian.returns.definitions import Form, Question
from zhulian.spreadsheets import cells
from zhulian.vocabulary.errors import Text, ZhulianError

CONFIRMED = "="
"""An answer that says: what is known is right. Nothing typed can look like it, because it is trimmed and no value."""
YES, NO = Text("是", "Yes"), Text("否", "No")
MONEY_UNIT = "万元"


SOURCES = {
    "collector": Text("设备数据", "machine data"),
    "computed": Text("平台计算", "computed"),
    "document": Text("证明材料", "a document"),
    "import": Text("导入的名录", "an imported list"),
    "statement:enterprise": Text("企业自报", "the enterprise's statement"),
    "statement:county": Text("县区登记", "the county"),
    "statement:bureau": Text("市经信局登记", "the bureau"),
}


class ReturnsError(ZhulianError):
    """A form or reporting task that cannot be handled as asked; nothing typed was lost."""


class ReturnState(StrEnum):
    """Where a return stands."""

    OPEN = "open"
    SENT = "sent"


STATES = {ReturnState.OPEN: Text("未填报", "Not sent"), ReturnState.SENT: Text("已填报", "Sent")}


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger knows about a question before it is put."""

    settled: Settled

    @property
    def value(self) -> Value:
        """What holds."""
        return self.settled.value

    @property
    def source(self) -> Text:
        """Where it comes from, in words."""
        source = self.settled.fact.source
        return SOURCES.get(source) or SOURCES.get(source.partition(":")[0]) or Text(source, source)


@dataclass(frozen=True, slots=True)
class Put:
    """A question as it is put to one enterprise: its fact, what is known, what was typed, what is wrong with that."""

    number: int
    question: Question
    fact: FactKey
    known: Known | None
    typed: str
    by: str = ""
    """Who typed it."""

    @property
    def is_confirmed(self) -> bool:
        """Whether the known value was called right."""
        return self.typed == CONFIRMED and self.known is not None

    @property
    def text(self) -> str:
        """What stands in the field."""
        return "" if self.typed == CONFIRMED else self.typed

    @property
    def known_words(self) -> Text:
        """What is known, as people say it, with its unit."""
        assert self.known is not None  # noqa: S101 - asked only where something is known
        words = said(self.question, self.fact, written(self.fact, self.known.value))
        return Text(f"{words.zh} {self.unit.zh}".strip(), f"{words.en} {self.unit.en}".strip())

    @property
    def answer_words(self) -> Text:
        """What was typed, as people say it, with its unit."""
        words = said(self.question, self.fact, self.text)
        return Text(f"{words.zh} {self.unit.zh}".strip(), f"{words.en} {self.unit.en}".strip())

    @property
    def unit(self) -> Text:
        """The unit in which it is typed."""
        return unit_of(self.fact, unit_name(self.fact.unit))

    @property
    def chosen(self) -> frozenset[str]:
        """The options ticked."""
        return frozenset(filter(None, self.text.split("、")))

    @property
    def fault(self) -> Text | None:
        """Why this cannot be sent yet; ``None`` when it can."""
        if self.is_confirmed:
            return None
        if not self.text:
            return _missing(self) if self.question.is_needed or self.known else None
        found = read(self.question, self.fact, self.text)
        return found if isinstance(found, Text) else None

    @property
    def is_done(self) -> bool:
        """Whether something was answered and is right."""
        return bool(self.typed) and self.fault is None


def put(form: Form, facts: Mapping[str, FactKey], known: Mapping[str, Settled], typed: Mapping[str, tuple[str, str]],
        day: date) -> list[Put]:  # fmt: skip
    """The questions that are put for the period in which ``day`` lies; those that do not apply are left out."""
    found: list[Put] = []
    for question in form.question:
        fact = facts[question.key]
        if question.when and not question.when.holds(_answer(question.when.key, known, typed)):
            continue
        text, by = typed.get(question.key, ("", ""))
        settled = known.get(question.key)
        fits = settled is not None and (not fact.by_period or settled.fact.period_end == period_of(fact, day)[1])
        found.append(Put(len(found) + 1, question, fact, Known(settled) if settled and fits else None, text, by))
    return found


def _answer(key: str, known: Mapping[str, Settled], typed: Mapping[str, tuple[str, str]]) -> str:
    text = typed.get(key, ("", ""))[0]
    if text and text != CONFIRMED:
        return text
    settled = known.get(key)
    return str(settled.value) if settled else ""


def read(question: Question, fact: FactKey, text: str) -> Value | Text:
    """What was typed as the value that the ledger keeps, or why it is none."""
    found = _READERS[fact.kind](question, text)
    if isinstance(found, Text):
        return found
    try:
        check_value(fact, found)
    except EvidenceError as fault:
        return Text(fault.what.zh.rstrip("。"), fault.what.en.rstrip("."))
    return found


def written(fact: FactKey, value: Value) -> str:
    """A value as one would type it; the inverse of :func:`read`."""
    if fact.kind == "fen" and isinstance(value, int):
        return cells.as_typed(Decimal(value) / cells.UNITS_FEN[MONEY_UNIT])
    if fact.kind == "ratio" and isinstance(value, int | float):
        return cells.as_typed(round(Decimal(repr(value)) * 100, 6))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return "、".join(value)
    return cells.as_typed(value) if isinstance(value, float) else str(value)


def said(question: Question, fact: FactKey, text: str) -> Text:
    """What was typed as people say it."""
    if fact.kind == "flag":
        return {"yes": YES, "no": NO}.get(text, Text(text, text))
    names = [question.options.get(one, Text(one, one)) for one in text.split("、")]
    return Text("、".join(name.zh for name in names), ", ".join(name.en for name in names))


def unit_of(fact: FactKey, unit: Text) -> Text:
    """The unit in which an answer is typed."""
    if fact.kind == "fen":
        return Text("万元", "万元 (10,000 yuan)")
    return Text("%", "%") if fact.kind == "ratio" else unit


def _missing(one: Put) -> Text:
    if one.known:
        return Text("请确认这个数对不对", "Say whether this is right")
    return Text("还没有回答", "Not answered yet")


def _ratio(_question: Question, text: str) -> Value | Text:
    found = cells.number(text.strip().removesuffix("%").removesuffix("％"))
    return found if isinstance(found, Text) else round(found / 100, 8)


def _fen(_question: Question, text: str) -> Value | Text:
    return cells.money_fen(cells.Given(text), MONEY_UNIT)


def _flag(_question: Question, text: str) -> Value | Text:
    return cells.yes_no({"yes": "是", "no": "否"}.get(text, text))


def _text(question: Question, text: str) -> Value | Text:
    if not question.options:
        return text.strip()
    found = _option(question, text)
    return found or Text(f"“{text[:20]}”不在可选项中", f"“{text[:20]}” is none of the options")


def _options(question: Question, text: str) -> Value | Text:
    parts = [part for part in text.replace("，", "、").replace(",", "、").split("、") if part.strip()]
    found = [_option(question, part) for part in parts]
    if "" in found:
        return Text(f"“{parts[found.index('')][:20]}”不在可选项中", "One of them is none of the options")
    return tuple(dict.fromkeys(found))


def _option(question: Question, text: str) -> str:
    """The option's code by itself or by its words."""
    word = text.strip()
    if word in question.options:
        return word
    return next((code for code, name in question.options.items() if word in {name.zh, name.en}), "")


_READERS = {
    "count": lambda _question, text: cells.whole(text),
    "number": lambda _question, text: cells.number(text),
    "ratio": _ratio,
    "fen": _fen,
    "text": _text,
    "flag": _flag,
    "options": _options,
}
