"""The indicators a task is held to, pinned from the frozen filing, and how a value stands. Pure.

A reference row keeps its rule of the programme file. A row of the unit's own has none: which way
is better is agreed in the plan (``operator``), and until then nothing is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from calls import measures
from calls.comparison import Comparison, Standing, compare
from calls.programme import Better, Goals, Indicator, IndicatorKind, IndicatorScope, Operator

OWN = "own"
GOAL = "goal"


@dataclass(frozen=True, slots=True)
class Pinned:
    """One row. ``reference`` is in words, ``rule`` the file's entry (empty for own rows)."""

    key: str
    name: str
    unit: str = ""
    basis: str = ""
    kind: IndicatorKind = IndicatorKind.NUMBER
    operator: str = ""
    reference: str = ""
    current: str = ""
    target: str = ""
    method: str = ""
    rule: Mapping[str, Any] = field(default_factory=dict)

    @property
    def custom(self) -> bool:
        return not self.rule


def pinned(
    snapshot: Mapping[str, Any], specs: Mapping[str, Indicator], goals: Goals | None
) -> list[Pinned]:
    """The rows of a frozen filing: those of its indicator table, then those of the goals' table."""
    rows = [
        _row(row, specs.get(row.get("key") or ""), number)
        for number, row in enumerate(snapshot.get("indicators", ()), 1)
    ]
    if goals is not None:
        rows += _goals(snapshot.get("answers", {}), goals)
    return rows


def _row(row: Mapping[str, Any], spec: Indicator | None, number: int) -> Pinned:
    return Pinned(
        key=spec.key if spec else f"{OWN}{number}",
        name=str(row.get("name") or ""),
        unit=str(row.get("unit") or ""),
        basis=str(row.get("basis") or ""),
        kind=spec.kind if spec else IndicatorKind.NUMBER,
        operator=str(operator_of(spec) or "") if spec else "",
        reference=spec.reference if spec else "",
        current=str(row.get("current") or ""),
        target=str(row.get("target") or ""),
        method=str(row.get("method") or ""),
        rule=spec.model_dump(mode="json") if spec else {},
    )


def _goals(answers: Mapping[str, Any], goals: Goals) -> list[Pinned]:
    section, _, name = goals.field.partition(".")
    rows: Sequence[Mapping[str, Any]] = answers.get(section, {}).get(name, ())
    return [
        Pinned(
            key=f"{GOAL}{number}",
            name=str(row.get(goals.name) or ""),
            kind=IndicatorKind.TEXT,
            target=str(row.get(goals.target) or ""),
            method=str(row.get(goals.method) or "") if goals.method else "",
        )
        for number, row in enumerate(rows, 1)
    ]


def operator_of(spec: Indicator) -> Operator | None:
    """How a value is held to a *target* of this indicator: at least it, at most it, or it.

    The reference's strictness (more than 95 %) does not pass on to a target of the unit's own.
    """
    if spec.kind is IndicatorKind.TEXT or spec.scope is IndicatorScope.NATIONAL:
        return None
    if spec.kind is IndicatorKind.BOOLEAN:
        return Operator.EQ
    return {Better.HIGHER: Operator.GE, Better.LOWER: Operator.LE}.get(spec.better, Operator.EQ)


def to_target(
    spec: Indicator | None, *, operator: str, unit: str, target: str, value: str
) -> Comparison:
    """How a value stands to the target that was agreed: 达到, 超过, 未达到, or no comparison.

    A national figure is no goal of one unit, and yet the unit's own target is held to it where
    an operator was agreed. A target that is no figure is never compared.
    """
    if not operator:
        return Comparison(Standing.NONE, "不比较")
    goal = _goal(spec, operator=operator, unit=unit, target=target)
    if goal is None:
        return Comparison(Standing.NONE, "无法比较" if target.strip() else "未定目标")
    return compare(goal, value)


def to_reference(spec: Indicator | None, value: str) -> Comparison:
    """How a value stands to the reference of the programme."""
    if spec is None:
        return Comparison(Standing.NONE, "无参考值")
    return compare(spec, value)


def lower(spec: Indicator | None, *, operator: str, unit: str, first: str, now: str) -> bool:
    """Whether a target asks for less than the one it replaced. Words that differ count as less."""
    if first.strip() == now.strip():
        return False
    return to_target(spec, operator=operator, unit=unit, target=first, value=now).standing in (
        Standing.UNDER,
        Standing.NONE,
    )


def _goal(spec: Indicator | None, *, operator: str, unit: str, target: str) -> Indicator | None:
    """The target as an indicator of its own, so that one comparison serves both."""
    kind = spec.kind if spec else IndicatorKind.NUMBER
    value: Decimal | str
    if kind is IndicatorKind.NUMBER:
        try:
            value = measures.read(target, unit).value
        except measures.Unmeasurable:
            return None
    else:
        value = {"是": "true", "否": "false"}.get(target.strip(), target.strip())
        if not value or (spec and spec.levels and value not in spec.levels):
            return None
    better = {"ge": Better.HIGHER, "le": Better.LOWER}.get(operator, Better.NONE)
    return Indicator.model_validate(
        {
            "key": spec.key if spec else OWN,
            "name": spec.name if spec else "目标",
            "kind": kind,
            "operator": operator,
            "value": value,
            "unit": unit,
            "levels": spec.levels if spec else (),
            "better": better,
        }
    )
