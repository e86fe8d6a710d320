"""Where the records are kept, as Django wants to hear it: SQLite in the data folder, or PostgreSQL by one setting.

Read by ``settings``, and by the command line for its checks and backups. ``ZHULIAN_DATABASE`` is a libpq address, so
whatever libpq understands after the question mark works here too (``?sslmode=verify-full``).
"""

from typing import Any

from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.vocabulary.settings import Settings

SCHEMES = ("postgresql://", "postgres://")
WAIT_S = 20
"""How long a writer waits for another one, on either engine, before it gives up."""
LONGEST_STATEMENT_S = 120
LARGEST_POOL = 20
_SESSION = {
    "lock_timeout": f"{WAIT_S}s",
    "statement_timeout": f"{LONGEST_STATEMENT_S}s",
    "idle_in_transaction_session_timeout": "300s",
    "jit": "off",  # compiling takes longer than any query of ours
}


class AddressError(ZhulianError):
    """An address of records that nobody can use."""


def is_postgresql(settings: Settings) -> bool:
    """Whether the records are in PostgreSQL."""
    return bool(settings["ZHULIAN_DATABASE"])


def records(settings: Settings) -> dict[str, Any]:
    """Django's ``DATABASES["default"]``."""
    return _postgresql(address(settings)) if is_postgresql(settings) else _sqlite(str(settings.data.records))


def address(settings: Settings) -> dict[str, str]:
    """The parts of ``ZHULIAN_DATABASE`` by libpq's names; at least ``dbname``. Raises :class:`AddressError`."""
    url = settings["ZHULIAN_DATABASE"]
    try:
        from psycopg import ProgrammingError, conninfo  # noqa: PLC0415 - an extra that most installs do without
    except ImportError as fault:
        raise AddressError(
            "postgresql_missing",
            Text(
                "ZHULIAN_DATABASE 指向 PostgreSQL，但没有安装驱动。", "ZHULIAN_DATABASE asks for PostgreSQL's driver."
            ),
            Text("请执行 pip install 'zhulian[postgres]'。", "Run pip install 'zhulian[postgres]'."),
        ) from fault
    try:
        parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items()}
    except ProgrammingError as fault:
        raise _unusable() from fault
    if not url.startswith(SCHEMES) or not parts.get("dbname"):
        raise _unusable()
    return parts


def _unusable() -> AddressError:
    # The address holds a password, so it is never repeated.
    return AddressError(
        "database_address_wrong",
        Text("ZHULIAN_DATABASE 不是可用的 PostgreSQL 地址。", "ZHULIAN_DATABASE is no address of PostgreSQL."),
        Text(
            "请写成 postgresql://用户:密码@主机:端口/库名；密码里的特殊字符要用 %XX 表示。",
            "Write postgresql://user:password@host:port/name; special signs of the password as %XX.",
        ),
    )


def _sqlite(path: str) -> dict[str, Any]:
    """A commit is on disk before anyone is told so (synchronous FULL); writers queue up instead of failing half-way
    (IMMEDIATE takes the write lock at the start of a transaction, where waiting is safe)."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": WAIT_S,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;",
        },
    }


def _postgresql(parts: dict[str, str]) -> dict[str, Any]:
    """Django opens a connection a request under ASGI, so a pool keeps them; each is tried before it is handed out."""
    own = {name: parts.pop(name, "") for name in ("dbname", "user", "password", "host", "port")}
    session = " ".join(f"-c {name}={value}" for name, value in _SESSION.items())
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": own["dbname"],
        "USER": own["user"],
        "PASSWORD": own["password"],
        "HOST": own["host"],
        "PORT": own["port"],
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "pool": {"min_size": 1, "max_size": LARGEST_POOL, "timeout": WAIT_S, "max_lifetime": 3600},
            "application_name": "zhulian",
            "connect_timeout": 5,
            **parts,
            "options": f"{parts.get('options', '')} {session}".strip(),
        },
    }
