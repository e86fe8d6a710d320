"""The column that most lists share: which enterprise a row belongs to."""

from zhulian.imports.rules import readers
from zhulian.imports.rules.fields import Field
from zhulian.vocabulary.errors import Text


def owner_field(help_text: Text) -> Field:
    """An enterprise that has a file already, by its credit code."""
    return Field(
        "credit_code",
        Text("企业信用代码", "Enterprise's credit code"),
        ("统一社会信用代码", "信用代码", "社会信用代码", "企业代码", "creditcode"),
        help_text,
        "91341500MA0000001P",
        readers.credit_code,
        is_required=True,
        is_text=True,
        width=24,
    )
