"""The glossary has a line for every public class of the shared words and the records."""

import ast
import re
from pathlib import Path

ROW = re.compile(r"^\| (?P<cells>.+) \|$", re.MULTILINE)
IDENTIFIER = re.compile(r"`([A-Za-z_]+)`")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def rows(repository: Path) -> list[list[str]]:
    text = (repository / "docs/glossary.md").read_text("utf-8")
    found = [[cell.strip() for cell in row["cells"].split(" | ")] for row in ROW.finditer(text)]
    return [cells for cells in found if cells[0] not in ("术语", "---")]


def public_classes(path: Path) -> set[str]:
    classes = (node.name for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.ClassDef))
    return {name for name in classes if not name.startswith("_")}


def test_every_public_class_of_the_words_and_the_records_has_a_term(repository: Path) -> None:
    sources = [
        *(repository / "src/zhulian/vocabulary").glob("*.py"),
        *(repository / "src/zhulian/organisations/models").glob("*.py"),
    ]
    classes = set().union(*(public_classes(path) for path in sources))
    explained = {name for cells in rows(repository) for cell in cells for name in IDENTIFIER.findall(cell)}
    assert classes
    assert sorted(classes - explained) == []


def test_one_term_has_one_line(repository: Path) -> None:
    terms = [cells[0] for cells in rows(repository)]
    assert sorted({term for term in terms if terms.count(term) > 1}) == []


def test_each_line_maps_a_chinese_term_to_an_identifier(repository: Path) -> None:
    assert not [cells for cells in rows(repository) if not CHINESE.search(cells[0]) or not cells[1].strip()]


def test_every_role_stands_in_the_glossary(repository: Path) -> None:
    from zhulian.vocabulary.roles import ROLE_NAMES

    text = (repository / "docs/glossary.md").read_text("utf-8")
    assert not [role for role, name in ROLE_NAMES.items() if f"{role.value} {name.zh}" not in text]
