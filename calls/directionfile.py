"""A workbook of directions and indicators read, every fault named by page, row and column."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import pydantic

from calls.directionbook import (
    BETTER,
    DIRECTION_COLUMNS,
    DIRECTIONS,
    INDICATOR_COLUMNS,
    INDICATORS,
    KINDS,
    OPERATORS,
    SCOPES,
    TRUTH,
    UNSTATED,
    WHOLE,
)
from calls.programme import (
    MATURITY,
    Choice,
    Direction,
    Indicator,
    IndicatorKind,
    IndicatorScope,
    Programme,
    SubField,
)
from core.errors import Refusal
from documents import sheets
from documents.sheets import Cell, Kind

MOST_ROWS = 2000
LONGEST = {
    "方向名称": 120,
    "类别": 60,
    "指标名称": 120,
    "单位": 40,
    "口径": 200,
    "说明": 500,
    "依据": 300,
}
KEY = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
TERMS = re.compile(r"[;；、,，\n]+")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault of one cell: page, row as people see it, column, what is wrong."""

    page: str
    row: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a workbook says; with ``wrong`` it is not used. ``sha256`` is that of its bytes."""

    classes: tuple[Choice, ...]
    directions: tuple[Direction, ...]
    wrong: tuple[Wrong, ...]
    sha256: str


Line = Mapping[str, str]


class _Rows:
    """One page: its rows by number, each a map of column to text; faults are collected."""

    def __init__(
        self, title: str, columns: Sequence[str], rows: list[sheets.Row], wrong: list[Wrong]
    ) -> None:
        self.title, self.wrong = title, wrong
        first = rows[0] if rows else (0, [])
        head = [cell.text.strip() if cell else "" for cell in first[1]]
        if missing := [one for one in columns if one not in head]:
            raise Refusal(
                "wrong-template",
                f"“{title}”页的表头缺少“{'”“'.join(missing)}”，请使用本页提供的模板。",
                status=422,
            )
        self.lines: list[tuple[int, dict[str, str]]] = []
        for number, cells in rows[1:]:
            found = dict.fromkeys(columns, "")
            for column, cell in zip(head, cells, strict=False):
                if column in found:
                    found[column] = self._text(number, column, cell)
            if any(found.values()):
                self.lines.append((number, found))

    def _text(self, number: int, column: str, cell: Cell | None) -> str:
        if cell is None:
            return ""
        if cell.kind in (Kind.FORMULA, Kind.ERROR) and not cell.text:
            self.fault(number, column, "是公式或错误值，没有可读的内容，请粘贴为数值")
            return ""
        text = cell.text.strip()
        if cell.percent and text:
            text = f"{(Decimal(text) * 100).normalize():f}"
        most = LONGEST.get(column, 500)
        if len(text) > most:
            self.fault(number, column, f"超过 {most} 字")
        return text

    def fault(self, row: int, column: str, message: str) -> None:
        self.wrong.append(Wrong(self.title, row, column, message))

    def word(self, number: int, line: Line, column: str, words: Mapping[str, object]) -> object:
        """What a word stands for; None where the cell is empty or holds another word."""
        text = line[column]
        if text and text not in words:
            allowed = [word for word in words if word not in (">=", "<=", "＞", "＜", "＝")]
            self.fault(number, column, f"没有“{text[:20]}”，应为 {'、'.join(allowed)} 之一")
        return words.get(text)


def read(data: bytes, name: str, *, known: Programme) -> Sheet:
    """The directions of a workbook, with every fault. ``known`` gives classes and keys their names.

    A direction or indicator without a key keeps that of the one with the same name, or gets one.

    Raises ``Refusal`` (422): those of ``documents.sheets.read``, ``wrong-template``,
    ``empty-sheet``.
    """
    pages = sheets.read(data, name, most_rows=MOST_ROWS + 1, most_columns=40)
    for title in (DIRECTIONS, INDICATORS):
        if title not in pages:
            raise Refusal(
                "wrong-template", f"没有名为“{title}”的工作表，请使用本页提供的模板。", status=422
            )
    wrong: list[Wrong] = []
    rows = _Rows(DIRECTIONS, DIRECTION_COLUMNS, pages[DIRECTIONS], wrong)
    if not rows.lines:
        raise Refusal("empty-sheet", "“方向”页没有数据行，请填写后再导入。", status=422)
    classes = {one.title: one for one in known.classes}
    found: dict[str, Direction] = {}
    for number, line in rows.lines:
        made = _direction(rows, number, line, known, classes, found)
        if made is not None:
            found[made.title] = made
    lines = _Rows(INDICATORS, INDICATOR_COLUMNS, pages[INDICATORS], wrong)
    below: dict[str, list[Indicator]] = {title: [] for title in found}
    for number, line in lines.lines:
        home = found.get(line["方向名称"])
        if home is None:
            lines.fault(
                number, "方向名称", "“方向”页没有这个方向" if line["方向名称"] else "请填写"
            )
            continue
        indicator = _indicator(lines, number, line, home, known, below[home.title])
        if indicator is not None:
            below[home.title].append(indicator)
    directions = tuple(
        one.model_copy(update={"indicators": tuple(below[one.title])}) for one in found.values()
    )
    used = {one.class_key for one in directions}
    kept = tuple(one for one in classes.values() if one.key in used or one in known.classes)
    wrong.sort(key=lambda one: (one.page != DIRECTIONS, one.row))
    return Sheet(kept, directions, tuple(wrong), hashlib.sha256(data).hexdigest())


def _terms(text: str) -> list[str]:
    return list(dict.fromkeys(one.strip() for one in TERMS.split(text) if one.strip()))


def _free(start: str, taken: Iterable[str]) -> str:
    held = set(taken)
    number = len(held) + 1
    while f"{start}{number:02d}" in held:
        number += 1
    return f"{start}{number:02d}"


def _key(rows: _Rows, number: int, line: Line, same: str, start: str, taken: set[str]) -> str:
    """The written key, that of the same thing, or a free one."""
    key = line["代号"] or (same if same not in taken else "") or _free(start, taken)
    if not KEY.match(key):
        rows.fault(number, "代号", "应以小写字母开头，只含小写字母、数字和下划线，不超过 40 个字符")
    elif key in taken:
        rows.fault(number, "代号", f"“{key}”已经用过")
    return key


def _direction(
    rows: _Rows,
    number: int,
    line: Line,
    known: Programme,
    classes: dict[str, Choice],
    before: Mapping[str, Direction],
) -> Direction | None:
    title, faults = line["方向名称"], len(rows.wrong)
    if not title:
        rows.fault(number, "方向名称", "请填写")
    elif title in before:
        rows.fault(number, "方向名称", "与前面的行重复")
    same = next((one for one in known.directions if one.title == title), None)
    taken = {one.key for one in before.values()}
    reserved = taken | ({one.key for one in known.directions} if same is None else set())
    key = _key(
        rows, number, line, same.key if same else "", "d", taken if line["代号"] else reserved
    )
    of_key = next((one for one in known.directions if one.key == key), None)
    verified = rows.word(number, line, "已核实", TRUTH)
    group = line["类别"]
    if group and group != UNSTATED and group not in classes:
        classes[group] = Choice(
            key=_free("class_", {one.key for one in classes.values()}), title=group
        )
    old = {one.title: one for one in (of_key.subfields if of_key else ())}
    subfields: list[SubField] = []
    for term in _terms(line["细分领域"]):
        held = {one.key for one in (*subfields, *old.values())}
        subfields.append(old.get(term) or SubField(key=_free("s", held), title=term))
    if len(rows.wrong) > faults:
        return None
    found = {
        "key": key,
        "title": title,
        "class_key": classes[group].key if group in classes else None,
        "subfields": tuple(subfields),
        "indicators": (),
        "note": line["说明"],
        "source": line["依据"],
        "verified": bool(verified),
    }
    if group == UNSTATED and of_key is not None and known.class_title(of_key.class_key) == UNSTATED:
        found["class_key"] = of_key.class_key
    return of_key.model_copy(update=found) if of_key else Direction.model_validate(found)


def _indicator(
    rows: _Rows,
    number: int,
    line: Line,
    home: Direction,
    known: Programme,
    before: Sequence[Indicator],
) -> Indicator | None:
    faults = len(rows.wrong)
    name, kind = line["指标名称"], rows.word(number, line, "类型", KINDS) or IndicatorKind.NUMBER
    if not name:
        rows.fault(number, "指标名称", "请填写")
    subfield = _subfield(rows, number, line, home)
    if any((one.name, one.subfield) == (name, subfield) for one in before):
        rows.fault(number, "指标名称", "这个方向里已有同名指标")
    operator = rows.word(number, line, "关系", OPERATORS)
    levels = tuple(_terms(line["等级"])) or (MATURITY if kind == IndicatorKind.MATURITY else ())
    value = _value(rows, number, line, str(kind), levels)
    if (operator is None) != (value is None) and not line["关系"] == line["参考值"] == "":
        empty = "关系" if operator is None else "参考值"
        if not line[empty]:
            rows.fault(number, empty, "“关系”和“参考值”要么都填，要么都不填")
    direction = known.direction(home.key)
    old = {(one.name, one.subfield): one.key for one in (direction.indicators if direction else ())}
    same = old.get((name, subfield), "")
    taken = {one.key for one in before}
    reserved = taken if same or line["代号"] else taken | set(old.values())
    key = _key(rows, number, line, same, "i", reserved)
    scope = rows.word(number, line, "范围", SCOPES) or IndicatorScope.APPLICANT
    better = rows.word(number, line, "优劣", BETTER)
    verified = rows.word(number, line, "已核实", TRUTH)
    if len(rows.wrong) > faults:
        return None
    found = {
        "key": key,
        "name": name,
        "kind": kind,
        "operator": operator,
        "value": value,
        "unit": line["单位"],
        "basis": line["口径"],
        "levels": levels,
        "scope": scope,
        "subfield": subfield,
        "source": line["依据"],
        "verified": bool(verified),
    }
    try:
        return Indicator.model_validate(found | ({"better": better} if better else {}))
    except pydantic.ValidationError:
        rows.fault(number, "指标名称", "这一行的内容合在一起不成立，请核对类型、关系和参考值")
        return None


def _subfield(rows: _Rows, number: int, line: Line, home: Direction) -> str:
    wanted = line["细分领域"]
    names = {one.title: one.key for one in home.all_subfields}
    if wanted and wanted not in names:
        rows.fault(number, "细分领域", f"“{home.title}”没有这个细分领域，可填 {'、'.join(names)}")
    return names.get(wanted or WHOLE, names[WHOLE])


def _value(rows: _Rows, number: int, line: Line, kind: str, levels: tuple[str, ...]) -> str | None:
    text = line["参考值"]
    if not text:
        return None
    if kind == IndicatorKind.NUMBER:
        try:
            value = Decimal(text.replace(",", "").replace("，", ""))
            if not value.is_finite() or abs(value.adjusted()) > 30:
                raise InvalidOperation
            return f"{value:f}"
        except InvalidOperation:
            rows.fault(number, "参考值", f"“{text[:20]}”不是数，类型为“数值”时只填数")
    elif kind == IndicatorKind.BOOLEAN:
        if text not in TRUTH:
            rows.fault(number, "参考值", "类型为“是否”时填 是 或 否")
        return "true" if text == "是" else "false"
    elif levels and text not in levels:
        rows.fault(number, "参考值", f"应为等级之一：{'、'.join(levels)}")
    elif kind == IndicatorKind.LEVEL and not levels:
        rows.fault(number, "等级", "类型为“等级”时，从低到高列出各级，用分号隔开")
    return text
