"""Every text of the portal has an English one, finished; no catalogue drifts away from the code."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import polib
import pytest

CATALOGUES = "portal/locale/en/LC_MESSAGES"
COLLECT = """
import sys
from pathlib import Path
from django.conf import settings
from django.core.management.commands.makemessages import Command
from django.core.management import call_command
settings.configure(LOCALE_PATHS=[str(Path("portal/locale").resolve())], USE_I18N=True)
call_command(Command(), locale=["en"], domain=sys.argv[1], verbosity=0)
"""


@pytest.fixture(scope="module")
def catalogues(repository: Path) -> list[Path]:
    found = sorted((repository / "src/zhulian" / CATALOGUES).glob("*.po"))
    assert found, "the English catalogue is missing"
    return found


def test_no_translation_is_unfinished(catalogues: list[Path]) -> None:
    for path in catalogues:
        catalogue = polib.pofile(str(path))
        unfinished = [entry.msgid for entry in (*catalogue.untranslated_entries(), *catalogue.fuzzy_entries())]
        assert not unfinished, path.name
        assert not [entry.msgid for entry in catalogue.obsolete_entries()], path.name


def test_placeholders_survive_translation(catalogues: list[Path], need_tool: Callable[[str], Path]) -> None:
    for path in catalogues:
        checked = subprocess.run(
            [need_tool("msgfmt"), "--check-format", "-o", os.devnull, path], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stderr


def test_english_is_calm(catalogues: list[Path]) -> None:
    entries = [entry for path in catalogues for entry in polib.pofile(str(path))]
    assert not [entry.msgid for entry in entries if "!" in entry.msgstr]


def test_the_catalogues_hold_exactly_what_the_code_says(
    repository: Path, catalogues: list[Path], need_tool: Callable[[str], Path], tmp_path: Path
) -> None:
    need_tool("xgettext")
    copy = tmp_path / "zhulian"
    # What the build made is nobody's source.
    shutil.copytree(repository / "src/zhulian", copy, ignore=shutil.ignore_patterns("__pycache__", "built", "*.mo"))
    for path in catalogues:
        subprocess.run([sys.executable, "-c", COLLECT, path.stem], cwd=copy, check=True)
        before, after = polib.pofile(str(path)), polib.pofile(str(copy / CATALOGUES / path.name))
        known, said = texts_of(before), texts_of(after)
        assert sorted(said - known) == [], f"new in the code, not in {path.name}"
        assert sorted(known - said) == [], f"in {path.name}, no longer in the code"


def texts_of(catalogue: polib.POFile) -> set[str]:
    return {f"{entry.msgctxt or ''}|{entry.msgid}" for entry in catalogue if not entry.obsolete}
