"""The gateway lane: paths, header names and answers that gateway and platform agree on.

Up: batches. Down: one long-lived stream of lines of JSON (:mod:`zhulian.wire.asks`). Enrolment, tokens and the desired
configuration are served by the portal; batches and the stream by the telemetry process.
"""

import msgspec

BATCHES = "/v1/batches"
STREAM = "/v1/stream"
REPLIES = "/v1/replies"

ENROL = "/gateway/v1/enrol"
TOKEN = "/gateway/v1/token"  # noqa: S105 - a path, not a secret
CONFIGURATION = "/gateway/v1/configuration"
DECLARE = "/gateway/v1/declare"

H_EPOCH = "Zhulian-Epoch"
"""Names one life of one outbox; a new outbox counts from 1 under a new epoch."""
H_FIRST = "Zhulian-First"
H_LAST = "Zhulian-Last"
"""Sequence numbers of the first and last reading in the batch, both inclusive; rows = last - first + 1."""
H_SENT = "Zhulian-Sent"
"""The gateway's own clock when it sent the batch, microseconds since 1970: shows how far that clock is off."""

CONTENT_TYPE = "application/vnd.apache.arrow.stream"
LARGEST_BATCH_BYTES = 16 * 1024 * 1024
LARGEST_BATCH_ROWS = 200_000
COUNTED_OTHERWISE = frozenset({"sequence_overlap", "sequence_scattered"})
"""Codes of refusals: part of these numbers was received in another way. Sending them again could count readings twice,
and every later batch under this epoch would be refused too."""
PING_S = 15.0
"""The platform says something on the stream at least this often; three silences mean that the line is dead."""


class Received(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of a 200: the batch is in the journal and on disk. ``duplicate`` says that it already was."""

    rows: int
    duplicate: bool
    clock_offset_us: int
    """Gateway clock minus platform clock."""
    set_aside: int = 0
    """Readings of the batch that cannot be true and wait in the platform's quarantine; the others went in."""


class Enrolment(msgspec.Struct, frozen=True):
    """POST /gateway/v1/enrol. ``public_key`` is the raw Ed25519 key in base64."""

    code: str
    public_key: str
    name: str
    version: str


class Enrolled(msgspec.Struct, frozen=True):
    """Its answer: who the gateway now is, and where batches go."""

    gateway: int
    enterprise: str
    ingest_url: str


class TokenRequest(msgspec.Struct, frozen=True):
    """POST /gateway/v1/token: an assertion signed with the gateway's own key."""

    assertion: str


class TokenAnswer(msgspec.Struct, frozen=True):
    """A token for the lane, and for how many seconds it lasts."""

    token: str
    lasts_s: int
    ingest_url: str
