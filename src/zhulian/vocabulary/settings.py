"""Every setting of Zhulian in one table: read from the environment, with a default that works.

``docs/reference/settings.md`` lists the same table; a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS: tuple[Setting, ...] = (
    Setting("ZHULIAN_DATA", "", "folder for everything that must be kept; default ~/.local/share/zhulian"),
    Setting("ZHULIAN_HOST", "127.0.0.1", "address the portal listens on"),
    Setting("ZHULIAN_PORT", "8000", "port of the portal"),
    Setting("ZHULIAN_INGEST_HOST", "127.0.0.1", "address the gateway lane listens on"),
    Setting("ZHULIAN_INGEST_PORT", "8001", "port of the gateway lane (batches up, commands down)"),
    Setting("ZHULIAN_STORE_PORT", "8123", "loopback port of the ClickHouse-compatible endpoint and live values"),
    Setting("ZHULIAN_PUBLIC_URL", "", "address people open in the browser; default http://HOST:PORT"),
    Setting("ZHULIAN_INGEST_URL", "", "address gateways send to; default http://INGEST_HOST:INGEST_PORT"),
    Setting(
        "ZHULIAN_TELEMETRY_URL",
        "",
        "clickhouse://user:password@host:port/database keeps readings there instead of in the embedded store",
    ),
    Setting(
        "ZHULIAN_TELEMETRY_CLUSTER",
        "",
        "cluster that the server of ZHULIAN_TELEMETRY_URL belongs to; tables are then spread and replicated",
    ),
    Setting(
        "ZHULIAN_DATABASE",
        "",
        "postgresql://user:password@host:port/name keeps records there instead of in SQLite",
    ),
    Setting("ZHULIAN_MEMORY_MB", "512", "what the embedded store may use for queries and merges"),
    Setting("ZHULIAN_JOURNAL_MB", "2048", "journal waiting for the store; beyond it gateways are asked to wait"),
    Setting(
        "ZHULIAN_BACKFILL_UPLOAD_MB", "1024", "largest file of past readings that a page takes; see telemetry import"
    ),
    Setting("ZHULIAN_QUARANTINE_MB", "256", "readings that could not be stored; beyond it the oldest give way"),
    Setting("ZHULIAN_GATEWAY_ROWS_PER_SECOND", "500000", "rows a second, over a minute, that a gateway may send"),
    Setting("ZHULIAN_GATEWAY_MB_PER_DAY", "50000", "megabytes a day that a gateway may send, as they cross the line"),
    Setting("ZHULIAN_ENTERPRISE_ROWS_PER_SECOND", "1000000", "the same for all gateways of an enterprise together"),
    Setting("ZHULIAN_ENTERPRISE_MB_PER_DAY", "200000", "the same for all gateways of an enterprise together"),
    Setting(
        "ZHULIAN_ALLOWED_HOSTS", "", "host names the portal answers to, comma-separated; default the two loopback names"
    ),
    Setting("ZHULIAN_AUDIT_HASH", "sha256", "sha256 or sm3: hash of new entries of the audit trail"),
    Setting("ZHULIAN_SMTP_HOST", "", "mail server; without one, e-mail is written to the log only"),
    Setting("ZHULIAN_SMTP_PORT", "465", "port of the mail server"),
    Setting("ZHULIAN_SMTP_SECURITY", "tls", "tls, starttls or none"),
    Setting("ZHULIAN_SMTP_USER", "", "account at the mail server"),
    Setting("ZHULIAN_SMTP_PASSWORD", "", "its password"),
    Setting("ZHULIAN_SMTP_FROM", "zhulian@localhost", "address that e-mail comes from"),
    Setting("ZHULIAN_WEBHOOK_HOSTS", "", "hosts that webhooks may reach inside the city's network, comma-separated"),
    Setting("ZHULIAN_TRUSTED_PROXIES", "0", "proxies in front whose X-Forwarded-For is believed; 0 believes none"),
    Setting("ZHULIAN_SESSION_IDLE_MINUTES", "480", "a session that is not used for so long ends"),
    Setting("ZHULIAN_SIGN_IN_FAILURES", "5", "wrong passwords for one name from one address before signing in pauses"),
    Setting("ZHULIAN_SIGN_IN_WAIT_MINUTES", "15", "how long it pauses"),
    Setting(
        "ZHULIAN_SECOND_FACTOR_ROLES", "", "roles that need a second factor, comma-separated; for example administrator"
    ),
    Setting("ZHULIAN_API_REQUESTS_PER_MINUTE", "300", "calls a minute that one key for programs may make"),
    Setting("ZHULIAN_OIDC_ISSUER", "", "address of the city's identity service (OpenID Connect); empty is off"),
    Setting("ZHULIAN_OIDC_CLIENT_ID", "", "what the identity service calls this platform"),
    Setting("ZHULIAN_OIDC_CLIENT_SECRET", "", "the secret it gave to this platform"),
    Setting("ZHULIAN_OIDC_NAME", "统一身份认证", "what the sign-in page calls it"),
    Setting("ZHULIAN_DEBUG", "0", "1 shows tracebacks in the browser; never in production"),
)

_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


@dataclass(frozen=True, slots=True)
class DataFolder:
    """Where each part keeps its files below ZHULIAN_DATA. Nothing else is ever written outside of it."""

    root: Path

    @property
    def records(self) -> Path:
        """SQLite database of the portal; unused where ZHULIAN_DATABASE names another."""
        return self.root / "records.sqlite3"

    @property
    def keys(self) -> Path:
        """Secrets and keys, readable by the owner only."""
        return self.root / "keys"

    @property
    def journal(self) -> Path:
        """Acknowledged batches on their way to the store."""
        return self.root / "journal"

    @property
    def quarantine(self) -> Path:
        """Readings that could not be stored, kept for people to look at."""
        return self.root / "quarantine"

    @property
    def alarms(self) -> Path:
        """Alarm rules and what they said, as the telemetry process keeps them."""
        return self.root / "alarms"

    @property
    def store(self) -> Path:
        """The embedded store."""
        return self.root / "store"

    @property
    def revoked(self) -> Path:
        """Ids of revoked gateways; written by the portal, re-read by ingest."""
        return self.root / "revoked-gateways.json"

    @property
    def quotas(self) -> Path:
        """What single gateways and enterprises may send; written by the portal, re-read by ingest."""
        return self.root / "quotas.json"

    @property
    def gateways(self) -> Path:
        """State of the gateways that run on this machine (sample city)."""
        return self.root / "gateways"

    @property
    def sample_city(self) -> Path:
        """What the sample city has agreed with itself; its existence says that there is one."""
        return self.root / "sample-city.json"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.root / "logs"

    @property
    def files(self) -> Path:
        """Scans, photos and logos, each under the SHA-256 of its content."""
        return self.root / "files"

    @property
    def backfills(self) -> Path:
        """Files of past readings on their way in, and what was refused of them."""
        return self.root / "backfills"

    @property
    def limits(self) -> Path:
        """How often each key for programs was used in the last minute; may be deleted at any time."""
        return self.root / "limits"

    @property
    def maps(self) -> Path:
        """The city's own map, when one was imported."""
        return self.root / "maps"


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment, read once. Values are text; the properties give them their types."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name) or _DEFAULTS[name]

    @property
    def data(self) -> DataFolder:
        """The data folder, never inside a clone by default."""
        given = self["ZHULIAN_DATA"]
        return DataFolder(Path(given).expanduser().resolve() if given else Path.home() / ".local/share/zhulian")

    @property
    def portal_url(self) -> str:
        """What people and gateways open."""
        return self["ZHULIAN_PUBLIC_URL"] or f"http://{self['ZHULIAN_HOST']}:{self['ZHULIAN_PORT']}"

    @property
    def ingest_url(self) -> str:
        """Where gateways send batches."""
        return self["ZHULIAN_INGEST_URL"] or f"http://{self['ZHULIAN_INGEST_HOST']}:{self['ZHULIAN_INGEST_PORT']}"

    @property
    def store_port(self) -> int:
        """Loopback port of the store."""
        return int(self["ZHULIAN_STORE_PORT"])


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from ``environ`` (usually ``os.environ``); names that are not ours are ignored."""
    return Settings({name: environ[name] for name in _DEFAULTS if name in environ})
