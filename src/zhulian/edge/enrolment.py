"""How a gateway becomes known: its key, its identity, and the one-time code that joins the two.

The key pair is made here and its private half never leaves the state folder (mode 600).
"""

import logging
import os
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhulian import __version__
from zhulian.edge.faults import EdgeError, fault, folder_unwritable
from zhulian.edge.link import JSON, Link
from zhulian.vocabulary.errors import Text, ZhulianError
from zhulian.wire import lane
from zhulian.wire.configuration import DeviceConfig, GatewayConfig, read_json
from zhulian.wire.credentials import load_or_create_key, public_text

log = logging.getLogger(__name__)


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Who this gateway is on which platform."""

    gateway: int
    enterprise: str
    platform_url: str
    ingest_url: str


class StateFolder:
    """The files that a gateway keeps, all readable by its own account only."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.outbox = root / "outbox.sqlite3"
        self.lock = root / "lock"
        self.secrets = root / "secrets"
        """For protocols: certificates and passwords."""
        self._key = root / "gateway.pem"
        self._identity = root / "identity.json"
        self._configuration = root / "configuration.json"
        self._declared = root / "declared.json"
        self._heard = root / "sparkplug.json"
        self._heard_plainly = root / "mqtt.json"

    def create(self) -> None:
        """Make the folders (mode 700)."""
        try:
            for folder in (self.root, self.secrets):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise folder_unwritable(self.root, error) from error

    def key(self) -> Ed25519PrivateKey:
        """The gateway's own key, made at the first call."""
        try:
            return load_or_create_key(self._key)
        except OSError as error:
            raise folder_unwritable(self.root, error) from error

    def identity(self) -> Identity | None:
        """Who it is, or ``None`` before enrolment."""
        body = self._read(self._identity)
        return read_json(body, Identity) if body is not None else None

    def save_identity(self, identity: Identity) -> None:
        """Remember who it is."""
        self._write(self._identity, msgspec.json.encode(identity))

    def configuration(self) -> bytes | None:
        """The last good configuration from the platform, as it came; it may hold passwords of machines."""
        return self._read(self._configuration)

    def save_configuration(self, body: bytes) -> None:
        """Keep it for a start without the platform."""
        self._write(self._configuration, body)

    def declared(self) -> bytes | None:
        """The platform's ids for the devices of the gateway's own file."""
        return self._read(self._declared)

    def save_declared(self, body: bytes) -> None:
        """Keep them for a start without the platform."""
        self._write(self._declared, body)

    def heard(self) -> tuple[DeviceConfig, ...]:
        """Machines that were heard on a broker, so that they stay known while it is quiet."""
        return self._remembered(self._heard)

    def save_heard(self, devices: tuple[DeviceConfig, ...]) -> None:
        """Remember them."""
        self._write(self._heard, msgspec.json.encode(GatewayConfig(devices=devices)))

    def heard_plainly(self) -> tuple[DeviceConfig, ...]:
        """The same for plain topics."""
        return self._remembered(self._heard_plainly)

    def save_heard_plainly(self, devices: tuple[DeviceConfig, ...]) -> None:
        """Remember them."""
        self._write(self._heard_plainly, msgspec.json.encode(GatewayConfig(devices=devices)))

    def _remembered(self, path: Path) -> tuple[DeviceConfig, ...]:
        body = self._read(path)
        return read_json(body, GatewayConfig).devices if body is not None else ()

    @staticmethod
    def _read(path: Path) -> bytes | None:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise folder_unwritable(path, error) from error

    def _write(self, path: Path, body: bytes) -> None:
        """Whole or not at all, also when the power fails; never readable by others."""
        self.create()
        draft = path.with_name(path.name + ".new")
        try:
            draft.unlink(missing_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            raise folder_unwritable(path, error) from error


async def enrol(link: Link, folder: StateFolder, platform_url: str, code: str, name: str) -> Identity:
    """Trade the one-time ``code`` for an identity and save it. Raises the named refusal, or why nobody answered."""
    folder.create()
    request = lane.Enrolment(code, public_text(folder.key()), name, __version__)
    url = platform_url.rstrip("/")
    answer = await link.call("POST", url + lane.ENROL, body=msgspec.json.encode(request), headers=JSON)
    if not answer.is_good:
        raise _refusal(answer.refusal())
    enrolled = read_json(answer.body, lane.Enrolled)
    identity = Identity(
        gateway=enrolled.gateway,
        enterprise=enrolled.enterprise,
        platform_url=url,
        ingest_url=enrolled.ingest_url.rstrip("/"),
    )
    folder.save_identity(identity)
    log.info("enrolled as gateway %s of %s", identity.gateway, identity.enterprise)
    return identity


_REFUSALS = {
    "code_unknown": Text("平台不认识这个登记码。", "The platform does not know this code."),
    "code_used": Text("这个登记码已经用过了。", "This code was used already."),
    "code_expired": Text("这个登记码已过期。", "This code has expired."),
}
NEW_CODE = Text(
    "请在平台的网关页面生成新的登记码，再运行 zhulian edge enrol。",
    "Make a new code on the gateway's page of the platform, then run zhulian edge enrol.",
)


def _refusal(refusal: ZhulianError) -> EdgeError:
    """The platform's words where it gave some, ours for a bare code."""
    what = refusal.what if refusal.what.zh else _REFUSALS.get(refusal.code, Text(refusal.code, refusal.code))
    return EdgeError(refusal.code, what, refusal.next_step if refusal.next_step.zh else NEW_CODE)


def not_enrolled() -> EdgeError:
    """Collecting, but nobody to send to yet."""
    return fault(
        "not_enrolled",
        "网关还没有登记到平台，读数先存在本机。",
        "The gateway is not enrolled with a platform yet; readings are kept here.",
        NEW_CODE.zh,
        NEW_CODE.en,
    )
