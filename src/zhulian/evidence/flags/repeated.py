"""The same invoice, file or photo handed in twice: recognised when it is uploaded, listed here for the officer."""

from collections.abc import Iterator

from zhulian.evidence.flags.known import Hint, Known, Pair, Paper
from zhulian.vocabulary.clock import SHANGHAI
from zhulian.vocabulary.errors import Text

VERSION = 1
TITLE = Text("发票、文件或照片重复", "An invoice, file or photo used twice")
MEANING = Text(
    "同一张发票、同一个文件或几乎相同的照片提交了两次，可能在两家企业之间。",
    "One invoice, one file or nearly the same photo was handed in twice, perhaps by two enterprises.",
)
_REASONS = {
    "file": Text("同一个文件", "the same file"),
    "invoice": Text("同一张发票", "the same invoice"),
    "photo": Text("同一张或相似的照片", "the same or a similar photo"),
}


def find(known: Known) -> Iterator[Hint]:
    """One hint for each enterprise that a pair concerns."""
    for pair in known.pairs:
        yield _hint(pair, pair.later, pair.earlier)
        if pair.later.enterprise != pair.earlier.enterprise:
            yield _hint(pair, pair.earlier, pair.later)


def _hint(pair: Pair, own: Paper, other: Paper) -> Hint:
    reason = _REASONS[pair.reason]
    is_elsewhere = own.enterprise != other.enterprise
    where = Text("另一家企业", "another enterprise") if is_elsewhere else Text("本企业", "the same enterprise")
    far = (
        Text(f"，两图 64 位特征中有 {pair.distance} 位不同", f"; the pictures differ in {pair.distance} of 64 bits")
        if pair.reason == "photo"
        else Text("", "")
    )
    said = Text(
        f"材料“{own.name}”与{where.zh}提交的一份材料是{reason.zh}{far.zh}。请核对是误传、补交，还是重复使用。",
        f"“{own.name}” is {reason.en} as one that {where.en} handed in{far.en}. Check whether it was a slip, handed in"
        " again, or used twice.",
    )
    columns = (
        Text("提交", "handed in"),
        Text("材料", "document"),
        Text("发票号码", "number"),
        Text("开具日期", "issued"),
        Text("提交人", "by"),
    )
    rows = [_row(own, is_open=True), _row(other, is_open=not is_elsewhere)]
    title = Text(f"“{own.name}”与{where.zh}的材料重复", f"“{own.name}” was handed in before by {where.en}")
    key = f"{pair.later.id}-{pair.earlier.id}-{pair.reason}"
    others = (other.enterprise,) if is_elsewhere else ()
    return Hint(key, own.enterprise, title, said, None, columns, rows, (), others)


def _row(paper: Paper, *, is_open: bool) -> list[object]:
    """What another enterprise handed in is its own affair: only when."""
    when = f"{paper.uploaded_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    if not is_open:
        return [when, {"zh": "另一家企业的材料", "en": "another enterprise's document"}, "", "", ""]
    return [when, paper.name, paper.number, str(paper.issued_on or ""), paper.uploaded_by]
