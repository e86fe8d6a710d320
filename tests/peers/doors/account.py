"""Signing in, and one's own account: sessions, keys, deputies, second factors."""

from peers.doors.door import Door, nothing
from peers.doors.roles import ACT_A, ANYBODY, NOBODY, OWN_A, PEOPLE
from peers.records import Tenant


def key(tenant: Tenant) -> dict[str, object]:
    return {"key_id": tenant.people.key}


def passkey(tenant: Tenant) -> dict[str, object]:
    """No such passkey: tests/portal/test_sign_in.py makes real ones."""
    return {"pk": tenant.enterprise}


DOORS = {
    # Open to strangers, and empty of anybody's data.
    "health": Door(ANYBODY, is_page=False),
    "set_language": Door(NOBODY, is_page=False, form=nothing, changed_by=ANYBODY),  # POST only; a GET just leads back
    "account_login": Door(ANYBODY, is_page=False, form=nothing, changed_by=ANYBODY),
    "account_inactive": Door(ANYBODY, is_page=False),
    # One's own account.
    "account_logout": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "account_reauthenticate": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "account_change_password": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "account": Door(PEOPLE),
    "sessions": Door(PEOPLE, form=lambda _: {"session": 1}, changed_by=PEOPLE),
    "keys": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "key_revoke": Door(NOBODY, key, form=nothing, changed_by=OWN_A),
    "deputies": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "delegation_end": Door(
        NOBODY,
        lambda tenant: {"delegation_id": tenant.people.delegation},
        form=nothing,
        changed_by=ACT_A,
    ),
    "act_for": Door(NOBODY, form=lambda tenant: {"delegation": tenant.people.delegation}, changed_by=PEOPLE),
    # One's second factors.
    "mfa_index": Door(PEOPLE),
    "mfa_authenticate": Door(NOBODY, is_page=False),
    "mfa_reauthenticate": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "mfa_reauthenticate_webauthn": Door(NOBODY, form=nothing, changed_by=PEOPLE),
    "mfa_activate_totp": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "mfa_deactivate_totp": Door(NOBODY, form=nothing, changed_by=PEOPLE),
    "mfa_view_recovery_codes": Door(NOBODY),
    "mfa_generate_recovery_codes": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "mfa_download_recovery_codes": Door(NOBODY),
    "mfa_list_webauthn": Door(PEOPLE),
    "mfa_add_webauthn": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "mfa_remove_webauthn": Door(NOBODY, passkey, form=nothing, changed_by=NOBODY),
    "mfa_edit_webauthn": Door(NOBODY, passkey, form=nothing, changed_by=NOBODY),
    "mfa_login_webauthn": Door(NOBODY, is_page=False),
    # The city's identity service, which is off here.
    "openid_connect_login": Door(NOBODY, lambda _: {"provider_id": "city"}, is_page=False),
    "openid_connect_callback": Door(NOBODY, lambda _: {"provider_id": "city"}, is_page=False),
}
