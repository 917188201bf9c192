"""The indicator table: how rows are kept, what is wrong in them, how they compare. Pure.

A row of a reference indicator may be left empty (the project does not take it up); once
anything stands in it, it must be complete. Rows of the applicant's own name unit and method.
Inputs are named ``ref-KEY-current`` and ``own-N-current`` (N from 0).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from applications.content import values
from applications.content.checking import Problem
from applications.content.values import Unreadable
from applications.material import File, Row
from calls import comparison, measures
from calls.programme import Field, Indicator, IndicatorKind, Section
from core.figures import whole

OWN_AT_MOST = 100
"""Rows of the applicant's own in one table."""
COLUMNS = ("name", "unit", "current", "target", "method", "evidence", "page")
LIMITS = {"name": 60, "unit": 30, "current": 60, "target": 60, "method": 200}
LABELS = {
    "name": "指标名称",
    "unit": "单位",
    "current": "当前水平",
    "target": "目标",
    "method": "测试方法",
    "evidence": "证据文件",
    "page": "证据页",
}


def is_used(row: Row) -> bool:
    """Whether anything was entered in this row."""
    own = (row.name, row.unit) if row.spec is None else ()
    return any((*own, row.current, row.target, row.method, row.evidence, row.evidence_page))


def input_name(row: Row, position: int, column: str) -> str:
    """The name of one input; ``position`` counts the applicant's own rows from 0."""
    return f"ref-{row.spec.key}-{column}" if row.spec else f"own-{position}-{column}"


def positions(rows: Sequence[Row], typed: Any = None) -> Iterator[tuple[int, int, Row]]:
    """Each row with its line (from 1) and its place among the applicant's own rows (from 0).

    An open page may hold blank rows between its own ones; ``typed``, the table as it was left
    there, tells where.
    """
    places = [number for number, cells in enumerate(_typed_rows(typed)) if any(cells.values())]
    own = 0
    for line, row in enumerate(rows, start=1):
        if own < len(places):
            yield line, places[own], row
        else:
            yield line, own - len(places) + (places[-1] + 1 if places else 0), row
        own += row.spec is None


def _typed_rows(typed: Any) -> list[dict[str, Any]]:
    """The applicant's own rows as they were left on the page, blank ones included."""
    found = typed.get("own") if isinstance(typed, dict) else None
    return (
        [row if isinstance(row, dict) else {} for row in found] if isinstance(found, list) else []
    )


def canonical(spec: Indicator | None, unit: str, typed: str) -> str:
    """A value as the row holds it: a figure in the row's unit where one can be read, else as
    typed. ``0.2 s`` becomes ``200`` where the unit is ms."""
    if spec is not None and spec.kind != IndicatorKind.NUMBER:
        return typed
    if spec is None and not (values.is_number(typed) or measures.looks_measured(typed)):
        return typed
    try:
        return measures.plain(measures.read(typed, unit).value) if typed else ""
    except measures.Unmeasurable:
        return typed


def told(spec: Indicator | None, unit: str, typed: str) -> str:
    """How a typed figure was converted, such as ``0.2s＝200 ms``; empty where it was not."""
    if not typed or (spec is not None and spec.kind != IndicatorKind.NUMBER):
        return ""
    if spec is None and not measures.looks_measured(typed):
        return ""
    try:
        return measures.read(typed, unit).told
    except measures.Unmeasurable:
        return ""


def tidy(spec: Indicator | None, typed: str) -> str:
    """A typed value: figures without separators where they can be read, else as typed."""
    text = values.tidy(typed)
    if spec is None or spec.kind == IndicatorKind.NUMBER:
        try:
            return str(values.parse("decimal", text) or "")
        except Unreadable:
            return text
    return text


def problems(
    section: Section, asked: Field, rows: Sequence[Row], typed: Any = None
) -> list[Problem]:
    """What blocks submission in the table. ``typed`` is the table as the person left it."""
    found: list[Problem] = []
    used = [row for row in rows if is_used(row)]
    least = max(asked.min_rows, 1 if asked.required else 0)
    if len(used) < least:
        name = next(
            (input_name(row, own, "current") for _, own, row in positions(rows, typed)),
            "own-0-name",
        )
        message = f"请至少填写 {least} 行" + (f"，现有 {len(used)} 行" if used else "")
        found.append(Problem(section.key, name, asked.label, message, missing=not used))
    for line, own, row in positions(rows, typed):
        cells = typed_cells(typed, row.spec, own)
        if is_used(row) or any(cells.values()):
            found += _row(section, line, own, row, cells)
    return found


def typed_cells(typed: Any, spec: Indicator | None, own: int) -> Mapping[str, str]:
    """The cells of one row as typed, from the section's data; empty where nothing is known."""
    if not isinstance(typed, dict):
        return {}
    if spec is not None:
        rows = typed.get("ref")
        found = rows.get(spec.key) if isinstance(rows, dict) else None
    else:
        own_rows = _typed_rows(typed)
        found = own_rows[own] if own < len(own_rows) else None
    return found if isinstance(found, dict) else {}


def shown_cells(row: Row, typed: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row as they stand on the page: what was typed, else what was read from it."""
    known = {
        "name": row.name,
        "unit": row.unit,
        "current": row.current,
        "target": row.target,
        "method": row.method,
        "evidence": row.evidence.id if row.evidence else "",
        "page": str(row.evidence_page or ""),
    }
    return known | {
        key: str(value)
        for key, value in typed.items()
        if key in known and value and key != "evidence"
    }


def filled(spec: Indicator | None, cells: Mapping[str, str], files: Mapping[str, File]) -> Row:
    """A row from its cells as typed; ``files`` by their id."""
    return Row(
        spec=spec,
        name=spec.name if spec else cells.get("name", "")[: LIMITS["name"]],
        unit=spec.unit if spec else cells.get("unit", "")[: LIMITS["unit"]],
        current=held(spec, cells, "current"),
        target=held(spec, cells, "target"),
        method=cells.get("method", "")[: LIMITS["method"]],
        evidence=files.get(cells.get("evidence", "")),
        evidence_page=page_number(cells.get("page", "")),
    )


def held(spec: Indicator | None, cells: Mapping[str, str], column: str) -> str:
    """The current or target value of a row, from its cells as typed."""
    unit = spec.unit if spec else str(cells.get("unit", ""))
    return canonical(spec, unit, str(cells.get(column, "")))[: LIMITS[column]]


def page_number(typed: str) -> int | None:
    """A page as typed, counted from 1; None where it is no number."""
    return whole(values.fold(typed).removeprefix("第").removesuffix("页"), digits=5)


def _row(
    section: Section, line: int, own: int, row: Row, cells: Mapping[str, str]
) -> Iterator[Problem]:
    title = (row.spec.name if row.spec else row.name) or "自定义指标"

    def problem(column: str, message: str, *, missing: bool = False) -> Problem:
        name = input_name(row, own, column)
        label = f"第 {line} 行 {title} {LABELS[column]}"
        return Problem(section.key, name, label, message, missing)

    if row.spec is None:
        if not row.name:
            yield problem("name", "请填写", missing=True)
        if not row.unit:
            yield problem("unit", "请填写，没有单位的填“无”", missing=True)
        if not row.method:
            yield problem("method", "请填写", missing=True)
    for column in ("current", "target"):
        value = getattr(row, column)
        if not value:
            number = row.spec is not None and row.spec.kind == IndicatorKind.NUMBER
            hint = "，没有样品的填“0”" if column == "current" and number else ""
            yield problem(column, f"请填写{hint}", missing=True)
        elif message := _unfit(row, str(cells.get(column) or value)):
            yield problem(column, message)
    for column, limit in LIMITS.items():
        if row.spec and column in ("name", "unit"):
            continue
        length = max(len(getattr(row, column)), len(str(cells.get(column, ""))))
        if length > limit:
            yield problem(column, f"超出 {length - limit} 字，最多 {limit} 字")
    if row.evidence_page is None and cells.get("page"):
        yield problem("page", "请填写页码数字")
    if row.evidence_page is not None:
        if row.evidence is None:
            yield problem("evidence", "填了页码，请选择证据文件")
        elif row.evidence.pages and not 1 <= row.evidence_page <= row.evidence.pages:
            pages = row.evidence.pages
            yield problem("page", f"这份文件共 {pages} 页，没有第 {row.evidence_page} 页")


def _unfit(row: Row, value: str) -> str:
    """Why a typed value cannot stand; the way out is part of the words."""
    spec = row.spec
    if spec is None:
        return _unmeasurable(value, row.unit) if measures.looks_measured(value) else ""
    if spec.kind == IndicatorKind.NUMBER:
        try:
            measure = measures.read(value, spec.unit, better=spec.better)
        except measures.Unmeasurable as problem:
            return str(problem)
        if abs(measure.value) >= 10**values.DIGITS_BEFORE_POINT:
            return f"数字过大：整数部分最多 {values.DIGITS_BEFORE_POINT} 位，请核对单位"
        reference = spec.value if isinstance(spec.value, Decimal) else None
        return measures.fraction_for_percent(
            measure, spec.unit, reference=reference, better=spec.better
        )
    if spec.kind == IndicatorKind.BOOLEAN and value not in ("true", "false"):
        return "请选择“是”或“否”"
    if spec.levels and value not in spec.levels:
        return f"请从{'、'.join(spec.levels)}中选择"
    return ""


def _unmeasurable(value: str, unit: str) -> str:
    try:
        measures.read(value, unit)
    except measures.Unmeasurable as problem:
        return str(problem)
    return ""


def shown(row: Row, column: str) -> str:
    """A current or target value in words, with separators."""
    value = str(getattr(row, column))
    if row.spec and row.spec.kind == IndicatorKind.BOOLEAN:
        return {"true": "是", "false": "否"}.get(value, value)
    number = values.number(value)
    return values.grouped(number) if number is not None else value


def reference(row: Row) -> str:
    """The reference in words; 指南未公开 where none is known, empty for the applicant's own."""
    if row.spec is None:
        return ""
    return row.spec.reference or "指南未公开"


def compared(row: Row) -> comparison.Comparison:
    """Target against reference, computed and never typed; 未选 for a row left empty."""
    if row.spec is None:
        return comparison.Comparison(comparison.Standing.NONE, "自定义")
    if not is_used(row):
        return comparison.Comparison(comparison.Standing.NONE, "未选")
    return comparison.compare(row.spec, row.target)


def evidence(row: Row) -> str:
    """The file and page that prove the current value, in words."""
    if row.evidence is None:
        return ""
    page = f" 第{row.evidence_page}页" if row.evidence_page else ""
    return f"{row.evidence.name}{page}"
