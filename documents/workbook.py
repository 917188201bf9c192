"""Workbooks for people: safe cells, and simple tables of them.

Figures are numbers, everything else is text, so that nothing in a workbook is ever taken for a
formula and no code loses its digits. Reading foreign workbooks is the work of ``sheets``.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_AT_MOST = 32767
"""Characters a cell holds."""
CHINA = ZoneInfo("Asia/Shanghai")

_BOLD = Font(bold=True)
_WRAPPED = Alignment(wrap_text=True, vertical="top")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number shown with separators, and with two places unless it is whole."""

    number: Decimal


Column = tuple[str, int]
"""A head and the width of its column in characters; 0 leaves the width to the program."""
Value = str | int | Decimal | Figure | datetime | None
"""A moment is written in China's time; None leaves the cell empty."""


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its name, a line over the table, the columns, the rows, small print below.

    Without a title or without columns the line is left out. ``wrap`` breaks long text.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    foot: Sequence[str] = ()
    wrap: bool = False


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Sequence[Value]],
    *,
    page: str = "清单",
    foot: Sequence[str] = (),
) -> bytes:
    """One page: a bold title, a bold head, the rows."""
    return of_pages([Page(page, title, columns, rows, foot)])


def of_pages(pages: Iterable[Page]) -> bytes:
    """Several pages, in their order."""
    book = Workbook(write_only=True)
    for page in pages:
        _write(book.create_sheet(page.name), page)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Any, page: Page) -> None:
    for number, (_, width) in enumerate(page.columns, start=1):
        if width:
            sheet.column_dimensions[get_column_letter(number)].width = width
    heads = [head for head, _ in page.columns]
    for line in ([page.title] if page.title else [], heads):
        if line:
            sheet.append([_cell(sheet, text, wrap=page.wrap, bold=True) for text in line])
    for row in page.rows:
        sheet.append([_cell(sheet, value, wrap=page.wrap) for value in row])
    for text in page.foot:
        sheet.append([_cell(sheet, text)])


def _cell(sheet: Any, value: Value, *, bold: bool = False, wrap: bool = False) -> Any:
    cell = WriteOnlyCell(sheet)
    if isinstance(value, datetime):
        value = moment(value)
    if isinstance(value, str):
        return put_text(cell, value, bold=bold, wrap=wrap)
    if isinstance(value, Figure):
        cell.value = value.number
        whole = value.number == value.number.to_integral()
        cell.number_format = "#,##0" if whole else "#,##0.00"
    else:
        cell.value = value
    return cell


def put_text(cell: Any, text: str, *, bold: bool = False, wrap: bool = True) -> Any:
    """Write text that no table program ever takes for a formula or a number."""
    cell.value = writable(text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.quotePrefix = True
    if wrap:
        cell.alignment = _WRAPPED
    if bold:
        cell.font = _BOLD
    return cell


def writable(text: str) -> str:
    """Without the characters that a workbook cannot hold, and no longer than a cell."""
    kept = "".join(
        c
        for c in text
        if c in "\n\t" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff")
    )
    return kept[:CELL_AT_MOST]


def moment(at: datetime) -> str:
    """2021-11-15 21:31:07 in China's time."""
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def taken(*, name: str, unit: str, at: datetime, shown: str = "") -> list[str]:
    """The small print: who exported what, when, and which filter it shows."""
    said = [f"导出：{unit} {name}，{moment(at)}"]
    return [*said, f"筛选：{shown}"] if shown else said
