"""Who the gateway is to an OPC UA server, and who a server was the last time: certificates in the secrets folder.

The gateway's own certificate is made once and kept for twenty years, because an engineer has to trust it by hand on
every server. A server's certificate is remembered at the first connection; later ones must show the same.
"""

import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

APPLICATION_URI = "urn:zhulian:gateway"
_LASTS = timedelta(days=20 * 365)
_USE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=True,
    key_encipherment=True,
    data_encipherment=True,
    key_agreement=False,
    key_cert_sign=True,  # it signed itself (OPC UA Part 6, 6.2.2)
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """Paths of certificate (DER) and key (PEM, mode 600), made at the first call. Raises OSError."""
    certificate, key = folder / "certificate.der", folder / "key.pem"
    if not (certificate.exists() and key.exists()):
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _keep(key, pem)
        _keep(certificate, _signed(private).public_bytes(Encoding.DER))
    return certificate, key


def file_of(folder: Path, host: str, port: int) -> Path:
    """Where the certificate of the server at ``host:port`` is remembered."""
    return folder / "servers" / f"{host.replace(':', '_')}_{port}.der"


def is_known(file: Path, certificate: bytes) -> bool:
    """Whether the server is the one remembered in ``file``, or nobody is."""
    return not file.exists() or file.read_bytes() == certificate


def remember(file: Path, certificate: bytes) -> None:
    """Keep the server's certificate, if none is kept yet."""
    if not file.exists():
        _keep(file, certificate)


def _signed(key: rsa.RSAPrivateKey) -> x509.Certificate:
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Zhulian gateway {socket.gethostname()}"[:64])])
    names = [x509.UniformResourceIdentifier(APPLICATION_URI), x509.DNSName(socket.gethostname())]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # the server's clock may be behind
        .not_valid_after(now + _LASTS)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_USE, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _keep(file: Path, content: bytes) -> None:
    """Write beside and move over: nobody ever finds half a file."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
