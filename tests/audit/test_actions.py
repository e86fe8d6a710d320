"""The catalogue of actions: whatever a workflow records has a sentence in both languages."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from zhulian.audit.rules.actions import ACTIONS, declared

RECORDERS = {"record", "_record", "Draft", "noted", "_note"}
LOOKERS = {"record_view", "shown"}
ACTION = re.compile(r"^[a-z][a-z_]*\.[a-z][a-z_]*$")


def named(call: ast.Call) -> str:
    return getattr(call.func, "id", getattr(call.func, "attr", ""))


def texts(call: ast.Call) -> Iterator[str]:
    """Every text among the arguments, also of ``"a" if new else "b"``."""
    for argument in [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "action")]:
        yield from (
            node.value for node in ast.walk(argument) if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )


def recorded(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if named(call) in RECORDERS:
            yield from (text for text in texts(call) if ACTION.match(text))
        if named(call) in LOOKERS and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
            yield f"view.{call.args[1].value}"


def test_every_action_that_is_recorded_is_declared(repository: Path) -> None:
    found = {action: path for path in (repository / "src/zhulian").rglob("*.py") for action in recorded(path)}
    assert len(found) > 20
    assert {action: path.name for action, path in found.items() if action not in ACTIONS} == {}


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_sentences_are_complete_in_both_languages(action: str) -> None:
    text = ACTIONS[action]
    assert ACTION.match(action)
    zh, en = (words.format(actor="甲", subject="乙") for words in (text.zh, text.en))
    assert re.search(r"[\u4e00-\u9fff]", text.zh)
    assert not re.search(r"[\u4e00-\u9fff]", text.en)
    assert zh != en
    assert {name for name in ("{actor}", "{subject}") if name in text.zh} == {
        name for name in ("{actor}", "{subject}") if name in text.en
    }


def test_a_word_that_nobody_declared_is_refused() -> None:
    with pytest.raises(LookupError, match="eaten"):
        declared("enterprise.eaten")
