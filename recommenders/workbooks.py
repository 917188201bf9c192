"""Lists as workbooks: figures as figures, everything else as text that is never a formula.

The last lines of a sheet say who took it, when, and which filter it shows.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHINA = ZoneInfo("Asia/Shanghai")
Value = str | int | Decimal | datetime | None


def workbook(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[Value]],
    *,
    foot: Sequence[str] = (),
    widths: Sequence[int] = (),
) -> bytes:
    """One sheet with a title, a bold head row, the rows and lines of small print below."""
    book = Workbook(write_only=True)
    page: WriteOnlyWorksheet = book.create_sheet("数据")
    for n, width in enumerate(widths):
        page.column_dimensions[chr(ord("A") + n)].width = width
    page.append([_cell(page, title, bold=True)])
    page.append([_cell(page, text, bold=True) for text in head])
    for row in rows:
        page.append([_cell(page, value) for value in row])
    for line in foot:
        page.append([_cell(page, line)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: WriteOnlyWorksheet, value: Value, *, bold: bool = False) -> WriteOnlyCell:
    if isinstance(value, int | Decimal):
        cell = WriteOnlyCell(page, value=value)
    else:
        cell = WriteOnlyCell(page, value=moment(value) if isinstance(value, datetime) else value)
        if value is not None:
            cell.data_type = "s"
            cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell


def moment(at: datetime) -> str:
    """2021-11-15 21:31:07 in China's time."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def taken(*, name: str, unit: str, at: datetime, shown: str = "") -> list[str]:
    """The small print: who exported what, and when."""
    said = [f"导出：{unit} {name}，{moment(at)}"]
    return [*said, f"筛选：{shown}"] if shown else said
