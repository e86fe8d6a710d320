"""The columns of an enterprise list, with the words that bureaus, statistics and licences use for them."""

from zhulian.imports.rules import readers
from zhulian.imports.rules.fields import Field
from zhulian.vocabulary.errors import Text
from zhulian.vocabulary.places import DISTRICTS, REPORTING_AREAS

SIZE_WORDS = {
    "大型": "large", "中型": "medium", "小型": "small", "微型": "micro", "大": "large", "中": "medium", "小": "small",
    "微": "micro", "large": "large", "medium": "medium", "small": "small", "micro": "micro",
}  # fmt: skip
SIZE_NAMES = {
    "large": Text("大型", "large"),
    "medium": Text("中型", "medium"),
    "small": Text("小型", "small"),
    "micro": Text("微型", "micro"),
}

ENTERPRISE_FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        Text("企业名称", "Enterprise"),
        ("单位名称", "公司名称", "企业", "名称", "企业全称", "单位详细名称"),
        Text("营业执照上的全称，最多 120 字。", "Full name as on the business licence, up to 120 characters."),
        "示例（六安）机械有限公司",
        readers.text(120),
        is_required=True,
        width=36,
    ),
    Field(
        "credit_code",
        Text("统一社会信用代码", "Credit code"),
        ("信用代码", "社会信用代码", "统一信用代码", "统一代码", "营业执照号", "uscc", "creditcode"),
        Text(
            "18 位。同一代码已建档的，按这一行更新。", "18 characters. Where it has a file, the row updates that file."
        ),
        "91341500MA0000001P",
        readers.credit_code,
        is_required=True,
        is_text=True,
        width=24,
    ),
    Field(
        "industry",
        Text("行业代码", "Industry code"),
        ("行业", "国民经济行业", "行业类别", "所属行业", "行业分类", "国民经济行业代码", "industry"),
        Text(
            "GB/T 4754 代码或大类名称。新建档案必填。", "GB/T 4754 code or name of a division. Required for a new file."
        ),
        "C3360",
        readers.industry,
        width=14,
    ),
    Field(
        "district",
        Text("所在县区", "District"),
        ("县区", "区县", "所属县区", "所属区县", "地区", "county"),
        Text(
            "新建档案必填。开发区内的企业填开发区所在的县区。",
            "Required for a new file; for a zone, the district it lies in.",
        ),
        DISTRICTS[0].name_zh,
        readers.district,
        readers.show_place,
        choices=tuple(one.name_zh for one in DISTRICTS),
    ),
    Field(
        "reporting_area",
        Text("统计归属", "Reporting area"),
        ("归属", "统计归属地", "统计区域", "园区", "reportingarea"),
        Text("留空即所在县区；市开发区的企业填市开发区。", "Empty means the district."),
        REPORTING_AREAS[0].name_zh,
        readers.area,
        readers.show_place,
        choices=tuple(one.name_zh for one in REPORTING_AREAS),
    ),
    Field(
        "above_scale",
        Text("规上", "Above scale"),
        ("规上企业", "是否规上", "规模以上", "是否规模以上", "abovescale"),
        Text("是或否。", "是 (yes) or 否 (no)."),
        "是",
        readers.yes_no,
        readers.show_yes_no,
        choices=("是", "否"),
        width=10,
    ),
    Field(
        "size",
        Text("企业规模", "Size class"),
        ("规模", "规模类型", "大中小微", "企业规模类型", "size"),
        Text("大型、中型、小型或微型。", "大型, 中型, 小型 or 微型 (large, medium, small, micro)."),
        "小型",
        readers.choice(SIZE_WORDS),
        readers.show_choice(SIZE_NAMES),
        choices=("大型", "中型", "小型", "微型"),
        width=12,
    ),
    Field(
        "legal_representative",
        Text("法定代表人", "Legal representative"),
        ("法人", "法人代表", "负责人", "法定代表"),
        Text("选填。", "Optional."),
        "张示例",
        readers.text(60),
    ),
    Field(
        "registered_capital_fen",
        Text("注册资本", "Registered capital"),
        ("注册资金", "注册资本金", "capital"),
        Text(
            "写明单位，例如 500 万元；或在表头写“注册资本（万元）”。",
            "With its unit, such as 500 万元, here or in the header.",
        ),
        "500万元",
        readers.money,
        readers.show_money,
        width=16,
    ),
    Field(
        "established_on",
        Text("成立日期", "Established on"),
        ("成立时间", "注册日期", "设立日期", "established"),
        Text(
            "例如 2018-05-20、2018年5月；只写到月的按当月 1 日记。",
            "Such as 2018-05-20; a month alone means its first day.",
        ),
        "2018-05-20",
        readers.day,
        warn=readers.day_warning,
        width=14,
    ),
    Field(
        "employees",
        Text("从业人员（人）", "Employees"),
        ("从业人员", "员工人数", "职工人数", "人数", "从业人数", "employees"),
        Text("整数。", "A whole number."),
        "86",
        readers.whole(2_000_000),
        width=14,
    ),
    Field(
        "revenue_fen",
        Text("营业收入", "Revenue"),
        ("主营业务收入", "年营业收入", "营收", "销售收入", "revenue"),
        Text("写明单位，例如 3,200 万元；或在表头写“营业收入（万元）”。", "With its unit, here or in the header."),
        "3200万元",
        readers.money,
        readers.show_money,
        width=16,
    ),
    Field(
        "revenue_year",
        Text("收入年度", "Revenue year"),
        ("年度", "统计年度", "收入年份", "revenueyear"),
        Text("营业收入是哪一年的。", "The year of the revenue."),
        "2025",
        readers.whole(2_100),
        width=10,
    ),
    Field(
        "address",
        Text("注册地址", "Address"),
        ("地址", "住所", "企业地址", "详细地址", "address"),
        Text("选填。", "Optional."),
        "金安区示例路 1 号",
        readers.text(200),
        width=30,
    ),
)
"""Field → column, in the order of the template."""
