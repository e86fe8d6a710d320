"""The register of the sample city: particulars, events, contacts, organisations, platforms, a dictionary, two claims.

All of it is invented and says so; the dictionary names no source, because the official list is not known. Each part
looks for what is there already, so a second run changes nothing.
"""

import io
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from PIL import Image, ImageDraw, ImageFont

from zhulian.cli.demo.enterprises import invented
from zhulian.organisations.models import Claim, Contact, Enterprise, EnterpriseEvent, Organisation, SubSite, User
from zhulian.organisations.queries import pillars as dictionary
from zhulian.organisations.rules.files import EventKind, State, size_by_rule
from zhulian.organisations.tenancy import SYSTEM, visible_to
from zhulian.organisations.towns import towns_of
from zhulian.organisations.workflows import bodies, claims, contacts, pillars, places, sub_sites
from zhulian.organisations.workflows.bodies import BodyDraft
from zhulian.organisations.workflows.claims import ClaimDraft
from zhulian.organisations.workflows.contacts import ContactDraft
from zhulian.organisations.workflows.dated import Entered, enter_event
from zhulian.organisations.workflows.files import save_file
from zhulian.organisations.workflows.history import Cause
from zhulian.organisations.workflows.pillars import PillarDraft
from zhulian.organisations.workflows.places import LineDraft
from zhulian.organisations.workflows.sub_sites import SubSiteDraft

WAN = 1_000_000
"""Fen in 万元."""
_MARK = "演示数据"
_PILLARS = (
    ("新能源汽车零部件（演示）", "New-energy vehicle parts (sample)", ("C36", "C3812", "C3453")),
    ("先进光伏与氢能（演示）", "Solar and hydrogen (sample)", ("C3825", "C3463")),
    ("铁基新材料（演示）", "Iron-based materials (sample)", ("C31", "C324", "C339")),
    ("电子信息（演示）", "Electronics (sample)", ("C39",)),
    ("绿色食品（演示）", "Food (sample)", ("C13", "C14", "C15")),
)
_CHAINS = (
    ("汽车零部件产业链（演示）", "Vehicle parts chain (sample)", 0),
    ("铁基材料产业链（演示）", "Iron materials chain (sample)", 2),
)
_POSITIONS = (
    ("云岭钢业", 1, "upstream", "冷轧钢带"),
    ("临淮岗铸造", 1, "midstream", "球墨铸件"),
    ("皋城精铸汽配", 0, "midstream", "转向节"),
    ("经开新能源电机", 0, "downstream", "驱动电机"),
    ("三十铺轴承", 0, "upstream", "轮毂轴承"),
)
_BODIES = (
    BodyDraft("government", "市经济和信息化局（演示）", in_leading_group=True, duty="牵头：政策、平台、考核"),
    BodyDraft("government", "市发展改革委（演示）", in_leading_group=True, duty="项目与能耗"),
    BodyDraft("government", "市科技局（演示）", in_leading_group=True, duty="技术攻关与专家"),
    BodyDraft("government", "市财政局（演示）", in_leading_group=True, duty="资金安排与兑付"),
    BodyDraft("government", "市数据资源管理局（演示）", in_leading_group=True, duty="数据共享与安全"),
    BodyDraft("county_mechanism", "霍邱县工作专班（演示）", district="341522", duty="本县企业登记、走访、初审"),
    BodyDraft("county_mechanism", "舒城县工作专班（演示）", district="341523", duty="本县企业登记、走访、初审"),
    BodyDraft("operator", "甲通信运营商（演示）", in_leading_group=True, duty="5G 与工业专线"),
    BodyDraft("operator", "乙通信运营商（演示）", in_leading_group=True, duty="标识与云网"),
    BodyDraft("platform", "皋城装备云（演示）", level="industry", duty="装备制造行业平台", introduction=_MARK),
    BodyDraft("platform", "淠河产业大脑（演示）", level="region", duty="全市中小企业公共平台", introduction=_MARK),
    BodyDraft("platform", "云岭钢业互联平台（演示）", level="enterprise", district="341502", duty="本企业与供应商"),
    BodyDraft("provider", "六合数字服务（演示）", duty="上云与诊断服务"),
    BodyDraft("bank", "皋城银行科技支行（演示）", duty="数据增信贷款"),
    BodyDraft("school", "皋西职业技术学院（演示）", duty="实训基地"),
    BodyDraft("association", "装备制造行业协会（演示）", duty="行业对接"),
)


def _firm(name: str) -> Enterprise:
    """A sample enterprise by the first part of its name."""
    return Enterprise.objects.get(name__startswith=name, is_sample=True)


def make() -> int:
    """Everything; returns how many organisations there are. For ``cli.demo.city``, after enterprises and people."""
    with transaction.atomic():  # one wait for the disk instead of hundreds
        _particulars()
        _events()
        _dictionary()
        _organisations()
        _claims()
    return Organisation.objects.filter(is_sample=True).count()


def _particulars() -> None:
    """Invented particulars for every sample file that has none yet, the same at every call."""
    for number, firm in enumerate(invented()):
        row = Enterprise.objects.filter(credit_code=firm.credit_code, employees=None).first()
        if row is None:
            continue
        values: State = {
            "town": sorted(towns_of(row.district))[number % 6],
            "address": f"演示工业园 {number + 1} 号",
            "kind": "有限责任公司",
            "legal_representative": f"演示{'赵钱孙李周吴郑王'[number % 8]}某",
            "registered_capital_fen": (500 + number * 130 % 9_000) * WAN,
            "established_on": f"{2003 + number % 18}-0{1 + number % 9}-15",
            "employees": firm.employees,
            "revenue_fen": firm.revenue_wan * WAN,
            "revenue_year": timezone.localdate().year - 1,
            "size": size_by_rule(row.industry, firm.employees, firm.revenue_wan * WAN),
            "business_scope": f"{_MARK}：按登记行业生产和销售。",
        }
        save_file(SYSTEM, row.pk, values, row.revision, Cause(note=_MARK))
        if not Contact.objects.filter(enterprise=row).exists():
            draft = ContactDraft(f"演示联系人{number + 1}", "办公室主任", f"0564-000{number:04d}", is_main=True)
            contacts.save_contact(SYSTEM, draft, enterprise=row.pk)


def _events() -> None:
    """A rename, a rise above scale and a merger, each some time ago."""
    today = timezone.localdate()
    steel, gear, knit = (_firm(name) for name in ("云岭钢业", "平桥齿轮", "东桥纺织"))
    if EnterpriseEvent.objects.filter(enterprise=steel, kind=EventKind.SCALED_UP.value).exists():
        return
    history = Cause(today - timedelta(days=900), "演示〔2024〕1号", _MARK, is_news=False)
    enter_event(SYSTEM, steel.pk, Entered(EventKind.SCALED_UP, history))
    former = Cause(today - timedelta(days=1500), "演示〔2022〕7号", _MARK, is_news=False)
    enter_event(SYSTEM, steel.pk, Entered(EventKind.RENAMED, former, {"name": "云岭轧钢厂（演示）"}))
    moved = {"district": "341502", "reporting_area": "341502400", "town": "", "address": "演示开发区 8 号"}
    enter_event(SYSTEM, gear.pk, Entered(EventKind.MOVED, Cause(today, "演示〔2026〕3号", _MARK), moved))
    fell = Cause(today, "演示〔2026〕5号", _MARK)
    enter_event(SYSTEM, knit.pk, Entered(EventKind.CLOSED, fell))
    _line(steel)


def _line(steel: Enterprise) -> None:
    """One production line, with the first machine on it."""
    machine = steel.machines.filter(removed_at=None).exclude(shop=None).order_by("pk").first()
    if machine is not None and machine.shop_id is not None:
        line = places.save_line(SYSTEM, steel.pk, machine.shop_id, LineDraft("一号线", "冷轧钢带"))
        places.put_machine(SYSTEM, machine.pk, line=line)


def _dictionary() -> None:
    if dictionary.pillars(SYSTEM):
        return
    made = [
        pillars.save_pillar(SYSTEM, PillarDraft(name, name_en, "", position, codes, is_sample=True))
        for position, (name, name_en, codes) in enumerate(_PILLARS, start=1)
    ]
    chains = [
        pillars.save_chain(SYSTEM, name, name_en, pillar=made[pillar], is_sample=True)
        for name, name_en, pillar in _CHAINS
    ]
    for name, chain, position, product in _POSITIONS:
        firm = _firm(name)
        pillars.take_position(SYSTEM, firm.pk, chains[chain], position, product=product)


def _organisations() -> None:
    present = set(Organisation.objects.values_list("kind", "name"))
    for draft in _BODIES:
        if (draft.kind, draft.name) not in present:
            bodies.save_body(SYSTEM, _sample(draft))
    cloud = Organisation.objects.get(name="皋城装备云（演示）")
    if not SubSite.objects.filter(platform=cloud).exists():
        for name in ("皋城精铸汽配", "三十铺轴承", "经开新能源电机", "城南机器人", "双河农机"):
            bodies.join_platform(SYSTEM, cloud.pk, _firm(name).pk)
        sub_sites.save_sub_site(SYSTEM, cloud.pk, _site())


def _sample(draft: BodyDraft) -> BodyDraft:
    return replace(draft, is_sample=True)


def _site() -> SubSiteDraft:
    return SubSiteDraft(
        slug="gaocheng-equipment",
        title="皋城装备云（演示）",
        headline="装备制造企业的共同平台",
        body="演示数据：这里写平台做什么、怎样加入、找谁联系。\n成员企业登录后看到自己的设备，平台看到全部成员。",
        colour="#0b5a6b",
        is_public=True,
        logo=_picture("皋", 96, "PNG"),
    )


def _claims() -> None:
    """The owner of one factory claims two more files: one waits, one was refused."""
    owner = User.objects.filter(username="owner").first()
    if owner is None or Claim.objects.filter(claimant=owner).exists():
        return
    proof = _picture("演示营业执照", 640, "JPEG")
    numbers = []
    for name in ("高店智能仪表", "霍邱铁基新材"):
        code = _firm(name).credit_code
        draft = ClaimDraft(code, "总经理", "0564-0000000", proof, "营业执照（演示）.jpg")
        numbers.append(claims.make_claim(visible_to(owner), draft))
    claims.decide_claim(SYSTEM, numbers[0], confirm=False, reason="演示：执照照片上的名称与档案不一致。")


def _picture(words: str, side: int, kind: str) -> bytes:
    """A plain picture that says how little it proves: a frame, a diagonal, and its name in the file's comment."""
    written = io.BytesIO()
    picture = Image.new("RGB", (side, side * 2 // 3 if side > 100 else side), "#f2efe6")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((4, 4, picture.width - 5, picture.height - 5), outline="#0b5a6b", width=3)
    pen.line((4, picture.height - 5, picture.width - 5, 4), fill="#c0392b", width=3)
    lines = "SAMPLE\nNO LICENCE" if side > 100 else "S"
    font = ImageFont.load_default(picture.height // 8)
    pen.text((picture.width // 8, picture.height // 8), lines, fill="#0b5a6b", font=font)
    picture.save(written, kind, comment=words.encode())
    return written.getvalue()
