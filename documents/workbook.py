"""A table as a workbook: whole numbers are numbers, everything else is text.

Nothing in it is ever taken for a formula, and no code loses its digits.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_AT_MOST = 32767
"""Characters a cell holds."""

Column = tuple[str, int]
"""A head and the width of its column in characters."""


def workbook(
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str | int]],
    *,
    page: str = "清单",
) -> bytes:
    """One page: a bold title, a bold head, the rows."""
    return of_pages([Page(page, title, columns, rows)])


@dataclass(frozen=True, slots=True)
class Page:
    """One sheet: its name, a line over the table, the columns, the rows."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str | int]]


def of_pages(pages: Sequence[Page]) -> bytes:
    """Several pages, in their order."""
    book = Workbook(write_only=True)
    for page in pages:
        sheet: Any = book.create_sheet(page.name)
        for number, (_, width) in enumerate(page.columns, start=1):
            sheet.column_dimensions[get_column_letter(number)].width = width
        sheet.append([_cell(sheet, page.title, bold=True)])
        sheet.append([_cell(sheet, head, bold=True) for head, _ in page.columns])
        for row in page.rows:
            sheet.append([_cell(sheet, value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, value: str | int, *, bold: bool = False) -> Any:
    if isinstance(value, int):
        return WriteOnlyCell(sheet, value=value)
    text = ILLEGAL_CHARACTERS_RE.sub("", value)[:CELL_AT_MOST]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
