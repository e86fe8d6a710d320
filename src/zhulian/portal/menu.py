"""What stands in the menu, for whom: at most eight sections, each with the places that belong together.

A new page joins the section that its readers would look in; a section whose places are all out of somebody's reach is
not shown to them. Read by ``navigation`` only.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from zhulian.organisations.tenancy import Scope
from zhulian.vocabulary.roles import READ_TRAIL


def everybody(_scope: Scope) -> bool:
    """Whoever has signed in and has a role."""
    return True


def officers(scope: Scope) -> bool:
    """Those who see the city or a part of it."""
    return scope.whole_city or bool(scope.areas)


def members(scope: Scope) -> bool:
    """Those who belong to an enterprise and see no city."""
    return bool(scope.own) and not officers(scope)


def see_enterprises(scope: Scope) -> bool:
    """Officers, and those who belong to an enterprise."""
    return officers(scope) or bool(scope.own)


def connectors(scope: Scope) -> bool:
    """Those who may connect machines."""
    return scope.administers or bool(scope.configures)


def see_people(scope: Scope) -> bool:
    """Those who see who has an account, everywhere or in their own house."""
    return scope.sees_people


def inviters(scope: Scope) -> bool:
    """Those who may let somebody in."""
    return bool(scope.roles_to_give())


def keepers(scope: Scope) -> bool:
    """Those who keep up the files of the city or of an area."""
    return scope.keeps_city or bool(scope.keeps_areas)


def importers(scope: Scope) -> bool:
    """Those who may bring lists in: files of enterprises, machines of a house."""
    return keepers(scope) or connectors(scope)


def not_officers(scope: Scope) -> bool:
    """Everybody who may have an enterprise of their own."""
    return not officers(scope)


def administrators(scope: Scope) -> bool:
    """Those who run the platform."""
    return scope.administers


def read_trail(scope: Scope) -> bool:
    """Those who may read some of the audit trail: auditors and administrators all of it, owners what is theirs."""
    return bool(scope.roles & READ_TRAIL or scope.owns)


@dataclass(frozen=True, slots=True)
class Place:
    """One thing a person goes to. ``name`` is its URL name, ``pages`` further URL names that belong to it."""

    icon: str
    words: object
    name: str
    pages: frozenset[str] = frozenset()
    whom: Callable[[Scope], bool] = everybody


@dataclass(frozen=True, slots=True)
class Section:
    """Places that belong together; with a single place in reach it is that place."""

    icon: str
    words: object
    places: tuple[Place, ...]


FILE_PAGES = frozenset(
    {
        "enterprise", "enterprise_edit", "enterprise_places", "enterprise_contacts", "enterprise_events",
        "enterprise_event", "enterprise_chains", "enterprise_members",
    }
)  # fmt: skip
STORAGE_PAGES = frozenset(
    {
        "storage_partitions", "storage_terms", "storage_term_remove", "storage_deletions", "storage_deletion_new",
        "storage_deletion",
    }
)  # fmt: skip
RULE_PAGES = frozenset({"alarm_rule", "alarm_rule_new"})
BODY_PAGES = frozenset({"organisation", "organisation_new", "organisation_edit", "sub_site_edit"})

SECTIONS: tuple[Section, ...] = (
    Section(
        "city",
        _("总览"),
        (
            Place("city", _("全市总览"), "home", whom=lambda scope: officers(scope) or scope.sees_totals),
            Place("home", _("我的工厂"), "home", FILE_PAGES | {"factory"}, whom=members),
        ),
    ),
    Section(
        "task",
        _("工作台"),
        (
            Place("task", _("待办"), "desk", frozenset({"task"})),
            Place("bell", _("消息"), "messages", frozenset({"message", "preferences"})),
            Place(
                "task",
                _("填报"),
                "own_returns",
                frozenset({"return", "return_question", "return_check", "return_receipt"}),
                whom=members,
            ),
            Place("task", _("填报任务"), "reporting", frozenset({"reporting_new", "reporting_one"}), whom=officers),
            Place("task", _("工作日历"), "working_days"),
        ),
    ),
    Section(
        "enterprise",
        _("企业与机构"),
        (
            Place("enterprise", _("企业"), "enterprises", FILE_PAGES | {"factory", "enterprise_new"}, whom=officers),
            Place("people", _("单位名录"), "organisations", BODY_PAGES),
            Place("folder", _("支柱产业"), "pillars", frozenset({"pillar_edit", "chain"}), whom=see_enterprises),
            Place("excel", _("导入"), "imports", frozenset({"import_new", "import_run"}), whom=importers),
            Place("done", _("审核认领"), "claims", frozenset({"claim_review"}), whom=keepers),
            Place("done", _("认领企业"), "claim", whom=not_officers),
        ),
    ),
    Section(
        "machine",
        _("设备与数据"),
        (
            Place(
                "machine",
                _("设备"),
                "machines",
                frozenset({"machine", "machine_edit", "backfills", "backfill"}),
                whom=see_enterprises,
            ),
            Place("chart", _("数据探索"), "explore", whom=see_enterprises),
            Place("board", _("看板"), "home_dashboard", frozenset({"dashboard", "dashboards"}), whom=see_enterprises),
            Place("warn", _("报警"), "alarms", frozenset({"alarm"}), whom=see_enterprises),
            Place("gear", _("报警规则"), "alarm_rules", RULE_PAGES, whom=see_enterprises),
            Place("people", _("报警值班"), "alarm_duty", whom=members),
            Place("info", _("报警负荷"), "alarm_load", whom=see_enterprises),
            Place("connect", _("接入设备"), "connect", whom=connectors),
            Place("gateway", _("网关"), "gateways", frozenset({"gateway"}), whom=see_enterprises),
            Place("folder", _("存储"), "storage", STORAGE_PAGES, whom=see_enterprises),
            Place("warn", _("隔离区"), "quarantine", frozenset({"quarantine_item"}), whom=connectors),
        ),
    ),
    Section(
        "evidence",
        _("事实与依据"),
        (
            Place(
                "evidence",
                _("事实"),
                "facts",
                frozenset({"enterprise_facts", "origin_fact", "fact_state", "fact_withdraw"}),
                whom=see_enterprises,
            ),
            Place("folder", _("证明材料"), "documents", frozenset({"document", "document_add"}), whom=see_enterprises),
            Place("warn", _("有冲突的事实"), "facts_conflicts", whom=see_enterprises),
            Place("warn", _("到期提醒"), "facts_expiring", frozenset({"enterprise_expiring"}), whom=see_enterprises),
            Place("info", _("事实目录"), "fact_keys", frozenset({"fact_key", "fact_key_edit"}), whom=see_enterprises),
            Place("warn", _("疑点"), "flags", frozenset({"flag"}), whom=officers),
            Place("warn", _("核实结论"), "flags", frozenset({"flag"}), whom=members),
        ),
    ),
    Section(
        "people",
        _("人员与权限"),
        (
            Place("people", _("人员"), "people", frozenset({"person", "hand_over"}), whom=see_people),
            Place("plus", _("邀请同事"), "invite", whom=inviters),
        ),
    ),
    Section(
        "trail",
        _("记录与审计"),
        (
            Place("trail", _("操作日志"), "trail", frozenset({"trail_entry", "trail_check"}), whom=read_trail),
            Place("search", _("谁看过我的数据"), "looks", whom=read_trail),
        ),
    ),
    Section(
        "gear",
        _("平台管理"),
        (
            Place("gear", _("送达渠道"), "channels", frozenset({"channel"}), whom=administrators),
            Place("task", _("定时任务"), "jobs", frozenset({"job"}), whom=administrators),
        ),
    ),
)

ACCOUNT = Place(
    "person", _("我的"), "account", frozenset({"account_change_password", "sessions", "keys", "deputies", "mfa_index"})
)

DAILY: tuple[str, ...] = ("home", "desk", "enterprises", "machines", "connect", "account")
"""URL names for the bottom bar of the phone: the first four that are in somebody's reach."""
