"""What people's workflows announce to the rooms above; see ``vocabulary.events``. All within the same transaction."""

from dataclasses import dataclass
from datetime import datetime

from zhulian.vocabulary.roles import Role


@dataclass(frozen=True, slots=True)
class Seat:
    """A role and where it is held; all three places empty for a role of the city."""

    role: Role
    enterprise: int | None = None
    organisation: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody was sent a one-time link. ``by`` is a person's id, ``None`` the platform itself."""

    invitation: int
    seat: Seat
    name: str
    email: str
    by: int | None


@dataclass(frozen=True, slots=True)
class Joined:
    """An invitation was accepted: ``person`` has an account now, and the seat."""

    person: int
    invitation: int
    seat: Seat
    invited_by: int | None


@dataclass(frozen=True, slots=True)
class RoleGiven:
    """``person`` holds the seat from now on."""

    person: int
    seat: Seat
    by: int | None


@dataclass(frozen=True, slots=True)
class RoleTaken:
    """``person`` no longer holds the seat."""

    person: int
    seat: Seat
    by: int | None


@dataclass(frozen=True, slots=True)
class Delegated:
    """``deputy`` may act for ``person`` between the two moments."""

    delegation: int
    person: int
    deputy: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class HandedOver:
    """``person`` left; whatever was open with them goes to ``successor``. Listeners move what their room keeps."""

    hand_over: int
    person: int
    successor: int
    by: int | None


@dataclass(frozen=True, slots=True)
class HandOverUndone:
    """The hand-over was taken back within its day; listeners give back what they moved for it."""

    hand_over: int
    person: int
    successor: int
    by: int | None


@dataclass(frozen=True, slots=True)
class AccountClosed:
    """``person`` can no longer sign in; their sessions end."""

    person: int
