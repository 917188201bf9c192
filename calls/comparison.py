"""How a value stands to its reference: 达到, 超过, 未达到, or nothing to compare. Pure.

The result is computed, never typed; a figure typed in another unit is converted (``measures``).
With a strict reference (more than 95 %) a value either exceeds it or does not reach it; 95 itself
does not reach it.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from calls import measures
from calls.measures import plain
from calls.programme import Better, Indicator, IndicatorKind, IndicatorScope, Operator

__all__ = ["LABELS", "Comparison", "Standing", "compare", "plain"]

LABELS = {"met": "达到", "over": "超过", "under": "未达到"}


class Standing(StrEnum):
    MET = "met"
    OVER = "over"
    UNDER = "under"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``difference`` is the distance to the reference in the indicator's unit, never negative;
    None where a distance means nothing (levels, yes or no)."""

    standing: Standing
    label: str
    difference: Decimal | None = None

    @property
    def text(self) -> str:
        """The label with the distance, such as ``超过 4``."""
        if not self.difference:
            return self.label
        return f"{self.label} {plain(self.difference)}"


def compare(indicator: Indicator, value: Decimal | str | bool | int | None) -> Comparison:
    """Hold an applicant's value beside the reference.

    Nothing is compared without a reference, with a national goal, for text, and for a value
    that is missing or cannot be read as the indicator's kind.
    """
    if indicator.scope is IndicatorScope.NATIONAL:
        return Comparison(Standing.NONE, "全国目标，不比较")
    if indicator.value is None or indicator.operator is None:
        label = "不比较" if indicator.kind is IndicatorKind.TEXT else "无参考值"
        return Comparison(Standing.NONE, label)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Comparison(Standing.NONE, "未填写")
    if indicator.kind is IndicatorKind.TEXT:
        return Comparison(Standing.NONE, "不比较")
    if indicator.kind is IndicatorKind.BOOLEAN:
        return _boolean(indicator, value)
    if indicator.kind in (IndicatorKind.LEVEL, IndicatorKind.MATURITY):
        return _level(indicator, str(value).strip())
    return _number(indicator, value)


def _number(indicator: Indicator, value: Decimal | str | bool | int) -> Comparison:
    reference = indicator.value
    if isinstance(value, bool) or not isinstance(reference, Decimal):
        return Comparison(Standing.NONE, "无法比较")
    try:
        number = measures.read(str(value), indicator.unit).value
    except measures.Unmeasurable:
        return Comparison(Standing.NONE, "无法比较")
    difference = number - reference
    standing = _stand(_sign(difference), indicator.operator, indicator.better)
    return Comparison(standing, LABELS[standing], abs(difference))


def _boolean(indicator: Indicator, value: Decimal | str | bool | int) -> Comparison:
    said = value if isinstance(value, bool) else str(value).strip()
    words = {"true": True, "false": False, "是": True, "否": False}
    answer = said if isinstance(said, bool) else words.get(said)
    if answer is None:
        return Comparison(Standing.NONE, "无法比较")
    standing = Standing.MET if answer is (indicator.value == "true") else Standing.UNDER
    return Comparison(standing, LABELS[standing])


def _level(indicator: Indicator, value: str) -> Comparison:
    levels = indicator.levels
    if value not in levels or indicator.value not in levels:
        return Comparison(Standing.NONE, "无法比较")
    distance = levels.index(value) - levels.index(str(indicator.value))
    standing = _stand(distance, indicator.operator, indicator.better)
    return Comparison(standing, LABELS[standing])


def _stand(sign: int, operator: Operator | None, better: Better) -> Standing:
    """Where a value stands that lies above (+), at (0) or below (-) the reference."""
    if operator is Operator.EQ:
        upwards = {Better.HIGHER: 1, Better.LOWER: -1, Better.NONE: 0}[better]
        strict = False
    else:
        upwards = 1 if operator in (Operator.GE, Operator.GT) else -1
        strict = operator in (Operator.GT, Operator.LT)
    if sign == 0:
        return Standing.UNDER if strict else Standing.MET
    return Standing.OVER if sign * upwards > 0 else Standing.UNDER


def _sign(number: Decimal) -> int:
    return (number > 0) - (number < 0)
