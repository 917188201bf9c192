"""The table as a workbook: the original columns in their order, units in the heads.

Figures are numbers; everything else is text, so that nothing in it is taken for a formula and no
code loses its digits. What cannot stand as a figure is named on a second page.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from applications.content import answers, values, wording
from calls.programme import Field
from calls.programme.form import NUMBERS
from surveys.spec import Survey

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CELL_AT_MOST = 32767
"""Characters a cell holds."""

Said = tuple[str, Sequence[str]]


def heads(survey: Survey) -> list[str]:
    """The heads of the original, the unit of a figure behind it."""
    return [
        f"{column.title}（{field.unit}）" if field.unit else column.title
        for column, _, field in survey.out()
    ]


def workbook(
    survey: Survey, *, area: str, rows: Iterable[dict[str, Any]], wrong: Iterable[Said]
) -> bytes:
    """``rows`` are answers (``{section: {field: value}}``); ``wrong`` names units and why."""
    book = Workbook(write_only=True)
    page: Any = book.create_sheet("调查表")
    for number, (_, _, field) in enumerate(survey.out(), start=1):
        width = 16 if field.type in NUMBERS else 36
        page.column_dimensions[get_column_letter(number)].width = width
    page.append([_text(page, f"{area}{survey.sheet_title}", bold=True)])
    page.append([_text(page, head, bold=True) for head in heads(survey)])
    for data in rows:
        page.append(
            [_cell(page, field, data.get(section.key, {})) for _, section, field in survey.out()]
        )
    named = list(wrong)
    if named:
        second: Any = book.create_sheet("需核对")
        second.column_dimensions["A"].width = 36
        second.column_dimensions["B"].width = 80
        second.append([_text(second, "填报单位", bold=True), _text(second, "问题", bold=True)])
        for name, said in named:
            second.append([_text(second, name), _text(second, "；".join(said))])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(page: Any, field: Field, data: dict[str, Any]) -> WriteOnlyCell:
    value = data.get(field.key)
    number = values.number(value) if field.type in NUMBERS else None
    if number is not None:
        cell = WriteOnlyCell(page, value=number)
        cell.number_format = "#,##0" if number == number.to_integral() else "#,##0.00"
        return cell
    typed = str(answers.raw_of(data).get(field.key, ""))
    return _text(page, wording.in_words(field, value) or typed)


def _text(page: Any, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(page, value=text[:CELL_AT_MOST])
    cell.data_type = "s"
    cell.quotePrefix = True
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
