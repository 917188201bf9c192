"""A list as a workbook. Every cell is text: nothing in it is ever taken for a formula."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """One sheet with a bold head row; the same input gives the same cells."""
    book = Workbook(write_only=True)
    page: WriteOnlyWorksheet = book.create_sheet("名单")
    page.append([_cell(page, title, bold=True)])
    page.append([_cell(page, text, bold=True) for text in head])
    for row in rows:
        page.append([_cell(page, text) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: WriteOnlyWorksheet, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=text)
    cell.data_type = "s"
    cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
    return cell
