"""What may be wrong with a file as a whole, in words for the person who chose it."""

from zhulian.vocabulary.errors import Text, ZhulianError


class SpreadsheetError(ZhulianError):
    """A file that cannot be read as a table, or must not be; nothing was kept of it."""


_SAVE_AGAIN = Text(
    "请在 Excel 或 WPS 里另存为 .xlsx 或 CSV 再上传。", "Save it as .xlsx or CSV in Excel or WPS and upload it again."
)


def unreadable(why_zh: str, why_en: str) -> SpreadsheetError:
    """It is no table, or a damaged one."""
    what = Text(f"这个文件读不了：{why_zh}。", f"The file cannot be read: {why_en}.")
    return SpreadsheetError("file_unreadable", what, _SAVE_AGAIN)


def too_large(most_bytes: int) -> SpreadsheetError:
    """Refused by its size, before anything was unpacked."""
    megabytes = f"{most_bytes / 1024 / 1024:g} MB"
    return SpreadsheetError(
        "file_too_large",
        Text(f"文件超过 {megabytes}。", f"The file is larger than {megabytes}."),
        Text(
            "请只保留要导入的那一张表，删掉图片，或分成几个文件。",
            "Keep only the sheet to import, take out pictures, or split it into several files.",
        ),
    )


def zip_bomb(unpacked_bytes: int) -> SpreadsheetError:
    """A small file that would become enormous."""
    megabytes = f"{unpacked_bytes / 1024 / 1024:,.0f} MB"
    return SpreadsheetError(
        "file_unpacks_too_large",
        Text(
            f"文件解开后有 {megabytes}，远大于一张表应有的大小，没有打开它。",
            f"Unpacked, the file would have {megabytes}, far more than a table needs; it was not opened.",
        ),
        Text(
            "请把需要的行复制到一个新的工作簿里，另存为 .xlsx 再上传。",
            "Copy the rows that are needed into a new workbook, save it as .xlsx and upload that.",
        ),
    )


def too_long(most_rows: int) -> SpreadsheetError:
    """More rows than one file may have."""
    return SpreadsheetError(
        "table_too_long",
        Text(f"表里超过 {most_rows:,} 行。", f"The table has more than {most_rows:,} rows."),
        Text("请拆成几个文件，依次导入。", "Split it into several files and import one after the other."),
    )


def old_excel() -> SpreadsheetError:
    """The binary format of before 2007."""
    return SpreadsheetError(
        "file_old_excel",
        Text("这是旧版 .xls 文件。", "This is an old .xls file."),
        Text(
            "请用 Excel 或 WPS 打开它，选“文件 → 另存为 → Excel 工作簿 (.xlsx)”，再上传新文件。",
            "Open it in Excel or WPS, choose File, Save as, Excel workbook (.xlsx), and upload the new file.",
        ),
    )


def encrypted() -> SpreadsheetError:
    """It has a password, which nobody should have to give away."""
    return SpreadsheetError(
        "file_encrypted",
        Text("这个工作簿加了打开密码。", "This workbook has a password."),
        Text(
            "请在 Excel 里选“文件 → 信息 → 保护工作簿 → 用密码进行加密”，清空密码后保存再上传。",
            "In Excel choose File, Info, Protect workbook, Encrypt with password; clear it, save, upload again.",
        ),
    )


def macros() -> SpreadsheetError:
    """Programs are not wanted inside a table."""
    return SpreadsheetError(
        "file_macros",
        Text("这个工作簿带有宏（.xlsm）。", "This workbook contains macros (.xlsm)."),
        Text(
            "宏不会被运行，文件也没有保留。请另存为“Excel 工作簿 (.xlsx)”再上传。",
            "No macro was run and nothing was kept. Save it as Excel workbook (.xlsx) and upload that.",
        ),
    )


def entities() -> SpreadsheetError:
    """XML that defines its own words: never needed in a workbook, and the stuff of bombs."""
    return SpreadsheetError(
        "file_entities",
        Text(
            "文件里有不应出现的 XML 实体定义，没有打开它。",
            "The file defines XML entities, which no workbook needs; it was not opened.",
        ),
        _SAVE_AGAIN,
    )


def no_rows() -> SpreadsheetError:
    """Nothing in it."""
    return SpreadsheetError(
        "table_empty",
        Text("文件里没有数据。", "There is nothing in the file."),
        Text("请确认选对了文件和工作表。", "Make sure it is the right file and sheet."),
    )
