"""The audit trail in words: sentences of actions, names of fields and values, in the language of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.utils.translation import get_language, gettext

from zhulian.audit.rules.actions import ACTIONS
from zhulian.audit.rules.canonical import Entry
from zhulian.audit.rules.verification import Tampering
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import BY_CODE
from zhulian.vocabulary.roles import ROLE_NAMES, Role

PLATFORM = Text("平台", "The platform")
SOMEBODY = Text("某人", "Somebody")
NO_NAME = Text("（未登记的账号）", "(no such account)")
YES, NO = Text("是", "yes"), Text("否", "no")
NOTHING = "—"

GROUPS: Mapping[str, Text] = {
    "session.": Text("登录与退出", "Signing in and out"),
    "account.": Text("账号与角色", "Accounts and roles"),
    "enterprise.": Text("企业档案", "Enterprise files"),
    "gateway.": Text("网关", "Gateways"),
    "quarantine.": Text("隔离区", "Quarantine"),
    "retention.": Text("留存期限", "Retention"),
    "erasure.": Text("删除读数", "Deletion of readings"),
    "machine.": Text("设备", "Machines"),
    "fact.": Text("事实", "Facts"),
    "document.": Text("材料", "Documents"),
    "import.": Text("导入", "Imports"),
    "dashboard.": Text("看板", "Dashboards"),
    "mark.": Text("标记", "Marks"),
    "saved_view.": Text("视图", "Saved views"),
    "view.": Text("查看他人数据", "Looking at others' data"),
    "export.": Text("导出", "Exports"),
}
"""Groups of actions to choose from, by the beginning of their word."""

FIELDS: Mapping[str, Text] = {
    "name": Text("名称", "Name"),
    "username": Text("用户名", "User name"),
    "credit_code": Text("统一社会信用代码", "Credit code"),
    "industry": Text("行业", "Industry"),
    "district": Text("县区", "District"),
    "reporting_area": Text("统计归属", "Reporting area"),
    "above_scale": Text("规上企业", "Above scale"),
    "role": Text("角色", "Role"),
    "query": Text("视图地址", "Address of the view"),
    "text": Text("说明", "Text"),
    "tiles": Text("块数", "Tiles"),
    "start": Text("开始", "Start"),
    "end": Text("结束", "End"),
    "machine": Text("设备编号", "Machine number"),
    "point": Text("点位编号", "Point number"),
    "place": Text("县区", "Place"),
    "enterprise_id": Text("企业编号", "Enterprise number"),
    "organisation_id": Text("单位编号", "Organisation number"),
    "is_active": Text("账号可用", "Account open"),
    "public_key": Text("公钥", "Public key"),
    "version": Text("软件版本", "Version"),
    "revoked_at": Text("停用时间", "Revoked at"),
    "removed_at": Text("移除时间", "Removed at"),
    "gateway_id": Text("网关编号", "Gateway number"),
    "gateway_rows_per_s": Text("网关限额（条/秒）", "Gateway's quota (rows/s)"),
    "gateway_mb_per_day": Text("网关限额（MB/天）", "Gateway's quota (MB/day)"),
    "enterprise_rows_per_s": Text("企业限额（条/秒）", "Enterprise's quota (rows/s)"),
    "enterprise_mb_per_day": Text("企业限额（MB/天）", "Enterprise's quota (MB/day)"),
    "raw_days": Text("原始读数保留（天）", "Raw readings kept (days)"),
    "hour_days": Text("小时汇总保留（天）", "Hourly sums kept (days)"),
    "with_sums": Text("连同汇总", "With sums"),
    "points": Text("点位", "Points"),
    "workshop": Text("车间", "Workshop"),
    "kind": Text("类型", "Kind"),
    "protocol": Text("协议", "Protocol"),
    "address": Text("地址", "Address"),
    "poll_s": Text("采集周期（秒）", "Interval (s)"),
    "timeout_s": Text("超时（秒）", "Timeout (s)"),
    "source_note": Text("数据来源说明", "Source note"),
    "type": Text("数据类型", "Type"),
    "byte_order": Text("字节序", "Byte order"),
    "scale": Text("倍率", "Scale"),
    "offset": Text("偏移", "Offset"),
    "unit": Text("单位", "Unit"),
    "deadband": Text("死区", "Deadband"),
    "max_silence_s": Text("最长静默（秒）", "Longest silence (s)"),
    "low": Text("下限", "Lower limit"),
    "high": Text("上限", "Upper limit"),
    "rows": Text("行数", "Rows"),
    "form": Text("格式", "Form"),
    "times": Text("次数", "Times"),
    "first": Text("首次查看的序号", "Entry of the first look"),
    "day": Text("日期", "Day"),
    "last": Text("到第几条", "Last entry"),
    "options": Text("选项", "Option"),
}
"""What the fields of ``changes`` are called; others keep their own name."""

SUBJECTS: Mapping[str, Text] = {
    "enterprise": Text("企业", "Enterprise"),
    "gateway": Text("网关", "Gateway"),
    "quarantine": Text("隔离的读数", "Readings set aside"),
    "backfill": Text("历史数据导入", "Import of past readings"),
    "term": Text("留存期限", "Retention"),
    "demand": Text("删除申请", "Demand for deletion"),
    "machine": Text("设备", "Machine"),
    "account": Text("账号", "Account"),
    "table": Text("列表", "List"),
    "organisation": Text("单位", "Organisation"),
    "fact": Text("事实", "Fact"),
    "document": Text("材料", "Document"),
}

LOOKS: Mapping[str, Text] = {
    "enterprise": Text("企业档案", "Enterprise file"),
    "factory": Text("工厂页面", "Factory page"),
    "machine": Text("设备", "Machine"),
    "gateway": Text("网关", "Gateway"),
    "readings": Text("读数", "Readings"),
    "origin": Text("读数来源", "Origin of a reading"),
    "fact": Text("事实与来源", "Facts and their origin"),
    "document": Text("材料", "Document"),
    "return": Text("填报", "Return"),
    "contact": Text("联系方式", "Contact details"),
    "claim": Text("认领材料", "Proof of a claim"),
    "person": Text("人员资料", "A person's account"),
    "flag": Text("疑点", "Flag"),
    "alarm": Text("报警", "Alarm"),
    "list": Text("列表", "List"),
}

KINDS: Mapping[Tampering, Text] = {
    Tampering.CHANGED: Text("被改动", "Changed"),
    Tampering.DELETED: Text("被删除", "Deleted"),
    Tampering.REORDERED: Text("顺序被打乱", "Reordered"),
    Tampering.INSERTED: Text("被插入", "Inserted"),
    Tampering.TRUNCATED: Text("被截短", "Truncated"),
    Tampering.FORGED: Text("被伪造", "Forged"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One field's old and new value, as a person reads them."""

    field: str
    old: str
    new: str


def said(text: Text) -> str:
    """In the language of the page."""
    return text.in_language(get_language() or "zh-hans")


def sentence(entry: Entry) -> str:
    """Who did what to whom."""
    known = ACTIONS.get(entry.action)
    if known is None:  # written by a newer version
        return f"{entry.actor_name} · {entry.action} · {entry.subject_name}"
    return said(known).format(actor=who(entry), subject=entry.subject_name or said(NO_NAME))


def who(entry: Entry) -> str:
    """The actor's name; the platform has none."""
    if entry.actor_name and (entry.actor is not None or entry.actor_name != "zhulian"):
        return entry.actor_name
    return said(SOMEBODY if entry.action.startswith("session.") else PLATFORM)


def capacity(text: str) -> str:
    """``六安市经信局 · bureau`` with the role in words."""
    place, _, role = text.rpartition(" · ")
    name = ROLE_NAMES.get(Role(role)) if role in set(Role) else None
    return f"{place} · {said(name)}" if name else text


def changes(entry: Entry) -> list[Change]:
    """Old and new of each field."""
    return [Change(field(name), value(name, old), value(name, new)) for name, (old, new) in entry.changes.items()]


def field(name: str) -> str:
    """A field's name; ``点位.scale`` is the scale of that point."""
    known = FIELDS.get(name)
    if known is not None:
        return said(known)
    owner, _, last = name.rpartition(".")
    if owner == "options":
        return f"{said(FIELDS['options'])} {last}"
    return f"{owner} · {said(FIELDS[last])}" if owner and last in FIELDS else name


def value(name: str, given: object) -> str:
    """A value; codes of roles and places as names."""
    if given is None or given == "":
        return NOTHING
    if isinstance(given, bool):
        return said(YES if given else NO)
    if isinstance(given, list | tuple):
        return gettext("、").join(value(name, each) for each in given) or NOTHING
    text = str(given)
    if name == "role" and text in set(Role):
        return said(ROLE_NAMES[Role(text)])
    place = BY_CODE.get(text) if name in {"place", "district", "reporting_area"} else None
    return said(Text(place.name_zh, place.name_en)) if place else text


def in_short(found: Iterable[Change], most: int = 2) -> str:
    """The first changes on one line."""
    listed = list(found)
    words = gettext("；").join(gettext("%(field)s：%(old)s → %(new)s") % asdict(one) for one in listed[:most])
    return words if len(listed) <= most else gettext("%(words)s 等 %(n)s 项") % {"words": words, "n": len(listed)}
