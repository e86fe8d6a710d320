"""The columns of a machine list (设备台账)."""

from zhulian.imports.rules import readers
from zhulian.imports.rules.fields import Field
from zhulian.imports.rules.owner_field import owner_field
from zhulian.vocabulary.errors import Text

MACHINE_FIELDS: tuple[Field, ...] = (
    owner_field(Text("设备属于哪家已建档的企业。", "Which enterprise, by its code; it has a file already.")),
    Field(
        "name",
        Text("设备名称", "Machine"),
        ("名称", "设备", "机器名称", "machine", "name"),
        Text(
            "同一企业内不重名，最多 80 字；已有的设备按这一行更新。",
            "Unique in the enterprise; a known name updates that machine.",
        ),
        "1 号数控车床",
        readers.text(80),
        is_required=True,
        width=26,
    ),
    Field(
        "workshop",
        Text("车间", "Workshop"),
        ("所在车间", "安装位置", "位置", "workshop"),
        Text("选填，最多 80 字。", "Optional."),
        "机加工车间",
        readers.text(80),
    ),
    Field(
        "kind",
        Text("设备类型", "Kind"),
        ("类型", "设备类别", "型号", "规格型号", "kind", "type"),
        Text("选填，最多 80 字。", "Optional."),
        "数控车床",
        readers.text(80),
    ),
)
"""Field → column, in the order of the template."""
