"""A table of the form as a workbook. Pure apart from openpyxl.

Row 1 says what it is, row 2 how to fill it, row 3 (hidden) the keys of the columns, row 4 the
headings, row 5 hints, from row 6 on the lines with their ids in the hidden column A. A hidden
sheet says whose table it is. Text cells are text, so that no code loses a digit and nothing typed
is taken for a formula; figures are numbers, choices are lists.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from applications.content import grids, values
from applications.content.gridlines import (
    DIGITS,
    FIRST,
    HEADS,
    HIDDEN,
    HINTS,
    KEYS,
    MARK,
    NUMBERS,
    PAGE,
    Fault,
    Ticket,
    Written,
)
from applications.content.grids import Grid, Line, Slot
from calls.programme import FieldType
from documents.workbook import put_text

FAULTS = "需改正"

_GREY = PatternFill("solid", fgColor="EEEEEE")
_RED = PatternFill("solid", fgColor="FBE3E1")
_THIN = Side(style="thin", color="999999")
_BOX = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_WRAP = Alignment(wrap_text=True, vertical="top")


# Writing ---------------------------------------------------------------------------------------


def write(
    grid: Grid,
    ticket: Ticket,
    *,
    heading: str,
    notes: str,
    lines: Iterable[Written] | None = None,
    faults: Sequence[Fault] = (),
) -> bytes:
    """The workbook of a table: as it stands, or the ``lines`` of a returned one with its faults."""
    book = Workbook()
    page: Any = book.active
    page.title = PAGE
    hidden: Any = book.create_sheet(HIDDEN)
    hidden.sheet_state = "veryHidden"
    for row, text in enumerate(
        (MARK, ticket.application, ticket.section, ticket.field, str(ticket.version)), start=1
    ):
        put_text(hidden.cell(row, 1), text)
    letters = {head.key: n for n, head in enumerate(grid.heads, start=2)}
    _top(page, grid, letters, heading, notes)
    written = list(lines) if lines is not None else _standing(grid)
    last = max([FIRST - 1, *(line.row for line in written)])
    if lines is None:
        spare = max(min(grids.SPARE, grid.most - len(written)), 0) if grid.blank else 0
        last += spare
    by_row = {line.row: line for line in written}
    lists = _Lists(hidden, page)
    for row in range(FIRST, last + 1):
        line = by_row.get(row)
        asked = grid.slots_of(line.id if line else "")
        _line(page, row, grid, asked, line, letters, lists)
    _mark(book, page, letters, faults)
    page.freeze_panes = page.cell(FIRST, 3 if grid.heads[0].fixed else 2)
    page.print_title_rows = f"{HEADS}:{HEADS}"
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _top(page: Any, grid: Grid, letters: Mapping[str, int], heading: str, notes: str) -> None:
    wide = len(grid.heads) + 1
    for row, text in ((1, heading), (2, notes)):
        put_text(page.cell(row, 2), text, bold=row == 1)
        if wide > 2:
            page.merge_cells(start_row=row, start_column=2, end_row=row, end_column=wide)
    page.row_dimensions[2].height = 48
    page.row_dimensions[KEYS].hidden = True
    page.column_dimensions["A"].hidden = True
    put_text(page.cell(KEYS, 1), "id")
    put_text(page.cell(HEADS, 1), "id")
    for head in grid.heads:
        column = letters[head.key]
        page.column_dimensions[get_column_letter(column)].width = head.width
        put_text(page.cell(KEYS, column), head.key)
        cell = put_text(page.cell(HEADS, column), f"{head.title}{' *' if head.required else ''}")
        cell.font, cell.fill, cell.border = Font(bold=True), _GREY, _BOX
        cell = put_text(page.cell(HINTS, column), head.hint)
        cell.font, cell.border = Font(color="666666", size=9), _BOX


def _standing(grid: Grid) -> list[Written]:
    return [
        Written(row, line.id, {key: _words(slot) for key, slot in line.slots.items()})
        for row, line in enumerate(grid.lines, start=FIRST)
    ]


def _words(slot: Slot) -> str | list[str]:
    """A kept value as it is written into its cell."""
    if isinstance(slot.value, list):
        return [str(one) for one in slot.value]
    if slot.value is True or slot.value is False:
        return "true" if slot.value else "false"
    return "" if slot.value is None else str(slot.value)


def _line(
    page: Any,
    row: int,
    grid: Grid,
    asked: Line | None,
    line: Written | None,
    letters: Mapping[str, int],
    lists: _Lists,
) -> None:
    if line is not None and line.id:
        put_text(page.cell(row, 1), line.id)
    for head in grid.heads:
        cell = page.cell(row, letters[head.key])
        cell.border = _BOX
        slot = asked.slots.get(head.key) if asked else None
        if slot is None:
            put_text(cell, asked.fixed.get(head.key, "") if asked else "")
            cell.fill = _GREY
            continue
        put(cell, slot, line.texts.get(head.key, "") if line else "")
        lists.judge(cell, slot)


def put(cell: Any, slot: Slot, text: str | list[str]) -> None:
    """Write what stands in a place: figures as numbers, days as days, everything else as text."""
    kind = slot.asked.type
    named = {key: word for word, key in slot.choices}
    if isinstance(text, list):
        put_text(cell, "、".join(named.get(one, one) for one in text))
        return
    number = values.number(text) if kind in NUMBERS else None
    if number is not None and len(number.as_tuple().digits) <= DIGITS:
        cell.value = int(number) if kind == FieldType.INTEGER else number
    else:
        day = _day(text) if kind == FieldType.DATE else None
        if day is not None:
            cell.value = day
        else:
            put_text(cell, named.get(text, text))
    _format(cell, slot)


def _format(cell: Any, slot: Slot) -> None:
    kind = slot.asked.type
    if kind == FieldType.INTEGER:
        cell.number_format = "#,##0"
    elif kind in NUMBERS:
        places = slot.asked.decimals if slot.asked.decimals is not None else 2
        cell.number_format = f"#,##0.{'0' * places}" if places else "#,##0"
    elif kind == FieldType.DATE:
        cell.number_format = "yyyy-mm-dd"
    cell.alignment = _WRAP


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year >= 1900 else None


class _Lists:
    """Choices and limits of cells, each kept once in the workbook."""

    def __init__(self, hidden: Any, page: Any) -> None:
        self.hidden, self.page = hidden, page
        self.known: dict[Any, DataValidation] = {}
        self.columns = 1

    def judge(self, cell: Any, slot: Slot) -> None:
        asked = slot.asked
        if asked.type == FieldType.MULTICHOICE:
            return
        if slot.choices:
            words = tuple(word for word, _ in slot.choices)
            found = self.known.get(words) or self._list(words)
        elif asked.type in NUMBERS:
            bounds = (asked.type, asked.minimum, asked.maximum)
            found = self.known.get(bounds) or self._number(*bounds)
        else:
            return
        found.add(cell)

    def _list(self, words: tuple[str, ...]) -> DataValidation:
        self.columns += 1
        letter = get_column_letter(self.columns)
        for row, word in enumerate(words, start=1):
            put_text(self.hidden.cell(row, self.columns), word)
        made = DataValidation(
            type="list",
            formula1=f"'{HIDDEN}'!${letter}$1:${letter}${len(words)}",
            allow_blank=True,
            showErrorMessage=True,
            errorTitle="不在可选项中",
            error="请从下拉列表中选择。",
        )
        return self._keep(words, made)

    def _number(
        self, kind: FieldType, minimum: Decimal | None, maximum: Decimal | None
    ) -> DataValidation:
        low = Decimal(-(10**DIGITS)) if minimum is None else minimum
        high = Decimal(10**DIGITS) if maximum is None else maximum
        words = "请填整数" if kind == FieldType.INTEGER else "请填数字"
        if minimum is not None:
            words += f"，不小于 {minimum:f}"
        if maximum is not None:
            words += f"，不大于 {maximum:f}"
        made = DataValidation(
            type="whole" if kind == FieldType.INTEGER else "decimal",
            operator="between",
            formula1=f"{low:f}",
            formula2=f"{high:f}",
            allow_blank=True,
            showErrorMessage=True,
            errorStyle="warning",
            errorTitle="请核对数字",
            error=f"{words}，单位不用填写。",
        )
        return self._keep((kind, minimum, maximum), made)

    def _keep(self, key: Any, made: DataValidation) -> DataValidation:
        self.known[key] = made
        self.page.add_data_validation(made)
        return made


def _mark(book: Any, page: Any, letters: Mapping[str, int], faults: Sequence[Fault]) -> None:
    if not faults:
        return
    said: dict[tuple[int, int], list[str]] = {}
    for fault in faults:
        if fault.row and fault.column in letters:
            said.setdefault((fault.row, letters[fault.column]), []).append(fault.message)
    for (row, column), words in said.items():
        cell = page.cell(row, column)
        cell.fill = _RED
        cell.comment = Comment("\n".join(words), "系统")
    listed = book.create_sheet(FAULTS)
    listed.column_dimensions["A"].width = 100
    put_text(
        listed.cell(1, 1),
        f"有 {len(faults)} 处需要改正，改好后在“{PAGE}”页保存并重新导入",
        bold=True,
    )
    for row, fault in enumerate(faults, start=2):
        put_text(listed.cell(row, 1), str(fault))
