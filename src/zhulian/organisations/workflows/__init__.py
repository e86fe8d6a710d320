"""The only writer of records. Every function is one transaction: all of it happens, or nothing does.

Each takes the :class:`~zhulian.organisations.tenancy.Scope` of the person who asks, raises ``NotVisibleError`` (404)
for what that person cannot see and ``NotAllowedError`` (403) for what they may only look at.
"""

from zhulian.organisations.workflows.declarations import declare
from zhulian.organisations.workflows.enrolment import NewCode, create_code, enrol, token_holder
from zhulian.organisations.workflows.gateways import (
    Announce,
    create_gateway,
    rename_gateway,
    revoke_gateway,
    write_revoked,
)
from zhulian.organisations.workflows.machines import MachineDraft, remove_machine, rename_machine, save_machine
from zhulian.organisations.workflows.people import (
    NewEnterprise,
    close_user,
    create_enterprise,
    create_user,
    give_role,
    set_language,
    set_password,
    take_role,
)

__all__ = [
    "Announce",
    "MachineDraft",
    "NewCode",
    "NewEnterprise",
    "close_user",
    "create_code",
    "create_enterprise",
    "create_gateway",
    "create_user",
    "declare",
    "enrol",
    "give_role",
    "remove_machine",
    "rename_gateway",
    "rename_machine",
    "revoke_gateway",
    "save_machine",
    "set_language",
    "set_password",
    "take_role",
    "token_holder",
    "write_revoked",
]
