"""A table of the form as lines and columns, the same for all three kinds of table. Pure.

A template is written from it and a filled template is read back with it: every place that can
be filled has the name of its input, so that a sheet is read as the page would be.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from applications.content import answers as kept
from applications.content import indicators
from applications.content.answers import Asked, Data, Leaf
from applications.material import File, Row
from calls.programme import Column, Field, FieldType, Indicator, IndicatorKind

SPARE = 20
"""Empty lines offered where the programme sets no limit."""

EVIDENCE, PAGE = "evidence", "page"


@dataclass(frozen=True, slots=True)
class Head:
    """A column. ``fixed`` ones are shown and never read."""

    key: str
    title: str
    width: int = 16
    fixed: bool = False
    required: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill: what is asked there and what stands in it as people write it.

    ``value`` is the kept value (or the text that could not be read); ``choices`` are the words
    that may be chosen, with what they stand for.
    """

    asked: Asked
    value: Any = None
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``id`` finds it again in a returned sheet; ``fixed`` texts are by column key."""

    id: str
    title: str
    slots: Mapping[str, Slot]
    fixed: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> dict[str, Any]:
        return {key: slot.value for key, slot in self.slots.items()}


@dataclass(frozen=True, slots=True)
class Grid:
    """``blank`` is the line that an added one looks like; None where lines cannot be added."""

    field: Field
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    blank: Line | None = None
    most: int = 0

    def head(self, key: str) -> Head | None:
        return next((head for head in self.heads if head.key == key), None)

    def slots_of(self, line_id: str) -> Line | None:
        """The line with this id, or the blank one for a line that was added."""
        found = next((line for line in self.lines if line.id == line_id), None)
        return found or (None if line_id and self.blank is None else self.blank)


def of(asked: Field, data: Data, *, rows: Sequence[Row] = (), files: Sequence[File] = ()) -> Grid:
    """The table of a field with what it holds now. ``rows`` and ``files`` are the indicators'."""
    if asked.type == FieldType.INDICATORS:
        return _ledger(asked, data, rows, files)
    return _rows(asked, data) if asked.type == FieldType.ROWS else _years(asked, data)


def title(asked: Asked) -> str:
    """The heading of a column with its unit: ``投资额（万元）``."""
    return f"{asked.label}（{asked.unit}）" if asked.unit else asked.label


def _slot(asked: Asked, value: Any = None) -> Slot:
    choices = tuple((choice.title, choice.key) for choice in asked.choices)
    if asked.type == FieldType.BOOLEAN:
        choices = (("是", "true"), ("否", "false"))
    return Slot(asked, value, choices)


def _value(leaf: Leaf, data: Data) -> Any:
    return kept.raw_of(data).get(leaf.name) or kept.value_of(leaf, data)


def _rows(asked: Field, data: Data) -> Grid:
    columns = [column for column in asked.columns if column.type != FieldType.COMPUTED]
    heads = tuple(
        Head(c.key, title(c), _width(c), required=c.required, hint=hint(c)) for c in columns
    )
    lines = []
    for number in range(len(kept.rows_of(asked, data))):
        if kept.row_is_blank(asked, number, data):
            continue
        slots = {
            column.key: _slot(column, _value(_leaf(asked, column, number), data))
            for column in columns
        }
        lines.append(Line(_id(number, slots), f"第 {number + 1} 行", slots))
    blank = Line("", "", {column.key: _slot(column) for column in columns})
    return Grid(asked, heads, tuple(lines), blank, asked.max_rows or kept.ROWS_AT_MOST)


def _leaf(asked: Field, column: Column, row: int | str) -> Leaf:
    return Leaf(f"{asked.key}-{row}-{column.key}", column, column.label, asked, row)


def _id(number: int, slots: Mapping[str, Slot]) -> str:
    return f"r{number}.{stamp({key: slot.value for key, slot in slots.items()})}"


def stamp(values: Mapping[str, Any]) -> str:
    """What a row held, in eight characters."""
    held = {key: value for key, value in values.items() if not kept.is_empty(value)}
    text = json.dumps(held, sort_keys=True, ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:8]


def _years(asked: Field, data: Data) -> Grid:
    heads = (
        Head("label", "指标", 24, fixed=True),
        *(Head(str(year), f"{year} 年", 16) for year in asked.years),
    )
    lines = []
    for column in asked.columns:
        if column.type == FieldType.COMPUTED:
            continue
        slots = {
            str(year): _slot(column, _value(_leaf(asked, column, str(year)), data))
            for year in asked.years
        }
        told = f"{title(column)}{' *' if column.required else ''}"
        lines.append(Line(column.key, column.label, slots, {"label": told}))
    return Grid(asked, heads, tuple(lines))


def _ledger(asked: Field, data: Data, rows: Sequence[Row], files: Sequence[File]) -> Grid:
    heads = (
        Head("name", "指标", 24, required=True, hint="参考指标不可改；自定义指标请填名称"),
        Head("unit", "单位", 10, required=True),
        Head("reference", "参考值", 14, fixed=True),
        Head("current", "当前水平", 14, required=True),
        Head("target", "目标", 14, required=True),
        Head("method", "测试方法", 30),
        Head(EVIDENCE, "证据文件", 30, hint="从已上传的证明材料中选择"),
        Head(PAGE, "证据页（页）", 10),
    )
    typed = data.get(asked.key)
    named = evidence_names(files)
    lines = []
    for _, own, row in indicators.positions(rows, typed):
        cells = indicators.shown_cells(row, indicators.typed_cells(typed, row.spec, own))
        slots = _ledger_slots(row.spec, named, cells)
        if row.spec is not None:
            fixed = {
                "name": f"{row.spec.name}（{row.spec.basis}）" if row.spec.basis else row.spec.name,
                "unit": row.spec.unit,
                "reference": indicators.reference(row),
            }
            lines.append(Line(f"ref-{row.spec.key}", row.spec.name, slots, fixed))
        else:
            held = {key: slot.value for key, slot in slots.items()}
            lines.append(
                Line(
                    f"o{own}.{stamp(held)}",
                    row.name or "自定义指标",
                    slots,
                    {"reference": "自定义"},
                )
            )
    blank = Line("", "", _ledger_slots(None, named, {}), {"reference": "自定义"})
    if not asked.custom_rows:
        return Grid(asked, heads, tuple(lines))
    references = sum(1 for row in rows if row.spec is not None)
    return Grid(asked, heads, tuple(lines), blank, references + indicators.OWN_AT_MOST)


def evidence_names(files: Sequence[File]) -> tuple[tuple[str, str], ...]:
    """Each file by a name that stands once: a second of the same name gets a number."""
    seen: dict[str, int] = {}
    found = []
    for file in files:
        seen[file.name] = seen.get(file.name, 0) + 1
        times = seen[file.name]
        found.append((file.name if times == 1 else f"{file.name}（第 {times} 份）", file.id))
    return tuple(found)


_TEXT = {
    key: Column(key=key, label=label, type=FieldType.TEXT, max_chars=indicators.LIMITS.get(key))
    for key, label in indicators.LABELS.items()
    if key not in (EVIDENCE, PAGE)
}
_PAGE = Column(key=PAGE, label="证据页", type=FieldType.INTEGER, minimum=Decimal(1))
_FILE = Column(key=EVIDENCE, label="证据文件", type=FieldType.TEXT)


def _ledger_slots(
    spec: Indicator | None, files: tuple[tuple[str, str], ...], cells: Mapping[str, str]
) -> dict[str, Slot]:
    choices: tuple[tuple[str, str], ...] = ()
    if spec is not None and spec.kind == IndicatorKind.BOOLEAN:
        choices = (("是", "true"), ("否", "false"))
    elif spec is not None and spec.levels:
        choices = tuple((level, level) for level in spec.levels)
    columns = (
        ("current", "target", "method") if spec else ("name", "unit", "current", "target", "method")
    )
    slots = {
        key: Slot(_TEXT[key], cells.get(key), choices if key in ("current", "target") else ())
        for key in columns
    }
    slots[EVIDENCE] = Slot(_FILE, cells.get(EVIDENCE), files)
    slots[PAGE] = Slot(_PAGE, cells.get(PAGE))
    return slots


def input_name(grid: Grid, line_id: str, position: int, column: str) -> str:
    """The name of the input of a place; ``position`` counts added or own lines from 0."""
    if grid.field.type == FieldType.ROWS:
        return f"{grid.field.key}-{position}-{column}"
    if grid.field.type == FieldType.YEAR_TABLE:
        return f"{grid.field.key}-{column}-{line_id}"
    return f"{line_id}-{column}" if line_id.startswith("ref-") else f"own-{position}-{column}"


_WIDTHS = {FieldType.LONGTEXT: 48, FieldType.TEXT: 24, FieldType.USCC: 24, FieldType.EMAIL: 24}


def _width(asked: Asked) -> int:
    return _WIDTHS.get(asked.type, 16)


_HINTS = {
    FieldType.INTEGER: "整数",
    FieldType.DATE: "日期，如 2021-11-15",
    FieldType.MONTH: "年月，如 2021-11",
    FieldType.USCC: "18 位统一社会信用代码",
    FieldType.REGION: "6 位行政区划代码或全称",
    FieldType.INDUSTRY: "GB/T 4754 行业代码",
    FieldType.PHONE: "电话，如 000-00000000",
    FieldType.MULTICHOICE: "可多选，用“、”隔开",
}


def hint(asked: Asked) -> str:
    """How to fill a place, in a few words."""
    parts = [asked.help] if asked.help else []
    if asked.type in _HINTS:
        parts.append(_HINTS[asked.type])
    if asked.type in (FieldType.DECIMAL, FieldType.MONEY, FieldType.PERCENT):
        places = asked.decimals if asked.decimals is not None else 2
        parts.append(f"数字，最多 {places} 位小数" if places else "整数")
    if asked.max_chars:
        parts.append(f"最多 {asked.max_chars} 字")
    return "；".join(parts)
