"""The only writer of records. Every function is one transaction: all of it happens, or nothing does.

Each takes the :class:`~zhulian.organisations.tenancy.Scope` of the person who asks, raises ``NotVisibleError`` (404)
for what that person cannot see and ``NotAllowedError`` (403) for what they may only look at.
"""

from zhulian.organisations.workflows.api_keys import create_api_key, key_holder, revoke_api_key
from zhulian.organisations.workflows.declarations import declare
from zhulian.organisations.workflows.delegations import delegate, end_delegation
from zhulian.organisations.workflows.enrolment import NewCode, create_code, enrol, token_holder
from zhulian.organisations.workflows.files import NewEnterprise, create_enterprise
from zhulian.organisations.workflows.gateways import (
    Announce,
    create_gateway,
    rename_gateway,
    revoke_gateway,
    write_revoked,
)
from zhulian.organisations.workflows.hand_over import hand_over, undo_hand_over
from zhulian.organisations.workflows.invitations import (
    NewInvitation,
    accept_as,
    accept_by_verified_email,
    accept_invitation,
    invite,
    open_invitation,
    withdraw_invitation,
)
from zhulian.organisations.workflows.machines import MachineDraft, remove_machine, rename_machine, save_machine
from zhulian.organisations.workflows.people import (
    close_user,
    create_user,
    give_role,
    set_language,
    set_password,
)
from zhulian.organisations.workflows.seats import give_seat, take_seat

__all__ = [
    "Announce",
    "MachineDraft",
    "NewCode",
    "NewEnterprise",
    "NewInvitation",
    "accept_as",
    "accept_by_verified_email",
    "accept_invitation",
    "close_user",
    "create_api_key",
    "create_code",
    "create_enterprise",
    "create_gateway",
    "create_user",
    "declare",
    "delegate",
    "end_delegation",
    "enrol",
    "give_role",
    "give_seat",
    "hand_over",
    "invite",
    "key_holder",
    "open_invitation",
    "remove_machine",
    "rename_gateway",
    "rename_machine",
    "revoke_api_key",
    "revoke_gateway",
    "save_machine",
    "set_language",
    "set_password",
    "take_seat",
    "token_holder",
    "undo_hand_over",
    "withdraw_invitation",
    "write_revoked",
]
