"""People: their seats, invitations, handing work over."""

from peers.doors.door import Door, nothing
from peers.doors.roles import ACT_A, ANYBODY, KEEP_A, LET_IN, NOBODY, OWN_A, SEE_ENGINEER_A, SEE_PEOPLE

DOORS = {
    "people": Door(SEE_PEOPLE, exports=True),
    "invite": Door(
        LET_IN,
        form=lambda tenant: {"role": "owner", "enterprise": tenant.enterprise},
        changed_by=KEEP_A,
    ),
    "invitation": Door(
        ANYBODY,
        lambda tenant: {"secret": tenant.people.secret},
        is_page=False,
        form=nothing,
        changed_by=ANYBODY,
        by_secret=True,
    ),
    "invitation_withdraw": Door(
        NOBODY,
        lambda tenant: {"invitation_id": tenant.people.invitation},
        form=nothing,
        changed_by=KEEP_A | {"auditor", "security"},
    ),
    "person": Door(
        SEE_ENGINEER_A,
        lambda tenant: {"person_id": tenant.engineer.pk},
        form=lambda tenant: {"role": "owner", "enterprise": tenant.enterprise},
        changed_by=KEEP_A,
    ),
    "seat_take": Door(
        NOBODY,
        lambda tenant: {"person_id": tenant.engineer.pk, "seat_id": tenant.people.seat},
        form=nothing,
        changed_by=OWN_A,
    ),
    "hand_over": Door(
        ACT_A,
        lambda tenant: {"person_id": tenant.engineer.pk},
        form=lambda tenant: {"successor": tenant.owner.pk},
        changed_by=ACT_A,
    ),
    "hand_over_undo": Door(
        NOBODY, lambda tenant: {"hand_over_id": tenant.people.hand_over}, form=nothing, changed_by=OWN_A
    ),
}
