"""What tests of every room may ask for: recordings that are not shipped, and tools that a machine may lack.

A test that needs either says so by a fixture, never by an ``if`` of its own: then a clone without them is green and
prints why, and the machine that must have everything (``CI=true``) fails instead of skipping quietly.
"""

import importlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
from django.test import TransactionTestCase

ROOT = Path(__file__).resolve().parents[1]


def lacking(what: str) -> NoReturn:
    """Skip because ``what`` is not here; under CI=true fail, since there it was promised."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI=true, and {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the clone."""
    return ROOT


@pytest.fixture(scope="session")
def need_tool() -> Callable[[str], Path]:
    """``need_tool("mbpoll")`` gives the program's path, or skips with the reason (fails when CI=true)."""

    def find(name: str) -> Path:
        found = shutil.which(name)
        return Path(found) if found else lacking(f"this test needs the program {name}, which is not installed")

    return find


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """``shared_data("nab")`` gives a folder of recordings that are not shipped, or skips and names the missing folder.

    They lie in ``ZHULIAN_TEST_DATA``, by default in ``../shared/data`` beside the clone. A clone without them is
    complete, so this skips under CI=true as well.
    """
    given = os.environ.get("ZHULIAN_TEST_DATA")
    base = Path(given) if given else ROOT.parent / "shared" / "data"

    def find(name: str = "") -> Path:
        folder = base / name
        if not folder.exists():
            pytest.skip(f"no recordings in {folder}; set ZHULIAN_TEST_DATA to the folder that holds {name or 'them'}")
        return folder

    return find


@pytest.fixture(autouse=True, scope="session")
def emptied_trail() -> None:
    """After a test that commits, Django empties every table; the triggers of the audit trail would refuse."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(case: TransactionTestCase) -> None:
        from django.db import connection

        triggers = importlib.import_module("zhulian.audit.migrations.0002_refuse_changes")
        with connection.schema_editor() as editor:
            triggers.switch_off(None, editor)
        try:
            empty(case)
        finally:
            with connection.schema_editor() as editor:
                triggers.switch_on(None, editor)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
