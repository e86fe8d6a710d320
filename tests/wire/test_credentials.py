"""Keys, assertions and tokens: what is accepted, and that everything else is a :class:`CredentialError`."""

import base64
import json
import stat
import subprocess
import sys
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from zhulian.vocabulary.readings import TenantId, TimeUs
from zhulian.wire import credentials
from zhulian.wire.credentials import ASSERTION_LASTS_S, TOKEN_LASTS_S, CredentialError

NOW = TimeUs(1_790_000_000_000_000)
SECOND = 1_000_000
PLATFORM = Ed25519PrivateKey.generate()
GATEWAY = Ed25519PrivateKey.generate()
TOKEN = credentials.issue_token(PLATFORM, 7, TenantId(42), NOW)
ASSERTION = credentials.sign_assertion(GATEWAY, 7, NOW)


def verify(token: str, seconds_later: float = 0, key: Ed25519PrivateKey = PLATFORM) -> credentials.GatewayToken:
    return credentials.verify_token(token, key.public_key(), TimeUs(NOW + int(seconds_later * SECOND)))


def code_of(caught: pytest.ExceptionInfo[CredentialError]) -> str:
    return caught.value.code


def test_a_token_says_who_and_whose() -> None:
    found = verify(TOKEN)
    assert (found.gateway, found.tenant) == (7, 42)
    assert found.expires_us == NOW + TOKEN_LASTS_S * SECOND


def test_a_token_lasts_exactly_as_long_as_promised() -> None:
    assert verify(TOKEN, TOKEN_LASTS_S - 0.000_001)
    with pytest.raises(CredentialError) as caught:
        verify(TOKEN, TOKEN_LASTS_S)
    assert code_of(caught) == "token_expired"


def test_another_platform_key_is_refused() -> None:
    with pytest.raises(CredentialError) as caught:
        verify(TOKEN, key=Ed25519PrivateKey.generate())
    assert code_of(caught) == "token_invalid"


def test_a_gateway_cannot_sign_a_token_for_itself() -> None:
    with pytest.raises(CredentialError):
        verify(credentials.issue_token(GATEWAY, 7, TenantId(43), NOW))


def test_an_assertion_is_no_token() -> None:
    with pytest.raises(CredentialError):
        verify(credentials.sign_assertion(PLATFORM, 7, NOW))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_without_a_real_signature_is_refused(algorithm: str) -> None:
    claims = {"sub": "7", "tenant": 42, "iss": "zhulian", "exp": NOW // SECOND + 60}
    key = None if algorithm == "none" else base64.b64encode(b"k" * 32)
    with pytest.raises(CredentialError):
        verify(jwt.encode(claims, key, algorithm=algorithm))  # type: ignore[arg-type]


ODD_CLAIMS = [
    {},
    {"sub": "seven"},
    {"sub": None},
    {"sub": 7},
    {"tenant": None},
    {"tenant": []},
    {"tenant": "forty-two"},
    {"exp": None},
    {"exp": "soon"},
    {"exp": 1e400},
    {"exp": [1]},
    {"iss": "somebody"},
    {"iss": None},
    {"nbf": "later"},
    {"nbf": 9e12},
]


@pytest.mark.parametrize("odd", ODD_CLAIMS, ids=str)
def test_odd_claims_under_a_right_signature_are_still_a_credential_error(odd: dict[str, object]) -> None:
    claims = {"sub": "7", "tenant": 42, "iss": "zhulian", "exp": NOW // SECOND + 60} | odd if odd else {}
    with pytest.raises(CredentialError):
        verify(_signed(PLATFORM, claims))


@pytest.mark.parametrize(
    "odd", [{"iat": None}, {"iat": "x"}, {"iat": [1]}, {"iat": 1e400}, {"aud": "else"}, {"aud": None}], ids=str
)
def test_odd_assertions_are_still_a_credential_error(odd: dict[str, object]) -> None:
    claims = {"iss": "7", "aud": "zhulian", "iat": NOW // SECOND} | odd
    with pytest.raises(CredentialError):
        credentials.verify_assertion(_signed(GATEWAY, claims), credentials.public_text(GATEWAY), NOW)


@pytest.mark.parametrize("issuer", [None, [7], "seven", {}, 1e400], ids=str)
def test_an_assertion_that_claims_nonsense_is_refused(issuer: object) -> None:
    with pytest.raises(CredentialError):
        credentials.claimed_gateway(_signed(GATEWAY, {"iss": issuer, "aud": "zhulian"}))


def _signed(key: Ed25519PrivateKey, claims: dict[str, object]) -> str:
    """Any claims at all under a right signature; PyJWT itself would refuse to write some of them."""

    def text(raw: bytes) -> bytes:
        return base64.urlsafe_b64encode(raw).rstrip(b"=")

    signed = text(b'{"alg":"EdDSA","typ":"JWT"}') + b"." + text(json.dumps(claims).encode())
    return (signed + b"." + text(key.sign(signed))).decode()


@settings(max_examples=400)
@given(st.data())
def test_a_tampered_token_is_refused(data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(TOKEN) - 1))
    letter = data.draw(st.sampled_from("ABCDabcd0123_-.=é"))
    tampered = TOKEN[:place] + letter + TOKEN[place + 1 :]
    if _same_bytes(tampered):
        return
    with pytest.raises(CredentialError):
        verify(tampered)


def _same_bytes(tampered: str) -> bool:
    """The last letter of base64 carries spare bits, so another letter there may spell the same signature."""
    return tampered[:-1] == TOKEN[:-1] and tampered[-1] not in ".=é"


@given(st.text(max_size=60))
def test_noise_is_no_token_and_no_assertion(noise: str) -> None:
    for refused in (
        lambda: verify(noise),
        lambda: credentials.claimed_gateway(noise),
        lambda: credentials.verify_assertion(noise, credentials.public_text(GATEWAY), NOW),
    ):
        with pytest.raises(CredentialError):
            refused()


def test_an_assertion_names_its_gateway_and_is_verified_by_its_key() -> None:
    assert credentials.claimed_gateway(ASSERTION) == 7
    credentials.verify_assertion(ASSERTION, credentials.public_text(GATEWAY), NOW)


def test_an_assertion_by_another_key_is_refused() -> None:
    stranger = credentials.public_text(Ed25519PrivateKey.generate())
    with pytest.raises(CredentialError) as caught:
        credentials.verify_assertion(ASSERTION, stranger, NOW)
    assert code_of(caught) == "assertion_invalid"


@pytest.mark.parametrize("direction", [1, -1])
def test_a_clock_that_is_hours_off_is_borne_and_days_off_is_named(direction: int) -> None:
    known = credentials.public_text(GATEWAY)
    credentials.verify_assertion(ASSERTION, known, TimeUs(NOW + direction * ASSERTION_LASTS_S * SECOND))
    with pytest.raises(CredentialError) as caught:
        credentials.verify_assertion(ASSERTION, known, TimeUs(NOW + direction * (ASSERTION_LASTS_S + 5) * SECOND))
    assert code_of(caught) == "assertion_clock"


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: base64.b64encode(raw).decode()))
def test_a_public_key_is_a_key_or_an_error(text: str) -> None:
    try:
        key = credentials.parse_public(text)
    except CredentialError:
        return
    assert len(key.public_bytes_raw()) == 32


def test_the_key_file_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "platform.pem"
    first = credentials.load_or_create_key(path)
    assert credentials.public_text(credentials.load_or_create_key(path)) == credentials.public_text(first)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_a_damaged_key_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "platform.pem"
    path.write_bytes(content)
    with pytest.raises(CredentialError) as caught:
        credentials.load_or_create_key(path)
    assert caught.value.code == "key_file_unreadable"
    assert str(path) in caught.value.what.zh


AGREE = """
import sys
from pathlib import Path
from zhulian.wire.credentials import load_or_create_key, public_text
print("ready", flush=True)
sys.stdin.readline()
for path in sys.argv[1:]:
    print(public_text(load_or_create_key(Path(path))))
"""


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    """Portal and telemetry both call this at their first start: the loser of the race must read the winner's key."""
    paths = [str(tmp_path / f"{number}" / "platform.pem") for number in range(8)]
    command = [sys.executable, "-c", AGREE, *paths]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("\n")
        racer.stdin.flush()
    told = {racer.communicate()[0] for racer in racers}
    assert len(told) == 1
    assert len(set(told.pop().split())) == len(paths)
