"""The columns of a list of sites, workshops and lines (场所、车间、产线)."""

from zhulian.imports.rules import readers
from zhulian.imports.rules.fields import Field
from zhulian.imports.rules.owner_field import owner_field
from zhulian.vocabulary.errors import Text

PLACE_FIELDS: tuple[Field, ...] = (
    owner_field(Text("场所属于哪家已建档的企业。", "Which enterprise, by its code; it has a file already.")),
    Field(
        "site",
        Text("场所名称", "Site"),
        ("场所", "厂区", "厂区名称", "生产场所", "site"),
        Text("同一企业内不重名；已有的场所按这一行更新。", "Unique in the enterprise; a known name updates that site."),
        "主厂区",
        readers.text(80),
        is_required=True,
        width=22,
    ),
    Field(
        "town",
        Text("乡镇街道", "Township"),
        ("乡镇", "街道", "所在乡镇", "town"),
        Text(
            "选填，企业所在县区内的乡镇街道名称或代码。", "Optional: by name or code, within the enterprise's district."
        ),
        "小南海街道",
        readers.text(40),
    ),
    Field(
        "address",
        Text("地址", "Address"),
        ("场所地址", "详细地址", "厂址", "address"),
        Text("选填，最多 200 字。", "Optional."),
        "皋城东路 1 号",
        readers.text(200),
        width=30,
    ),
    Field(
        "opened_on",
        Text("启用日期", "Opened on"),
        ("投产日期", "启用时间", "opened"),
        Text(
            "选填，如 2018-05-20；只写年月按当月 1 日。",
            "Optional, such as 2018-05-20; a month alone means its first day.",
        ),
        "2018-05-20",
        readers.day,
        warn=readers.day_warning,
    ),
    Field(
        "workshop",
        Text("车间", "Workshop"),
        ("车间名称", "所在车间", "workshop"),
        Text("选填；同一场所内不重名。", "Optional; unique within the site."),
        "机加工车间",
        readers.text(80),
    ),
    Field(
        "line",
        Text("产线", "Line"),
        ("产线名称", "生产线", "line"),
        Text("选填；填了产线就要填车间。", "Optional; a line needs its workshop."),
        "一号线",
        readers.text(80),
    ),
    Field(
        "product",
        Text("主要产品", "Main product"),
        ("产品", "产线产品", "product"),
        Text("选填，这条产线主要做什么。", "Optional: what the line makes."),
        "冷轧钢带",
        readers.text(120),
    ),
)
"""Field → column, in the order of the template."""
