"""Every address of the portal, by URL name: what fills it and who may open it. A new address needs a line here.

``fill`` makes the path's arguments from one enterprise's records, ``query`` its parameters. ``open_to`` says who gets
an answer for enterprise A; everybody else has to be refused. The walk tries each door with B's records as well.

An address that takes a POST says what is posted (``form``) and who may do so with effect (``changed_by``).
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile

from peers import papers
from peers.desk_rows import walk_key
from peers.evidence import KEY
from peers.records import KINDS, OTHERS, Tenant
from zhulian.alarms.models import Duty, Occurrence, Rule
from zhulian.audit.models import Entry
from zhulian.dashboards.models import Dashboard, Mark, SavedView
from zhulian.desk.models import Channel, Delivery, Message, Task
from zhulian.organisations.models import Chain, Claim, EnterpriseEvent, PillarIndustry, PlatformMember, SubSite
from zhulian.returns.models import Return

PEOPLE = frozenset(
    {"engineer_a", "owner_a", "engineer_b", "owner_b", "county_a", "county_b", "bureau", "administrator", *OTHERS}
)
ANYBODY = PEOPLE | {"anonymous"}
CITY = frozenset({"bureau", "administrator", "auditor", "security"})
"""See the whole city."""
SEE_A = CITY | {"engineer_a", "owner_a", "county_a", "platform_a"}
CONFIGURE_A = frozenset({"engineer_a", "administrator"})
"""Change gateways and machines of A."""
KEEP_A = frozenset({"owner_a", "county_a", "bureau", "administrator"})
"""Keep up the file of A."""
OWN_A = frozenset({"owner_a", "administrator"})
"""Let people into A, and see them off."""
SEE_ENGINEER_A = CITY | {"engineer_a", "owner_a", "county_a"}
SEE_PEOPLE = CITY | {
    "owner_a",
    "owner_b",
    "county_a",
    "county_b",
    *(role for role, kind in OTHERS.items() if kind in KINDS),
}
"""Whoever keeps a file or leads an organisation."""
LET_IN = SEE_PEOPLE - {"auditor", "security"}
STATE_A = KEEP_A | {"engineer_a"}
"""State facts of A and hand in its documents."""
KEEP_CITY = frozenset({"bureau", "administrator"})
CITY_KEEPERS = frozenset({"bureau", "administrator"})
OFFICERS_A = CITY_KEEPERS | {"county_a"}
"""Keep up the file of A by office."""
ADMINISTRATOR = frozenset({"administrator"})
ALL_OF_TRAIL = frozenset({"auditor", "administrator"})
READ_TRAIL_A = ALL_OF_TRAIL | {"owner_a"}
"""Read the audit trail: all of it, or what concerns one's own enterprise."""
OF_A = frozenset({"engineer_a", "owner_a"})
"""Belong to enterprise A."""
NOBODY: frozenset[str] = frozenset()


def for_letter(roles: frozenset[str], letter: str) -> frozenset[str]:
    """``roles`` as said of A, as they are for A or B: with B, a and b change places."""
    other = {"_a": "_b", "_b": "_a"}
    return roles if letter == "a" else frozenset(role[:-2] + other.get(role[-2:], role[-2:]) for role in roles)


def sees(role: str, letter: str) -> bool:
    """Whether ``role`` may see the enterprise of that letter."""
    return role in for_letter(SEE_A, letter)


def nothing(_tenant: Tenant) -> dict[str, object]:
    return {}


@dataclass(frozen=True)
class Door:
    """One address. ``is_page`` doors lead strangers to the sign-in page; the others refuse them outright.

    ``form`` is what is posted to it, ``changed_by`` who may post it with effect at A's records.
    """

    open_to: frozenset[str]
    fill: Callable[[Tenant], dict[str, object]] = nothing
    query: Callable[[Tenant], dict[str, object]] = nothing
    is_page: bool = True
    form: Callable[[Tenant], dict[str, object]] | None = None
    exports: bool = False
    """A list that answers ``?form=csv`` and ``?form=xlsx`` with all of its rows."""
    changed_by: frozenset[str] = CONFIGURE_A
    by_secret: bool = False
    """Opened by whoever holds the link, not by rights; it must tell nothing beyond what the link is for."""
    is_public: bool = False
    """Shows a register that everybody may read, and not a tenant's records: refused is only what changes it."""


def enterprise(tenant: Tenant) -> dict[str, object]:
    return {"enterprise_id": tenant.enterprise}


def machine(tenant: Tenant) -> dict[str, object]:
    return {"machine_id": tenant.machine}


def gateway(tenant: Tenant) -> dict[str, object]:
    return {"gateway_id": tenant.gateway}


def aside(tenant: Tenant) -> dict[str, object]:
    """The walk's quarantine holds one item an enterprise, of its number."""
    return {"item_id": tenant.enterprise}


def key(tenant: Tenant) -> dict[str, object]:
    return {"key_id": tenant.people.key}


def passkey(tenant: Tenant) -> dict[str, object]:
    """No such passkey: tests/portal/test_second_factor.py makes real ones."""
    return {"pk": tenant.enterprise}


def point(tenant: Tenant) -> dict[str, object]:
    return {"point_id": tenant.points[0]}


def listed_points(tenant: Tenant) -> dict[str, object]:
    """A tenant's points as the explorer's address names them."""
    return {"p": ",".join(map(str, tenant.points))}


def mark_form(tenant: Tenant) -> dict[str, object]:
    """A mark on the tenant's machine, as the explorer's dialog posts it."""
    about = {"about": f"machine:{tenant.machine}", "kind": "event", "text": "posted", "start": "2026-11-25T03:10:00"}
    return {**listed_points(tenant), **about}


def board(tenant: Tenant) -> dict[str, object]:
    """The enterprise's dashboard."""
    return {"board_id": Dashboard.objects.get(enterprise=tenant.enterprise).pk}


def no_run(_tenant: Tenant) -> dict[str, object]:
    """An import that does not exist."""
    return {"run_id": 987_654_321}


def fact(tenant: Tenant) -> dict[str, object]:
    return {"fact_id": tenant.fact}


def document(tenant: Tenant) -> dict[str, object]:
    return {"document_id": tenant.document}


def fact_key(_tenant: Tenant) -> dict[str, object]:
    return {"key": KEY}


def fact_form(tenant: Tenant) -> dict[str, object]:
    """What the page posts that states a fact."""
    return {"key": KEY, "value": "77", "period": "2026-01-02", "document": tenant.document}


def document_form(tenant: Tenant) -> dict[str, object]:
    """What the page posts that hands in a document."""
    return {"kind": "report", "file": SimpleUploadedFile("posted.pdf", papers.pdf(f"posted {tenant.marker}"))}


def newest_entry(tenant: Tenant) -> int:
    """The number of the last entry of the audit trail that concerns this enterprise."""
    return Entry.objects.filter(organisation=tenant.enterprise).latest("sequence").sequence


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


def task(tenant: Tenant) -> dict[str, object]:
    return {"task_id": Task.objects.get(key=walk_key(tenant)).pk}


def message(tenant: Tenant) -> dict[str, object]:
    return {"message_id": Message.objects.get(key=walk_key(tenant)).pk}


def channel(tenant: Tenant) -> dict[str, object]:
    return {"channel_id": Channel.objects.get(name=walk_key(tenant)).pk}


def delivery(tenant: Tenant) -> dict[str, object]:
    return {"delivery_id": Delivery.objects.get(channel__name=walk_key(tenant)).pk}


def own_return(tenant: Tenant) -> dict[str, object]:
    return {"return_id": Return.objects.get(enterprise=tenant.enterprise).pk}


def first_question(tenant: Tenant) -> dict[str, object]:
    return {**own_return(tenant), "question": 1}


def reporting(tenant: Tenant) -> dict[str, object]:
    return {"task_id": Return.objects.get(enterprise=tenant.enterprise).task_id}


def answer(_tenant: Tenant) -> dict[str, object]:
    """One answer of the sample form, as a page posts it."""
    return {"w-business.employees": "", "a-business.employees": "12"}


OFFICERS = CITY | {"county_a", "county_b"}
KEEPERS = frozenset({"bureau", "administrator", "county_a", "county_b"})
"""Officers who may ask enterprises."""
FILL_A = KEEP_A | {"engineer_a"}
"""Fill in the forms of A."""


ACT_A = OF_A | {"administrator"}
"""Acknowledge and shelve alarms of A."""


def alarm_of(tenant: Tenant) -> dict[str, object]:
    return {"alarm_id": Occurrence.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def alarm_rule(tenant: Tenant) -> dict[str, object]:
    return {"rule_id": Rule.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def duty(tenant: Tenant) -> dict[str, object]:
    return {"duty_id": Duty.objects.filter(enterprise=tenant.enterprise).latest("pk").pk}


def machine_query(tenant: Tenant) -> dict[str, object]:
    return {"machine": tenant.machine}


def alarm_rule_form(tenant: Tenant) -> dict[str, object]:
    """What the editor posts."""
    return {"machine": tenant.machine, "name": "posted", "kind": "threshold", "points": tenant.points[0], "limit": "5"}


def claim(tenant: Tenant) -> dict[str, object]:
    return {"claim_id": Claim.objects.get(enterprise=tenant.enterprise).pk}


def platform(tenant: Tenant) -> dict[str, object]:
    return {"organisation_id": PlatformMember.objects.get(enterprise=tenant.enterprise).platform_id}


def site(tenant: Tenant) -> dict[str, object]:
    return {"slug": SubSite.objects.get(platform__members__enterprise=tenant.enterprise).slug}


def file_event(tenant: Tenant) -> dict[str, object]:
    event = EnterpriseEvent.objects.filter(enterprise=tenant.enterprise).latest("pk")
    return {"enterprise_id": tenant.enterprise, "event_id": event.pk}


def nobodys(number: str) -> Callable[[Tenant], dict[str, object]]:
    """A record of the dictionary, which belongs to no enterprise."""
    return lambda _: {number: Chain.objects.get().pk if number == "chain_id" else PillarIndustry.objects.get().pk}


SHARE_A = OWN_A | {"engineer_a"}
"""Keep marks, views and dashboards of A."""
MINUTES = {"start": 1_700_000_000_000, "end": 1_700_000_600_000}
"""A range of the explorer."""
NEW_BODY = {"kind": "bank", "name": "posted"}
YEAR = {"year": 2027, "notice": "n", "title": "t", "source": "s", "holidays": "2027-10-01 国庆节"}
DOORS: dict[str, Door] = {
    # Open to strangers, and empty of anybody's data.
    "health": Door(ANYBODY, is_page=False),
    "set_language": Door(NOBODY, is_page=False, form=nothing, changed_by=ANYBODY),  # POST only; a GET just leads back
    "account_login": Door(ANYBODY, is_page=False, form=nothing, changed_by=ANYBODY),
    "account_inactive": Door(ANYBODY, is_page=False),
    # Gateways, by token.
    "gateway_enrol": Door(NOBODY, is_page=False),
    "gateway_token": Door(NOBODY, is_page=False),
    "gateway_configuration": Door(NOBODY, is_page=False),
    "gateway_declare": Door(NOBODY, is_page=False),
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
        changed_by=OWN_A | {"engineer_a"},
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
    # People.
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
        OWN_A | {"engineer_a"},
        lambda tenant: {"person_id": tenant.engineer.pk},
        form=lambda tenant: {"successor": tenant.owner.pk},
        changed_by=OWN_A | {"engineer_a"},
    ),
    "hand_over_undo": Door(
        NOBODY, lambda tenant: {"hand_over_id": tenant.people.hand_over}, form=nothing, changed_by=OWN_A
    ),
    # Lists and figures: everybody gets their own part of them.
    "home": Door(PEOPLE),
    "city_map": Door(PEOPLE),
    "city_readings": Door(PEOPLE),
    "suggest": Door(PEOPLE, query=lambda tenant: {"q": tenant.marker, "for": "search"}),
    "search": Door(PEOPLE, query=lambda tenant: {"q": tenant.marker}),
    "enterprises": Door(PEOPLE, exports=True),
    "machines": Door(PEOPLE, exports=True),
    "gateways": Door(PEOPLE, exports=True, form=lambda tenant: {"enterprise": tenant.enterprise, "name": "posted"}),
    "flags": Door(PEOPLE, exports=True),
    "flag": Door(
        CITY | {"county_a"},
        lambda tenant: {"flag_id": tenant.flag},
        form=lambda _: {"state": "explained", "note": "posted", "revision": 1},
        changed_by=frozenset({"county_a", "bureau", "administrator"}),
    ),
    "jobs": Door(ADMINISTRATOR),
    "job": Door(ADMINISTRATOR, lambda _: {"name": "jobs.prune"}, form=nothing, changed_by=ADMINISTRATOR),
    "facts": Door(PEOPLE, exports=True),
    "facts_conflicts": Door(PEOPLE, exports=True),
    "facts_expiring": Door(PEOPLE, exports=True),
    "fact_keys": Door(PEOPLE, exports=True),
    "fact_key": Door(PEOPLE, fill=fact_key),
    "documents": Door(PEOPLE, exports=True),
    # The audit trail.
    "trail": Door(PEOPLE, exports=True),
    "trail_check": Door(ALL_OF_TRAIL),
    "trail_file": Door(ALL_OF_TRAIL),
    "trail_entry": Door(READ_TRAIL_A, lambda tenant: {"sequence": newest_entry(tenant)}),
    "looks": Door(PEOPLE, exports=True),
    "history": Door(SEE_A, lambda tenant: {"kind": "machine", "subject": tenant.machine}),
    "origin_city": Door(PEOPLE, fill=lambda _: {"figure": "machines"}),
    # Imports: whoever keeps files or machines; a run belongs to the person who began it (tests/portal/pages).
    "imports": Door(PEOPLE),
    "import_new": Door(
        frozenset({"county_a", "county_b", "bureau", "administrator"}),
        lambda _: {"kind": "enterprises"},
        form=nothing,
        changed_by=frozenset({"county_a", "county_b", "bureau", "administrator"}),
    ),
    "import_template": Door(NOBODY, lambda _: {"kind": "enterprises"}),
    "import_run": Door(NOBODY, no_run),
    "import_mapping": Door(NOBODY, no_run),
    "import_row": Door(NOBODY, no_run),
    "import_commit": Door(NOBODY, no_run),
    "import_progress": Door(NOBODY, no_run),
    "import_undo": Door(NOBODY, no_run),
    "import_discard": Door(NOBODY, no_run),
    "import_marked": Door(NOBODY, no_run),
    # One record.
    "enterprise": Door(SEE_A, enterprise),
    "factory": Door(SEE_A, enterprise),
    "machine": Door(SEE_A, machine),
    "machine_picked_up": Door(SEE_A, machine),
    "enterprise_paper": Door(NOBODY, enterprise, form=nothing, changed_by=SEE_A),
    "verify": Door(NOBODY, lambda _: {"code": "0000000000000000"}, is_page=False),
    "machine_export": Door(SEE_A, lambda tenant: {"machine": tenant.machine}, lambda _: {"form": "csv"}),
    "point_series": Door(SEE_A, point),
    # The explorer. Its page and its search leave out what is out of sight; a series belongs to one point.
    "explore": Door(PEOPLE, query=listed_points),
    "explore_points": Door(PEOPLE, query=lambda tenant: {"find": tenant.marker}),
    "explore_export": Door(SEE_A, query=lambda tenant: {**listed_points(tenant), **MINUTES, "form": "csv"}),
    "explore_series": Door(SEE_A, point, lambda _: MINUTES),
    "explore_marks": Door(PEOPLE, query=lambda tenant: {**listed_points(tenant), **MINUTES}),
    "explore_mark_new": Door(PEOPLE, query=listed_points, form=mark_form, changed_by=SHARE_A),
    "explore_mark": Door(
        SEE_A,
        lambda tenant: {"mark_id": Mark.objects.get(enterprise=tenant.enterprise).pk},
        form=lambda _: {"act": "withdraw", "revision": 1},
        changed_by=frozenset({"engineer_a"}),
    ),
    "explore_views": Door(PEOPLE, form=lambda _: {"name": "posted", "query": "p=1"}, changed_by=PEOPLE),
    "explore_view_remove": Door(
        NOBODY,
        lambda tenant: {"view_id": SavedView.objects.get(enterprise=tenant.enterprise).pk},
        form=nothing,
        changed_by=SHARE_A,
    ),
    "explore_favourite": Door(NOBODY, point, form=nothing, changed_by=SEE_A),
    # Dashboards. One of the walk belongs to an enterprise.
    "dashboards": Door(
        PEOPLE, form=lambda tenant: {"name": "posted", "enterprise": tenant.enterprise}, changed_by=SHARE_A
    ),
    "home_dashboard": Door(PEOPLE),
    "dashboard": Door(SEE_A, board),
    "dashboard_save": Door(NOBODY, board, form=nothing, changed_by=SHARE_A),
    "dashboard_definition": Door(SEE_A, board),
    "dashboard_remove": Door(NOBODY, board, form=nothing, changed_by=SHARE_A),
    "dashboard_home": Door(NOBODY, board, form=nothing, changed_by=SEE_A),
    "origin_point": Door(SEE_A, point),
    "origin_fact": Door(SEE_A, fact),
    "enterprise_facts": Door(SEE_A, enterprise, exports=True),
    "enterprise_expiring": Door(SEE_A, enterprise, exports=True),
    "document": Door(SEE_A, document),
    "document_file": Door(SEE_A, document),
    "gateway": Door(SEE_A, gateway, form=lambda _: {"name": "posted"}),
    # The desk. A task and a message of the walk are for everybody in one enterprise.
    "desk": Door(PEOPLE, exports=True),
    "messages": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "working_days": Door(PEOPLE, form=lambda _: {**YEAR}, changed_by=ADMINISTRATOR),
    "task": Door(OF_A, task, form=lambda _: {"act": "take", "revision": 1}, changed_by=OF_A),
    "message": Door(OF_A, message),
    "preferences": Door(
        PEOPLE,
        form=lambda tenant: {"enterprise": tenant.enterprise, "email": "off"},
        changed_by=frozenset({"owner_a", "administrator"}),
    ),
    # Alarms. Whoever sees the enterprise sees them; its own people deal with them.
    "alarms": Door(PEOPLE, exports=True),
    "alarms_acknowledge": Door(NOBODY, form=lambda tenant: {"alarms": alarm_of(tenant)["alarm_id"]}, changed_by=ACT_A),
    "alarm": Door(SEE_A, alarm_of, form=lambda _: {"note": "posted"}, changed_by=ACT_A),
    "alarm_rules": Door(PEOPLE, exports=True),
    "alarm_rule_new": Door(CONFIGURE_A, query=machine_query, form=alarm_rule_form, changed_by=CONFIGURE_A),
    "alarm_rule_try": Door(NOBODY, form=alarm_rule_form, changed_by=CONFIGURE_A),
    "alarm_rule": Door(SEE_A, alarm_rule, form=lambda _: {"act": "remove", "revision": 1}),
    "alarm_duty": Door(
        SEE_A,
        query=lambda tenant: {"enterprise": tenant.enterprise},
        form=lambda tenant: {"enterprise": tenant.enterprise, "act": "patience", "second": 3, "third": 9},
        changed_by=ACT_A,
    ),
    "alarm_duty_remove": Door(NOBODY, duty, form=nothing, changed_by=ACT_A),
    "alarm_load": Door(PEOPLE),
    "channels": Door(ADMINISTRATOR, form=lambda _: {"name": "posted", "kind": "json"}, changed_by=ADMINISTRATOR),
    "channel": Door(ADMINISTRATOR, channel, form=lambda _: {"act": "close"}, changed_by=ADMINISTRATOR),
    "mail_test": Door(NOBODY, form=nothing, changed_by=ADMINISTRATOR),
    "delivery_again": Door(NOBODY, delivery, form=nothing, changed_by=ADMINISTRATOR),
    # Forms. A return of the walk belongs to one enterprise; a reporting task is seen by officers with a part in it.
    "own_returns": Door(PEOPLE),
    "return": Door(SEE_A, own_return, form=answer, changed_by=FILL_A),
    "return_save": Door(NOBODY, own_return, form=answer, changed_by=FILL_A),
    "return_question": Door(SEE_A, first_question, form=answer, changed_by=FILL_A),
    "return_check": Door(SEE_A, own_return, form=nothing, changed_by=FILL_A),
    "return_receipt": Door(NOBODY, own_return),
    "return_template": Door(SEE_A, own_return),
    "return_upload": Door(NOBODY, own_return, form=nothing, changed_by=FILL_A),
    "return_back": Door(NOBODY, own_return, form=lambda _: {"note": "posted"}, changed_by=KEEP_A - {"owner_a"}),
    "reporting": Door(OFFICERS),
    "reporting_new": Door(KEEPERS, form=lambda _: {"act": "count"}, changed_by=KEEPERS),
    "reporting_one": Door(
        CITY | {"county_a"}, reporting, form=lambda _: {"act": "remind"}, changed_by=KEEP_A - {"owner_a"}
    ),
    # The register: files of enterprises, other organisations, claims, dictionaries.
    "enterprise_new": Door(KEEPERS, form=nothing, changed_by=KEEPERS),
    "enterprise_edit": Door(KEEP_A, enterprise, form=lambda _: {"employees": "7", "revision": 1}, changed_by=KEEP_A),
    "enterprise_places": Door(
        SEE_A, enterprise, form=lambda _: {"act": "site", "name": "posted"}, changed_by=KEEP_A | CONFIGURE_A
    ),
    "enterprise_contacts": Door(SEE_A, enterprise, form=lambda _: {"name": "posted", "phone": "1"}, changed_by=KEEP_A),
    "enterprise_events": Door(SEE_A, enterprise, exports=True),
    "enterprise_event": Door(
        OFFICERS_A,
        enterprise,
        lambda _: {"kind": "renamed"},
        form=lambda _: {"name": "posted", "on": "2026-11-01"},
        changed_by=OFFICERS_A,
    ),
    "enterprise_event_withdraw": Door(NOBODY, file_event, form=lambda _: {"reason": "r"}, changed_by=OFFICERS_A),
    "enterprise_chains": Door(
        SEE_A,
        enterprise,
        form=lambda _: {"act": "take", "chain": Chain.objects.get().pk, "position": "upstream"},
        changed_by=KEEP_A,
    ),
    "enterprise_members": Door(SEE_A, enterprise),
    "claim": Door(PEOPLE, form=nothing, changed_by=PEOPLE),
    "claims": Door(KEEPERS, exports=True),
    "claim_review": Door(OFFICERS_A, claim, form=lambda _: {"act": "confirm"}, changed_by=OFFICERS_A),
    "claim_proof": Door(KEEP_A, claim),
    "claim_withdraw": Door(NOBODY, claim, form=nothing, changed_by=frozenset({"owner_a"})),
    "organisations": Door(PEOPLE, exports=True),
    "organisation_new": Door(KEEPERS, form=lambda _: {**NEW_BODY}, changed_by=KEEPERS),
    "organisation": Door(
        PEOPLE,
        platform,
        form=lambda _: {"name": "posted", "phone": "1"},
        changed_by=CITY_KEEPERS | {"platform_a"},
        is_public=True,
    ),
    "organisation_edit": Door(
        CITY_KEEPERS | {"platform_a"},
        platform,
        form=lambda _: {"introduction": "posted", "revision": 1},
        changed_by=CITY_KEEPERS | {"platform_a"},
        is_public=True,
    ),
    "sub_site_edit": Door(
        CITY_KEEPERS | {"platform_a"},
        platform,
        form=lambda _: {"title": "posted", "slug": "posted", "colour": "#000000", "revision": 1},
        changed_by=CITY_KEEPERS | {"platform_a"},
        is_public=True,
    ),
    "sub_site": Door(ANYBODY, site, is_page=False, is_public=True),
    "sub_site_logo": Door(ANYBODY, site, is_page=False, is_public=True),
    "pillars": Door(PEOPLE, exports=True),
    "pillar_edit": Door(
        CITY_KEEPERS, nobodys("pillar_id"), form=lambda _: {"name": "posted", "revision": 1}, changed_by=CITY_KEEPERS
    ),
    "chain": Door(PEOPLE, nobodys("chain_id"), form=lambda _: {"name": "posted"}, changed_by=CITY_KEEPERS),
    # For those who change something.
    "fact_state": Door(STATE_A, enterprise, lambda _: {"key": KEY}, form=fact_form, changed_by=STATE_A),
    "fact_withdraw": Door(STATE_A, fact, form=lambda _: {"reason": "posted"}, changed_by=STATE_A),
    "document_add": Door(STATE_A, enterprise, form=document_form, changed_by=STATE_A),
    "fact_key_edit": Door(
        KEEP_CITY, fact_key, form=lambda _: {"revision": "0", "name_zh": "posted"}, changed_by=KEEP_CITY
    ),
    "machine_edit": Door(CONFIGURE_A, machine, form=lambda tenant: {**machine_form(tenant), "id": tenant.machine}),
    "machine_remove": Door(CONFIGURE_A, machine, form=nothing),
    "gateway_quota": Door(NOBODY, gateway, form=lambda _: {"own_rows": "5"}, changed_by=ADMINISTRATOR),
    "quarantine": Door(frozenset({"engineer_a", "engineer_b", "administrator"}), exports=True),
    "quarantine_item": Door(CONFIGURE_A, aside),
    "quarantine_body": Door(CONFIGURE_A, aside),
    "quarantine_again": Door(NOBODY, aside, form=lambda _: {"shift_s": "0"}),
    "quarantine_discard": Door(NOBODY, aside, form=lambda _: {"note": "posted"}),
    "gateway_code": Door(NOBODY, gateway, form=nothing),
    "gateway_revoke": Door(CONFIGURE_A, gateway, form=lambda tenant: {"name": f"{tenant.marker} gateway"}),
    "connect": Door(PEOPLE, query=lambda tenant: {"gateway": tenant.gateway}, form=machine_form),
    "connect_try": Door(NOBODY, form=machine_form),
    "connect_browse": Door(NOBODY, form=machine_form),
    "connect_table": Door(NOBODY, form=nothing, changed_by=PEOPLE),
    "connect_template": Door(PEOPLE),
}

PARAMETERS: dict[str, Callable[[Tenant], object]] = {
    "enterprise": lambda tenant: tenant.enterprise,
    "machine": lambda tenant: tenant.machine,
    "gateway": lambda tenant: tenant.gateway,
    "point": lambda tenant: tenant.points[0],
    "fact": lambda tenant: tenant.fact,
    "alarm": lambda tenant: alarm_of(tenant)["alarm_id"],
    "points": lambda tenant: ",".join(map(str, tenant.points)),
}
"""What a parameter of an API operation means, by name: these point at somebody's record."""
HARMLESS = {
    "key", "evidence_class", "standing", "on", "known",
    "number", "size", "text", "area", "industry", "above_scale", "connected", "order", "workshop", "protocol",
    "start", "end", "most", "unit", "shape", "fill", "grace_s", "bins", "by", "low", "high", "after", "form",
    "within_s", "state", "priority",
}  # fmt: skip
"""Parameters of the API that name no record."""
EVERYBODYS_OPERATIONS = {
    "/api/v1/enterprises",
    "/api/v1/areas",
    "/api/v1/gateways",
    "/api/v1/machines",
    "/api/v1/points",
    "/api/v1/city/hours",
    "/api/v1/city/busiest",
    "/api/v1/city/seen",
    "/api/v1/facts",
    "/api/v1/alarms",
    "/api/v1/fact-keys",
}
"""Lists: everybody gets their own part when no record is named."""
WRITTEN_BY_LOOKING = frozenset({"audit.Anchor", "audit.Entry", "audit.Head", "audit.Sighting", "desk.Receipt"})
"""Records (``room.Model``) that merely looking writes, such as "who opened this"; the walk leaves them aside."""
