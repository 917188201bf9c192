"""One measured value held to its target: what is kept of it, and what is wrong with it. Pure.

A figure is brought to the target's unit (``calls.measures``), so that ``0.2 s`` may be typed where
milliseconds are asked; words are compared as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calls import measures
from calls.comparison import Comparison, Standing, plain
from calls.programme import Indicator, IndicatorKind
from testing import conclusions

TYPED = ("measured", "method", "sample_size", "environment", "untested", "remarks")
LONGEST = {
    "measured": 60,
    "method": 200,
    "sample_size": 60,
    "environment": 200,
    "untested": 300,
    "remarks": 300,
}
NAMES = {
    "measured": "实测值",
    "method": "测评方法",
    "sample_size": "样本量",
    "environment": "测试环境",
    "untested": "未测原因",
    "remarks": "备注",
    "page": "证据页",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What is computed from a typed value; ``problem`` says what to type instead."""

    standing: str
    value: str = ""
    told: str = ""
    difference: str = ""
    problem: str = ""

    @property
    def words(self) -> str:
        word = conclusions.WORDS[self.standing]
        return f"{word} {self.difference}" if self.difference else word


def judge(
    measured: str, untested: str, *, kind: str, unit: str, comparison: Comparison | None
) -> Judged:
    """The conclusion of one row. ``comparison`` is that of the value in the target's unit.

    Both a value and a reason for not testing cannot stand together: the value must go.
    """
    if untested and measured:
        return Judged(conclusions.OPEN, problem="已写实测值的，不写未测原因；请保留其中一项")
    if untested:
        return Judged(conclusions.UNTESTED)
    if not measured:
        return Judged(conclusions.OPEN)
    value, told, problem = in_unit(measured, kind=kind, unit=unit)
    if problem or comparison is None:
        return Judged(conclusions.OPEN, problem=problem or "无法判断，请核对实测值")
    difference = plain(comparison.difference) if comparison.difference else ""
    standing = {
        Standing.MET: conclusions.MET,
        Standing.OVER: conclusions.OVER,
        Standing.UNDER: conclusions.UNDER,
    }.get(comparison.standing, conclusions.NONE)
    return Judged(standing, value, told, difference if standing != conclusions.NONE else "")


def in_unit(measured: str, *, kind: str, unit: str) -> tuple[str, str, str]:
    """The value in the target's unit, how it was converted, and what is wrong with it."""
    if kind != IndicatorKind.NUMBER:
        return measured.strip(), "", ""
    try:
        found = measures.read(measured, unit)
    except measures.Unmeasurable as error:
        return "", "", str(error)
    return plain(found.value), found.told, ""


def choices(spec: Indicator | None, kind: str) -> tuple[tuple[str, str], ...]:
    """What can be chosen where a value is not a figure; empty for figures and free words."""
    if kind == IndicatorKind.BOOLEAN:
        return (("是", "是"), ("否", "否"))
    if kind in (IndicatorKind.LEVEL, IndicatorKind.MATURITY) and spec is not None:
        return tuple((level, level) for level in spec.levels)
    return ()


def missing(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a row lacks before it can be submitted, as (field, what to do)."""
    if row["untested"]:
        return []
    found = []
    if not row["measured"]:
        found.append(("measured", "填写实测值，或写明未测原因"))
    if not row["method"]:
        found.append(("method", "填写测评方法"))
    if row["kind"] == IndicatorKind.NUMBER and not row["sample_size"]:
        found.append(("sample_size", "填写样本量，单次测量的写“1”"))
    if row["evidence"] and not row["page"]:
        found.append(("page", "填写证据所在页"))
    return found
