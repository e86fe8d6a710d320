"""The same thing twice in one file: the first row stands, the later ones are told which row they repeat."""

from collections.abc import Sequence

from zhulian.imports.rules.fields import Draft, Note
from zhulian.vocabulary.errors import Text


def repeated(drafts: Sequence[Draft], keys: Sequence[str], words: Text) -> dict[int, Note]:
    """Row number → what it repeats, for rows whose values of all ``keys`` stood in an earlier row."""
    first: dict[tuple[object, ...], int] = {}
    found: dict[int, Note] = {}
    for draft in drafts:
        key = tuple(draft.values.get(name) for name in keys)
        if any(part in (None, "") for part in key):
            continue
        earlier = first.setdefault(key, draft.number)
        if earlier != draft.number:
            found[draft.number] = Note(
                keys[-1], Text(f"{words.zh}与第 {earlier} 行重复", f"{words.en} stands in row {earlier} already")
            )
    return found
