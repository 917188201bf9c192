"""Directions of a call, their sub-fields and reference indicators. Pure."""

from decimal import Decimal, InvalidOperation
from enum import StrEnum

import pydantic

from calls.programme.base import Count, Key, Spec, Title

ALL_SUBFIELDS = "all"
"""Key of the sub-field 整个方向, which every direction has without being listed."""


class SubField(Spec):
    key: Key
    title: Title
    source: str = ""
    verified: bool = True


class Operator(StrEnum):
    GT = "gt"
    GE = "ge"
    LT = "lt"
    LE = "le"
    EQ = "eq"


SIGNS: dict[Operator, str] = {
    Operator.GT: ">",
    Operator.GE: "≥",
    Operator.LT: "<",
    Operator.LE: "≤",
    Operator.EQ: "=",
}


class IndicatorKind(StrEnum):
    NUMBER = "number"
    BOOLEAN = "boolean"
    LEVEL = "level"
    MATURITY = "maturity"
    TEXT = "text"


class IndicatorScope(StrEnum):
    APPLICANT = "applicant"
    NATIONAL = "national"


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    NONE = "none"


MATURITY = ("样机", "量产", "商用")


class Indicator(Spec):
    """A 参考指标. ``value`` is a Decimal for numbers, text for the other kinds.

    ``levels`` are ordered from low to high; a maturity indicator without a list of its own
    has 样机 < 量产 < 商用. A ``national`` figure is a goal for the country, shown as context
    and never compared with an applicant's value.
    """

    key: Key
    name: Title
    kind: IndicatorKind = IndicatorKind.NUMBER
    operator: Operator | None = None
    value: Decimal | str | None = None
    unit: str = ""
    basis: str = ""
    levels: tuple[str, ...] = ()
    scope: IndicatorScope = IndicatorScope.APPLICANT
    better: Better = Better.NONE
    subfield: str = ALL_SUBFIELDS
    source: str = ""
    verified: bool = True

    @pydantic.model_validator(mode="before")
    @classmethod
    def _value_by_kind(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        kind, value = data.get("kind", "number"), data.get("value")
        if isinstance(value, bool):
            data["value"] = "true" if value else "false"
        elif value is not None and kind == IndicatorKind.NUMBER:
            try:
                data["value"] = Decimal(str(value))
            except InvalidOperation as error:
                raise ValueError(f"value of a number indicator is no number: {value!r}") from error
        elif value is not None:
            data["value"] = str(value)
        if kind == IndicatorKind.MATURITY and not data.get("levels"):
            data["levels"] = MATURITY
        if "better" not in data:
            data["better"] = {"gt": "higher", "ge": "higher", "lt": "lower", "le": "lower"}.get(
                str(data.get("operator") or ""), "none"
            )
        return data

    @property
    def reference(self) -> str:
        """The reference as people read it, such as ``≥ 70 dB``; empty where there is none."""
        if self.value is None:
            return ""
        if self.kind is IndicatorKind.BOOLEAN:
            return "是" if self.value == "true" else "否"
        sign = f"{SIGNS[self.operator]} " if self.operator and self.operator != "eq" else ""
        number = f"{self.value:f}" if isinstance(self.value, Decimal) else self.value
        return f"{sign}{number} {self.unit}".strip()


class Grant(Spec):
    """Money a direction can bring: ``rate`` in percent of the outlay, ``ceiling`` in 万元."""

    rate: Decimal | None = pydantic.Field(default=None, gt=0, le=100)
    ceiling: Decimal | None = pydantic.Field(default=None, gt=0)
    note: str = ""
    source: str = ""


class Direction(Spec):
    """One 揭榜方向 or 申报方向."""

    key: Key
    title: Title
    class_key: str | None = None
    number: Count | None = None
    subfields: tuple[SubField, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    grant: Grant | None = None
    note: str = ""
    source: str = ""
    verified: bool = True

    @property
    def all_subfields(self) -> tuple[SubField, ...]:
        """The implicit 整个方向 first, then the listed ones."""
        return (SubField(key=ALL_SUBFIELDS, title="整个方向"), *self.subfields)
