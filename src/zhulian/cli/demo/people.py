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
