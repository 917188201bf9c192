"""Directions and their indicators as a workbook: its columns and words, and writing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from calls.programme import (
    MATURITY,
    Better,
    Choice,
    Direction,
    Indicator,
    IndicatorKind,
    IndicatorScope,
    Operator,
)
from calls.programme.directions import SIGNS
from documents.workbook import Page, of_pages

DIRECTIONS, INDICATORS = "方向", "指标"
DIRECTION_COLUMNS = ("方向名称", "类别", "细分领域", "说明", "依据", "已核实", "代号")
INDICATOR_COLUMNS = (
    "方向名称",
    "指标名称",
    "类型",
    "关系",
    "参考值",
    "单位",
    "口径",
    "等级",
    "范围",
    "优劣",
    "细分领域",
    "依据",
    "已核实",
    "代号",
)
WIDTHS = {"方向名称": 28, "指标名称": 28, "细分领域": 28, "说明": 30, "依据": 34}
KINDS = {
    "数值": IndicatorKind.NUMBER,
    "是否": IndicatorKind.BOOLEAN,
    "等级": IndicatorKind.LEVEL,
    "成熟度": IndicatorKind.MATURITY,
    "文字": IndicatorKind.TEXT,
}
OPERATORS = {sign: operator for operator, sign in SIGNS.items()} | {
    ">=": Operator.GE,
    "<=": Operator.LE,
    "＞": Operator.GT,
    "＜": Operator.LT,
    "＝": Operator.EQ,
}
SCOPES = {"申报主体": IndicatorScope.APPLICANT, "全国目标": IndicatorScope.NATIONAL}
BETTER = {"越高越好": Better.HIGHER, "越低越好": Better.LOWER, "不分": Better.NONE}
TRUTH = {"是": True, "否": False}
UNSTATED = "未注明"
WHOLE = "整个方向"
GUIDE = (
    ("方向页", "每行一个方向。细分领域用分号隔开。类别不填即“未注明”。"),
    ("指标页", "每行一项参考指标，“方向名称”与方向页一致；不填细分领域即整个方向。"),
    ("类型", "、".join(KINDS) + "；不填即“数值”。"),
    ("关系", "、".join(SIGNS.values()) + "；与参考值一起填，或都不填（定性指标）。"),
    ("等级", "类型为“等级”时从低到高列出，用分号隔开；“成熟度”不填即 样机、量产、商用。"),
    ("范围", "、".join(SCOPES) + "；全国目标只作背景，不与单个单位比较。"),
    ("优劣", "、".join(BETTER) + "；不填按关系推定。"),
    ("已核实", "是 或 否；不填即“否”，页面上标“未核实”。"),
    ("代号", "可以不填，系统编号；已有的方向和指标请保留原代号。"),
)


def workbook(directions: Iterable[Direction], *, classes: Iterable[Choice]) -> bytes:
    """The directions in the columns that ``read`` reads; none of them gives the empty template."""
    titles = {one.key: one.title for one in classes}
    found = list(directions)
    return of_pages(
        [
            _page(DIRECTIONS, DIRECTION_COLUMNS, [_direction_row(one, titles) for one in found]),
            _page(
                INDICATORS,
                INDICATOR_COLUMNS,
                [_indicator_row(home, one) for home in found for one in home.indicators],
            ),
            Page("填写说明", "", [("项目", 12), ("说明", 70)], GUIDE, wrap=True),
        ]
    )


def _page(title: str, columns: Sequence[str], rows: list[list[str]]) -> Page:
    return Page(title, "", [(one, WIDTHS.get(one, 12)) for one in columns], rows)


def _direction_row(one: Direction, titles: Mapping[str, str]) -> list[str]:
    return [
        one.title,
        titles.get(one.class_key or "", ""),
        "；".join(sub.title for sub in one.subfields),
        one.note,
        one.source,
        "是" if one.verified else "否",
        one.key,
    ]


def _indicator_row(home: Direction, one: Indicator) -> list[str]:
    words: dict[str, dict[object, str]] = {
        "kind": {value: word for word, value in KINDS.items()},
        "scope": {value: word for word, value in SCOPES.items()},
        "better": {value: word for word, value in BETTER.items()},
    }
    value = (
        ""
        if one.value is None
        else f"{one.value:f}"
        if isinstance(one.value, Decimal)
        else one.value
    )
    if one.kind is IndicatorKind.BOOLEAN and value:
        value = "是" if value == "true" else "否"
    titles = {sub.key: sub.title for sub in home.subfields}
    return [
        home.title,
        one.name,
        words["kind"][one.kind],
        SIGNS[one.operator] if one.operator else "",
        value,
        one.unit,
        one.basis,
        "；".join(one.levels) if one.levels != MATURITY else "",
        words["scope"][one.scope],
        words["better"][one.better],
        titles.get(one.subfield, ""),
        one.source,
        "是" if one.verified else "否",
        one.key,
    ]
