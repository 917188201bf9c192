"""A filled template back as lines: whose table it is, and every cell as it would be typed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from applications.content import values
from applications.content.grids import Grid, Slot
from calls.programme import FieldType
from core.errors import Refusal
from documents.sheets import Cell, Kind, Row

PAGE, HIDDEN = "填写", "_jb"
MARK = "jiebang-table-1"
KEYS, HEADS, HINTS, FIRST = 3, 4, 5, 6
"""Rows of a template: the keys of its columns (hidden), headings, hints, the first line."""
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT)
DIGITS = 15
"""Digits that a table program keeps of a number."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whose table a workbook is: of this filing, section and field, at this save."""

    application: str
    section: str
    field: str
    version: int


@dataclass(frozen=True, slots=True)
class Written:
    """A line as it stands in a workbook: the row that people see, its id, its texts by column.
    Several choices of one cell are a list."""

    row: int
    id: str
    texts: Mapping[str, str | list[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell, in the file's own terms."""

    row: int
    column: str
    head: str
    message: str

    def __str__(self) -> str:
        where = f"第 {self.row} 行" if self.row else ""
        return f"{where}{f'“{self.head}”' if self.head else ''}：{self.message}".lstrip("：")


def ticket_of(sheets: Mapping[str, Sequence[Row]]) -> Ticket:
    """Whose table it is. Raises ``Refusal`` ``wrong-template`` where it is none of ours."""
    said = [_plain(cells[0] if cells else None) for _, cells in sheets.get(HIDDEN, ())][:5]
    if PAGE not in sheets or len(said) < 5 or said[0] != MARK or not said[4].isdecimal():
        raise Refusal(
            "wrong-template",
            "这不是本系统下载的模板。请点“下载模板”，在下载的表格里填写后再导入。",
            status=422,
        )
    return Ticket(said[1], said[2], said[3], int(said[4][:9]))


def _plain(cell: Cell | None) -> str:
    return cell.text if cell else ""


def lines_of(grid: Grid, rows: Sequence[Row]) -> tuple[list[Written], list[Fault]]:
    """The lines that were filled in, and what could not be taken from a cell.

    Raises ``Refusal`` ``wrong-template`` where columns are missing.
    """
    keys = next((cells for number, cells in rows if number == KEYS), [])
    places = {_plain(cell): n for n, cell in enumerate(keys) if _plain(cell)}
    gone = [head.title for head in grid.heads if not head.fixed and head.key not in places]
    if gone or "id" not in places:
        raise Refusal(
            "wrong-template",
            f"表格里缺少列“{'”“'.join(gone) or '行号'}”。请重新下载模板，不要删除列和隐藏的行。",
            status=422,
        )
    lines: list[Written] = []
    faults: list[Fault] = []
    for number, cells in rows:
        if number < FIRST:
            continue
        own = {key: cells[n] for key, n in places.items() if n < len(cells)}
        line_id = _plain(own.get("id"))
        asked = grid.slots_of(line_id) or grid.blank
        if asked is None:
            if line_id or any(own.values()):
                faults.append(Fault(number, "", "", "不是这张表的行，请删去，或重新下载模板"))
            continue
        texts: dict[str, str | list[str]] = {}
        for key, slot in asked.slots.items():
            text, wrong = typed(slot, own.get(key))
            if text:
                texts[key] = text
            if wrong:
                head = grid.head(key)
                faults.append(Fault(number, key, head.title if head else "", wrong))
        named = any(fault.row == number for fault in faults)
        if texts or named or (asked.fixed and asked.id):
            lines.append(Written(number, line_id, texts))
    return lines, faults


def typed(slot: Slot, cell: Cell | None) -> tuple[str | list[str], str]:
    """A cell as somebody would have typed it into the page, and why it cannot be taken."""
    if cell is None:
        return "", ""
    if cell.kind == Kind.FORMULA:
        return "", "公式还没有算出结果，请在表格软件中打开并保存，或改为粘贴数值"
    if cell.kind == Kind.ERROR:
        return "", "单元格是错误值，请改正公式或直接填写"
    text, asked = cell.text, slot.asked
    if cell.kind == Kind.NUMBER:
        number = Decimal(text)
        if cell.percent and (asked.type == FieldType.PERCENT or asked.unit == "%"):
            text = f"{(number * 100).normalize():f}"
        elif cell.percent and asked.type not in NUMBERS:
            text = f"{(number * 100).normalize():f}%"
        elif cell.percent:
            return text, "单元格是百分数格式，请改为数字格式后填写"
        if asked.type not in NUMBERS and len(number.as_tuple().digits) >= DIGITS:
            return text, "数字过长，末位可能已被表格软件改动，请把单元格设为文本后重新填写"
    if asked.type == FieldType.MULTICHOICE:
        return _several(slot, text)
    if slot.choices and asked.type not in (FieldType.CHOICE, FieldType.BOOLEAN):
        plain = values.tidy(text)
        for word, key in slot.choices:
            if plain in (word, key):
                return key, ""
        listed = "、".join(word for word, _ in slot.choices[:6])
        more = "等" if len(slot.choices) > 6 else ""
        return (
            plain,
            f"“{plain[:20]}”不在可选项中，请从{listed}{more}中选择",
        )
    return text, ""


def _several(slot: Slot, text: str) -> tuple[str | list[str], str]:
    named = dict(slot.choices)
    found, unknown = [], []
    for word in (
        values.tidy(text).replace("，", "、").replace(",", "、").replace("；", "、").split("、")
    ):
        word = word.strip()
        if not word:
            continue
        if word in named or word in named.values():
            found.append(named.get(word, word))
        else:
            unknown.append(word)
    if unknown:
        return found, f"“{'”“'.join(unknown[:3])}”不在可选项中，请用“、”隔开可选项"
    return found, ""
