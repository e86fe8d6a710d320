"""What the invented enterprises proved and stated: invoices, photos, figures; some ending, one disputed.

Papers are drawn here and say 演示 on their face. Told as if each had been entered in its month; safe to call again.
"""

import io
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from PIL import Image, ImageDraw
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from zhulian.cli.demo.factories import FACTORIES
from zhulian.evidence import workflows
from zhulian.evidence.models import Document, Fact
from zhulian.evidence.rules import EvidenceClass, Value, of_enterprise
from zhulian.evidence.workflows import NewDocument, NewFact
from zhulian.organisations.models import Enterprise, User
from zhulian.organisations.tenancy import Scope, visible_to
from zhulian.vocabulary.clock import SHANGHAI, Clock, to_time_us
from zhulian.vocabulary.readings import TimeUs
from zhulian.vocabulary.settings import Settings

WAN = 10_000_00


def make(settings: Settings, now_us: TimeUs, show: Callable[[str], None]) -> None:
    """Facts of all invented enterprises, and papers of the connected ones."""
    if Document.objects.filter(enterprise__is_sample=True).exists():
        return
    today = datetime.fromtimestamp(now_us / 1e6, SHANGHAI).date()
    bureau = visible_to(User.objects.get(username="bureau"))
    for number, enterprise in enumerate(Enterprise.objects.filter(is_sample=True).order_by("id")):
        _state(bureau, enterprise, random.Random(number), today)  # noqa: S311 - invented figures, the same every time
    for factory in FACTORIES:
        _papers(settings, Enterprise.objects.get(name=factory.enterprise), bureau, today)
    _dispute(today)
    workflows.announce_expiring(today)
    show(f"{Fact.objects.count()} 条事实、{Document.objects.count()} 份材料 / facts, documents")


def _at(day: date) -> Clock:
    """Ten in the morning of that day."""
    moment = to_time_us(datetime.combine(day, time(10), SHANGHAI))
    return lambda: moment


def _state(scope: Scope, enterprise: Enterprise, made: random.Random, today: date) -> None:
    """What the bureau took over from last year's returns: the file's own figures, and what goes with that many people.

    What the enterprise has sent itself by now is left as it is.
    """
    people, revenue = enterprise.employees or 0, enterprise.revenue_fen or 0
    sent = set(Fact.objects.filter(enterprise=enterprise).values_list("key", flat=True))
    year = today.year - 1
    told = today - timedelta(days=made.randrange(40, 200))
    machines = max(2, round(people * made.uniform(0.08, 0.2)))
    until = told + timedelta(days=365)
    yearly: dict[str, Value] = {
        "business.revenue": revenue,
        "business.rd_spend": round(revenue * made.uniform(0.01, 0.04)),
    }
    states: dict[str, Value] = {
        "business.employees": people,
        "machines.total": machines,
        "machines.digital": round(machines * made.uniform(0.2, 0.7)),
        "cloud.services": made.randrange(0, 5),
        "cloud.business_links": made.randrange(0, 9),
        "security.self_check": made.random() < 0.4,
    }
    news = [
        NewFact(
            subject=of_enterprise(enterprise.pk),
            key=key,
            value=value,
            period_start=date(year, 1, 1),
            period_end=date(year, 12, 31),
        )
        for key, value in yearly.items()
    ]
    ending = made.randrange(2, 80) if made.random() < 0.25 else None
    news += [
        NewFact(
            subject=of_enterprise(enterprise.pk),
            key=key,
            value=value,
            period_end=told,
            valid_until=today + timedelta(days=ending) if ending and key == "business.employees" else until,
        )
        for key, value in states.items()
        if key not in sent
    ]
    workflows.state_all(scope, news, _at(told))


def _papers(settings: Settings, enterprise: Enterprise, bureau: Scope, today: date) -> None:
    """An invoice for cloud services, a contract, a photo of the line; each proves something."""
    issued = date(today.year - 1, 11, 20)
    number = f"2534{enterprise.pk:016d}"
    amount = (18 + enterprise.pk % 7) * WAN
    party = "云梯数据（演示）服务有限公司"
    words = [
        f"电子发票（演示） {number}",
        f"购买方：{enterprise.name}",
        f"销售方：{party}",
        f"金额：{amount / 100:,.2f} 元",
    ]
    invoice = _add(
        settings,
        bureau,
        NewDocument(
            enterprise=enterprise.pk,
            kind="invoice",
            name="云服务发票（演示）.pdf",
            invoice_number=number,
            amount_fen=amount,
            issued_on=issued,
            party=party,
        ),
        _pdf(words),
        issued + timedelta(days=5),
    )
    _prove(
        bureau,
        enterprise,
        "cloud.spend_paid",
        amount,
        invoice,
        date(issued.year, 1, 1),
        date(issued.year, 12, 31),
        today,
    )
    contract = _add(
        settings,
        bureau,
        NewDocument(
            enterprise=enterprise.pk, kind="contract", name="云服务合同（演示）.pdf", issued_on=issued, party=party
        ),
        _pdf(["云服务合同（演示）", f"甲方：{enterprise.name}", f"乙方：{party}", "期限：一年"]),
        issued + timedelta(days=5),
    )
    _prove(
        bureau, enterprise, "cloud.contracts", 1, contract, issued, issued, today, until=issued + timedelta(days=365)
    )
    photo = NewDocument(enterprise=enterprise.pk, kind="photo", name="车间照片（演示）.jpg", note="接入网关后的产线")
    _add(settings, bureau, photo, _photo(enterprise.pk, today - timedelta(days=60)), today - timedelta(days=58))


def _add(settings: Settings, scope: Scope, new: NewDocument, content: bytes, day: date) -> int:
    return workflows.add_document(scope, settings.data.files, new, [content], _at(day))


def _prove(  # noqa: PLR0917 - one line a paper
    scope: Scope,
    enterprise: Enterprise,
    key: str,
    value: Value,
    document: int,
    start: date,
    end: date,
    today: date,
    until: date | None = None,
) -> None:
    new = NewFact(
        subject=of_enterprise(enterprise.pk),
        key=key,
        value=value,
        period_start=start,
        period_end=end,
        evidence_class=EvidenceClass.B,
        document=document,
        valid_until=until,
    )
    workflows.state(scope, new, _at(min(end + timedelta(days=10), today)))


def _dispute(today: date) -> None:
    """One owner says more than the officer counted; both stand side by side."""
    owner = visible_to(User.objects.get(username="owner"))
    enterprise = min(owner.own)
    day = today - timedelta(days=12)
    new = NewFact(
        subject=of_enterprise(enterprise),
        key="business.employees",
        value=368,
        period_end=day,
        note="含新入职人员（演示）",
    )
    workflows.state(owner, new, _at(day))


def _pdf(lines: list[str]) -> bytes:
    sink = io.BytesIO()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(sink, invariant=True)
    canvas.setFont("STSong-Light", 14)
    for row, line in enumerate(["演示数据 · 不是真实票据", *lines]):
        canvas.drawString(72, 760 - 28 * row, line)
    canvas.save()
    return sink.getvalue()


def _photo(number: int, day: date) -> bytes:
    """Shapes of a hall, different for every enterprise."""
    made = random.Random(number)  # noqa: S311 - a drawing, the same every time
    image = Image.new("RGB", (960, 640), (188, 196, 202))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 430, 960, 640), fill=(120, 126, 130))
    for _ in range(9):
        left, top = made.randrange(0, 820), made.randrange(160, 420)
        grey = made.randrange(40, 220)
        draw.rectangle((left, top, left + made.randrange(60, 220), 470), fill=(grey, grey, made.randrange(60, 220)))
    sink, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{day:%Y:%m:%d} 09:30:00"
    image.save(sink, "JPEG", quality=85, exif=exif)
    return sink.getvalue()
