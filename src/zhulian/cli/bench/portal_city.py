"""An invented city as large as the platform is made for, written straight into a scratch database.

Everything follows from the running number, so two runs write the same rows on either engine.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any

ENTERPRISES, MACHINES, FACTS = 50_000, 50_000, 500_000
FACTS_EACH = FACTS // ENTERPRISES
AT_ONCE = 5_000
PLACES = ("金安", "裕安", "叶集", "霍邱", "舒城", "金寨", "霍山", "皖西", "淠河", "大别山", "六安", "寿春")
WORDS = ("精密", "智能", "恒力", "华东", "长安", "兴业", "绿源", "宏达", "天工", "乐行", "重光", "和美", "新港", "永固")
TRADES = ("轴承", "铸造", "茶业", "电子", "机械", "新材料", "纺织", "汽配", "光伏", "食品", "钢结构", "羽绒", "数控")
FORMS = ("有限公司", "股份有限公司", "制造有限公司", "科技有限公司", "厂")
INDUSTRIES = ("C3451", "C3391", "C1530", "C3990", "C3360", "C3039", "C1711", "C3670", "C3825", "C1469")
SERIAL = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒"
MACHINES_NAMED = ("数控车床", "加工中心", "注塑机", "空压机", "热处理炉", "电表", "冲床", "烘干线")
KEYS = (
    ("energy.used", "kWh"), ("machines.online_share", "%"), ("oee.hours_run", "h"), ("data.completeness", "%"),
    ("apps.in_use", ""), ("identifiers.registered", ""), ("days.continuous_use", "d"), ("machines.connected", ""),
    ("energy.intensity", "kWh"), ("identifiers.resolved", ""),
)  # fmt: skip
FIRST_DAY = date(2026, 1, 1)


def name(number: int) -> str:
    """Enterprise ``number``: place, two signs of its own, trade, form."""
    own = SERIAL[number % 30] + SERIAL[number // 30 % 30]
    words = (PLACES[number % 12], own, WORDS[number // 7 % 14], TRADES[number // 3 % 13], FORMS[number // 11 % 5])
    return "".join(words)


def code(number: int) -> str:
    """A code with its check character."""
    from zhulian.organisations.rules import credit_check_character

    first = f"91{341502 + number % 24:06d}MB{number:07d}"
    return first + credit_check_character(first)


def machine_name(number: int) -> str:
    """Machine ``number``: a kind and its place in the row."""
    return f"{MACHINES_NAMED[number % 8]}{number % 997:03d}"


def build() -> None:
    """Enterprises, one gateway, machine and point each, ten facts each, the trail of their opening, and the index."""
    from django.utils import timezone

    from zhulian.audit.rules import Actor, Draft, Subject
    from zhulian.audit.workflows import record_all
    from zhulian.evidence.models import Fact
    from zhulian.organisations.models import Enterprise, Gateway, Machine, Point
    from zhulian.organisations.search.workflows import rebuild
    from zhulian.organisations.workflows.counting import recount
    from zhulian.vocabulary.places import REPORTING_AREAS

    areas = [place.code for place in REPORTING_AREAS if place.within == place.code]
    numbers = range(1, ENTERPRISES + 1)
    _write(Enterprise, (_enterprise(Enterprise, number, areas) for number in numbers))
    _write(Gateway, (Gateway(id=number, enterprise_id=number, name="网关") for number in numbers))
    _write(Machine, (_machine(Machine, number) for number in range(1, MACHINES + 1)))
    _write(Point, (Point(id=number, machine_id=number, name="有功功率", address="40001") for number in numbers))
    recount(None)
    now = timezone.now()
    Fact.objects.bulk_create([_fact(Fact, number, now) for number in range(FACTS_EACH)])
    _give_all_the_same(Fact, ENTERPRISES)
    clerk = Actor(None, "bench")
    drafts = (
        Draft(clerk, "enterprise.created", Subject("enterprise", number, name(number)), number) for number in numbers
    )
    for some in _in_batches(drafts):
        record_all(some)
    rebuild()
    _analyse()


def _enterprise(model: Any, number: int, areas: Sequence[str]) -> Any:  # noqa: ANN401 - models need Django awake
    area = areas[number % len(areas)]
    return model(
        id=number,
        name=name(number),
        credit_code=code(number),
        industry=INDUSTRIES[number % 10],
        district=area,
        reporting_area=area,
        above_scale=number % 23 == 0,
    )


def _machine(model: Any, number: int) -> Any:  # noqa: ANN401
    return model(
        id=number,
        enterprise_id=(number * 7_919) % ENTERPRISES + 1,
        gateway_id=(number * 7_919) % ENTERPRISES + 1,
        name=f"{machine_name(number)}-{number}",
        workshop=f"{number % 9 + 1}号车间",
        kind=MACHINES_NAMED[number % 8],
        protocol="modbus_tcp",
        address="192.0.2.10:502",
    )


def _fact(model: Any, number: int, now: Any) -> Any:  # noqa: ANN401
    key, unit = KEYS[number % FACTS_EACH]
    day = FIRST_DAY + timedelta(days=number % 300)
    return model(
        enterprise_id=number // FACTS_EACH + 1,
        subject_kind="enterprise",
        subject=number // FACTS_EACH + 1,
        key=key,
        value=number % 1000 / 10,
        unit=unit,
        period_start=day,
        period_end=day,
        source="bench",
        evidence_class="A",
        captured_at=now,
    )


def _give_all_the_same(model: Any, number: int) -> None:  # noqa: ANN401
    """The first enterprise's rows for every other one, by the database itself."""
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    wanted = ", ".join({"enterprise_id": "e.id", "subject": "e.id"}.get(name, f"f.{name}") for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {wanted}"  # noqa: S608 - names of ours
            f" FROM {model._meta.db_table} f CROSS JOIN organisations_enterprise e"
            " WHERE f.enterprise_id = 1 AND e.id BETWEEN 2 AND %s",
            [number],
        )


def _write(model: Any, rows: Iterable[Any]) -> None:  # noqa: ANN401
    from django.core.management.color import no_style
    from django.db import connection, transaction

    for some in _in_batches(rows):
        with transaction.atomic():
            model.objects.bulk_create(some)
    with connection.cursor() as cursor:  # ids were given by hand
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


def _analyse() -> None:
    """What a server does by itself at night."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def _in_batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    remaining = iter(rows)
    while some := list(islice(remaining, AT_ONCE)):
        yield some
