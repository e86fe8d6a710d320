"""Machines, gateways with their own lane, what was set aside, connecting a machine."""

from peers.doors.door import Door, enterprise, gateway, machine, nothing, point
from peers.doors.roles import ADMINISTRATOR, CONFIGURE_A, NOBODY, PEOPLE, SEE_A
from peers.records import Tenant


def aside(tenant: Tenant) -> dict[str, object]:
    """The walk's quarantine holds one item an enterprise, of its number."""
    return {"item_id": tenant.enterprise}


def machine_form(tenant: Tenant) -> dict[str, object]:
    """What the connect wizard posts."""
    return {
        "gateway": tenant.gateway,
        "protocol": "modbus_tcp",
        "address": "192.0.2.10:502",
        "name": "posted",
        "option-modbus_tcp-unit": "1",
        "points": "name\taddress\ttype\np\t40001\tint16",
    }


DOORS = {
    # Gateways, by token.
    "gateway_enrol": Door(NOBODY, is_page=False),
    "gateway_token": Door(NOBODY, is_page=False),
    "gateway_configuration": Door(NOBODY, is_page=False),
    "gateway_declare": Door(NOBODY, is_page=False),
    # Lists: everybody gets their own part of them.
    "machines": Door(PEOPLE, exports=True),
    "gateways": Door(PEOPLE, exports=True, form=lambda tenant: {"enterprise": tenant.enterprise, "name": "posted"}),
    # One record.
    "factory": Door(SEE_A, enterprise),
    "machine": Door(SEE_A, machine),
    "machine_picked_up": Door(SEE_A, machine),
    "machine_alarms": Door(SEE_A, machine),
    "machine_export": Door(SEE_A, lambda tenant: {"machine": tenant.machine}, lambda _: {"form": "csv"}),
    "origin_point": Door(SEE_A, point),
    "gateway": Door(SEE_A, gateway, form=lambda _: {"name": "posted"}),
    # For those who change something.
    "machine_edit": Door(CONFIGURE_A, machine, form=lambda tenant: {**machine_form(tenant), "id": tenant.machine}),
    "machine_remove": Door(CONFIGURE_A, machine, form=nothing),
    "gateway_quota": Door(NOBODY, gateway, form=lambda _: {"own_rows": "5"}, changed_by=ADMINISTRATOR),
    "gateway_code": Door(NOBODY, gateway, form=nothing),
    "gateway_revoke": Door(CONFIGURE_A, gateway, form=lambda tenant: {"name": f"{tenant.marker} gateway"}),
    "connect": Door(PEOPLE, query=lambda tenant: {"gateway": tenant.gateway}, form=machine_form),
    "connect_try": Door(NOBODY, form=machine_form),
    "connect_browse": Door(NOBODY, form=machine_form),
    "connect_table": Door(NOBODY, form=nothing, changed_by=PEOPLE),
    "connect_template": Door(PEOPLE),
    # The quarantine.
    "quarantine": Door(frozenset({"engineer_a", "engineer_b", "administrator"}), exports=True),
    "quarantine_item": Door(CONFIGURE_A, aside),
    "quarantine_body": Door(CONFIGURE_A, aside),
    "quarantine_again": Door(NOBODY, aside, form=lambda _: {"shift_s": "0"}),
    "quarantine_discard": Door(NOBODY, aside, form=lambda _: {"note": "posted"}),
}
