"""What tests of every room may ask for: recordings that are not shipped, and tools that a machine may lack.

A test that needs either says so by a fixture, never by an ``if`` of its own: then a clone without them is green and
prints why, and the machine that must have everything (``CI=true``) fails instead of skipping quietly.
"""

import importlib
import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from copy import deepcopy
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from zlib import crc32

import hypothesis
import pytest
from django.conf import settings
from django.core.signals import setting_changed
from django.db import connections, transaction
from django.test import TransactionTestCase, override_settings
from django.test.client import ClientHandler
from pytest_django import Settings as DjangoSettings
from pytest_django.plugin import DjangoDbBlocker

from peers import migrated
from zhulian.cli.bench.peers import postgresql as server
from zhulian.portal import databases
from zhulian.vocabulary.settings import read_settings

if TYPE_CHECKING:
    from peers.records import World  # its models need Django to be set up

hypothesis.settings.register_profile("shared machine", deadline=None)  # slow there says nothing about the code
hypothesis.settings.load_profile("shared machine")
ROOT = Path(__file__).resolve().parents[1]
ONLY_POSTGRESQL = {"postgresql", "two_connections"}
TOUCH_RECORDS = {"db", "transactional_db", "live_server"} | ONLY_POSTGRESQL
"""A test that asks for one of these, itself or through its fixtures, runs on both databases."""
SECRET_KEY = "only-for-tests"
_servers = ExitStack()


def pytest_addoption(parser: pytest.Parser) -> None:
    """``pytest --postgresql``: the tests that touch records, on a PostgreSQL of their own; all others are left out.

    ``--records`` and ``--no-records`` are the two parts of a plain run, which ``./test`` lets go side by side, as it
    does with the two halves on PostgreSQL (``--share 1/2`` and ``--share 2/2``).
    """
    parser.addoption("--postgresql", action="store_true", help="run what touches records on PostgreSQL")
    parser.addoption("--records", action="store_true", help="run what touches records only")
    parser.addoption("--no-records", action="store_true", help="leave out what touches records")
    parser.addoption("--share", default="1/1", help="run one of several equal shares: 2/3 is the second of three")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the database; the one that the person who runs the tests may have in use is left alone."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends and tidies up as Ctrl-C does
    os.environ.pop("ZHULIAN_DATABASE", None)
    binaries = server.programs() if config.getoption("postgresql") else None
    if binaries and not config.option.collectonly:
        os.environ["ZHULIAN_DATABASE"] = _servers.enter_context(server.serving(binaries))
    settings.DATABASES["default"] = databases.records(read_settings(os.environ))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # half a second less a password
    connections.__dict__.pop("settings", None)
    if hasattr(connections._connections, "default"):
        del connections["default"]


def pytest_unconfigure() -> None:
    """Also after a failure or an interrupt."""
    _servers.close()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL only what touches records; without a server that is skipped, and fails where CI=true."""
    apart = {item for item in items if not _is_wanted(item, config)}
    config.hook.pytest_deselected(items=[item for item in items if item in apart])
    items[:] = [
        item for _, them in groupby(items, _module) for item in sorted(them, key=_in_world) if item not in apart
    ]
    if config.getoption("postgresql") and server.programs() is None:
        for item in items:
            item.add_marker(pytest.mark.usefixtures("no_postgresql"))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A part that holds none of the tests asked for has nothing to say."""
    is_part = any(session.config.getoption(name) for name in ("postgresql", "records", "no_records"))
    if is_part and exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    number, shares = map(int, config.getoption("share").split("/"))
    return crc32(item.nodeid.encode()) % shares == number - 1 and _is_of_part(item, config)


def _is_of_part(item: pytest.Item, config: pytest.Config) -> bool:
    touches = _touches_records(item)
    if config.getoption("postgresql"):
        return touches
    if ONLY_POSTGRESQL & set(getattr(item, "fixturenames", ())):
        return False
    return not config.getoption("no_records" if touches else "records")


def _module(item: pytest.Item) -> Path:
    return item.path


def _in_world(item: pytest.Item) -> bool:
    """Tests without a world go first, since the module's first one to ask for it makes it for all that follow."""
    return "modules_world" in getattr(item, "fixturenames", ())


def _touches_records(item: pytest.Item) -> bool:
    names = set(getattr(item, "fixturenames", ()))
    return bool(names & TOUCH_RECORDS) or item.get_closest_marker("django_db") is not None


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, django_db_keepdb: bool) -> bool:
    """The throw-away server goes with its databases; dropping one first would wait for a pool to let go of it."""
    return django_db_keepdb or bool(request.config.getoption("postgresql"))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None) -> None:
    """pytest-django's own, on a copy of a database that is migrated already."""
    if request.config.getoption("postgresql"):
        migrated.in_database(os.environ["ZHULIAN_DATABASE"], "test_zhulian")
        request.getfixturevalue("django_db_setup")
    else:
        with migrated.in_memory():
            request.getfixturevalue("django_db_setup")


@pytest.fixture(autouse=True)
def own_data_folder(request: pytest.FixtureRequest) -> None:
    """No test of what touches records touches the data of the person who runs it."""
    if _touches_records(request.node):
        changed: DjangoSettings = request.getfixturevalue("settings")
        changed.ZHULIAN = read_settings({"ZHULIAN_DATA": str(request.getfixturevalue("tmp_path") / "data")})
        changed.SECRET_KEY = SECRET_KEY


@pytest.fixture(scope="module")
def modules_world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator["World"]:
    """Made in a transaction around the module; each test has one of its own inside, so none sees another's traces."""
    from peers.records import make_world

    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(SECRET_KEY=SECRET_KEY):
            world = make_world()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(modules_world: "World", db: None) -> "World":
    """Two enterprises and people of every role. A test that commits makes its own (``make_world``)."""
    return deepcopy(modules_world)


@pytest.fixture
def postgresql() -> Iterator[str]:
    """The address of an empty database of this test's own; such a test runs with ``--postgresql`` only."""
    import psycopg

    address, name = os.environ["ZHULIAN_DATABASE"], f"own_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield address.replace("/zhulian?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def two_connections(transactional_db: None) -> Iterator[Callable[[Callable[[], object]], "Future[object]"]]:
    """``two_connections(call)`` runs ``call`` in a thread with a connection of its own."""
    from django.db import connection

    def call_and_close(call: Callable[[], object]) -> object:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda call: pool.submit(call_and_close, call)


@pytest.fixture(scope="session")
def no_postgresql() -> None:
    """Says why nothing ran."""
    lacking("these tests need PostgreSQL 15 (apt-get install postgresql-15)")


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
        found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
        return Path(found) if found else lacking(f"this test needs the program {name}, which is not installed")

    return find


@pytest.fixture(scope="session")
def need_packages() -> Callable[[Path], None]:
    """``need_packages(folder)`` wants the npm packages that ``folder`` pins; ``./test`` installs them."""

    def check(folder: Path) -> None:
        if not (folder / "node_modules").is_dir():
            lacking(f"this test needs the npm packages that {folder} pins: npm ci there")

    return check


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
def middleware_loaded_once() -> None:
    """Every ``Client`` would load all of it again, and WhiteNoise each time look through all static files.

    What a test sets otherwise makes the next client load it anew; folder and key are read by requests only.
    """
    load, loaded = ClientHandler.load_middleware, ClientHandler()

    def take(handler: ClientHandler, is_async: bool = False) -> None:
        if loaded._middleware_chain is None:
            load(loaded)
        handler._middleware_chain = loaded._middleware_chain

    def forget(*, setting: str, **_: object) -> None:
        if setting not in {"ZHULIAN", "SECRET_KEY"}:
            loaded._middleware_chain = None

    ClientHandler.load_middleware = take
    setting_changed.connect(forget, weak=False)


@pytest.fixture(autouse=True, scope="session")
def emptied_trail() -> None:
    """After a test that commits, Django empties every table; the triggers of trail and ledger would refuse."""
    empty = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(case: TransactionTestCase) -> None:
        from django.db import connection

        triggers = importlib.import_module("zhulian.audit.migrations.0002_refuse_changes")
        ledger = importlib.import_module("zhulian.evidence.migrations.0002_ledger_only_grows")
        with connection.schema_editor() as editor:
            triggers.switch_off(None, editor)
            ledger.unmake(None, editor)
        try:
            empty(case)
        finally:
            with connection.schema_editor() as editor:
                triggers.switch_on(None, editor)
                ledger.make(None, editor)

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]
