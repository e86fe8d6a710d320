"""Who can sign in to the sample city, and with what. Known passwords exist nowhere but here."""

from typing import NamedTuple

from zhulian.vocabulary.roles import Role

PASSWORD = "liuan-demo-2026"  # noqa: S105 - printed on purpose; the sample city holds no secret


class SamplePerson(NamedTuple):
    """``factory`` is the key of the enterprise for engineer and owner; ``place`` the area of a county officer."""

    username: str
    full_name: str
    role: Role
    factory: str = ""
    place: str = ""


PEOPLE = (
    SamplePerson("bureau", "陈经信", Role.BUREAU),
    SamplePerson("county", "周霍邱", Role.COUNTY, place="341522"),
    SamplePerson("engineer", "李工", Role.ENGINEER, factory="steel"),
    SamplePerson("owner", "王总", Role.OWNER, factory="steel"),
    SamplePerson("engineer2", "张工", Role.ENGINEER, factory="castings"),
    SamplePerson("engineer3", "刘工", Role.ENGINEER, factory="food"),
    SamplePerson("admin", "平台管理员", Role.ADMINISTRATOR),
)
OTHERS = (
    SamplePerson("memberunit", "孙发改", Role.MEMBER_UNIT),
    SamplePerson("platform", "赵平台", Role.PLATFORM),
    SamplePerson("provider", "钱服务", Role.PROVIDER),
    SamplePerson("bank", "吴信贷", Role.BANK),
    SamplePerson("school", "郑老师", Role.SCHOOL),
    SamplePerson("expert", "冯专家", Role.EXPERT),
    SamplePerson("auditor", "卫审计", Role.AUDITOR),
    SamplePerson("security", "蒋安全", Role.SECURITY),
)
"""The other roles, named in one line."""
BODIES = {
    Role.MEMBER_UNIT: ("government", "市发展改革部门（演示）"),
    Role.PLATFORM: ("platform", "皋城工业互联平台（演示）"),
    Role.PROVIDER: ("provider", "淠河数字服务（演示）有限公司"),
    Role.BANK: ("bank", "大别山村镇银行（演示）"),
    Role.SCHOOL: ("school", "六安工业学校（演示）"),
}
"""Where they work, unless the sample city has such a body already."""
