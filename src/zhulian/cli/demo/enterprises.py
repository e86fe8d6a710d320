"""The invented enterprises of the sample city. No such firm exists: each name says 演示, and each credit code has an
organisation part whose own check digit (GB 11714) is deliberately wrong, so no real firm can ever hold it."""

from dataclasses import dataclass

from zhulian.organisations.rules import credit_check_character
from zhulian.vocabulary.places import BY_CODE

# name, GB/T 4754 industry, reporting area, above scale, people, revenue of a year in 万元 (above scale: ≥ 2,000)
_LISTED = """
云岭钢业|C3130|341502|1|342|26200
皋城精铸汽配|C3670|341503|1|213|14600
淠河绿色食品|C1453|341522|1|86|7240
大别山茶业|C1530|341525|1|62|5540
金寨光伏组件|C3825|341524|1|1240|186000
史河氢能装备|C3463|341524|1|282|19590
万佛湖水产加工|C1362|341523|1|110|9130
舒城电子材料|C3985|341523|1|295|25550
杭埠显示器件|C3974|341523|1|1080|94500
霍邱铁基新材|C3240|341522|1|760|128000
临淮岗铸造|C3391|341522|1|75|6340
叶集木业家居|C2110|341504|1|113|5650
叶集人造板|C2021|341504|1|109|5450
高店智能仪表|C4016|341502|1|387|30940
三十铺轴承|C3451|341502|1|243|20590
东桥纺织|C1711|341502|0|13|290
双河农机|C3572|341502|0|40|1280
椿树玻璃制品|C3054|341502|0|15|620
城南机器人|C3491|341502400|1|158|11790
经开新能源电机|C3812|341502400|1|76|6960
经开半导体封测|C3973|341502400|1|64|5810
经开热管理系统|C3670|341502400|1|299|19360
经开精密模具|C3525|341502400|0|10|270
平桥齿轮|C3453|341503|1|459|24340
苏埠羽绒|C1941|341503|1|486|34470
独山石斛制药|C2740|341503|0|14|390
分路口塑胶|C2929|341503|0|30|1160
徐集花生油|C1331|341503|0|32|1300
城北电缆|C3831|341503|1|68|3830
姚李饲料|C1329|341504|0|33|770
三元钢结构|C3311|341504|0|38|1160
周集机床附件|C3425|341522|0|40|1330
长集水泥制品|C3021|341522|0|15|650
马店粮油|C1311|341522|0|36|1450
千人桥羽毛制品|C1942|341523|0|43|1480
晓天竹木|C2041|341523|0|24|780
梅山中药饮片|C2730|341524|1|200|16720
油坊店蚕丝|C1741|341524|0|10|430
衡山柳编|C2049|341525|0|26|1020
黑石渡磁材|C3984|341525|1|414|29110
与儿街纯净水|C1522|341525|0|21|920
"""


@dataclass(frozen=True, slots=True)
class Invented:
    """One row of the list, with its code made up."""

    name: str
    credit_code: str
    industry: str
    district: str
    reporting_area: str
    above_scale: bool
    employees: int
    revenue_wan: int


def invented() -> list[Invented]:
    """All of them, in the order above; the same codes at every call."""
    rows = [line.split("|") for line in _LISTED.split()]
    return [
        Invented(
            name=f"{name}（演示）有限公司",
            credit_code=_code(number, area),
            industry=industry,
            district=BY_CODE[area].within,
            reporting_area=area,
            above_scale=above == "1",
            employees=int(people),
            revenue_wan=int(revenue),
        )
        for number, (name, industry, area, above, people, revenue) in enumerate(rows, start=1)
    ]


def _code(number: int, area: str) -> str:
    organisation = f"DEM{number:05d}"
    first = f"91{BY_CODE[area].within}{organisation}{_wrong_check_digit(organisation)}"
    return first + credit_check_character(first)


def _wrong_check_digit(organisation: str) -> str:
    """One above the right one (GB 11714-1997, weights 3 7 9 10 5 8 4 2)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    values = (int(sign, 36) for sign in organisation)
    right = (11 - sum(weight * value for weight, value in zip(weights, values, strict=True)) % 11) % 11
    return str((right + 1) % 10) if right < 10 else "0"
