"""Does an answer fit what was said before? Hints, never errors. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.content import answers, values, wording
from calls.programme import FieldType
from calls.programme.form import NUMBERS
from surveys.spec import Survey

SLIP = Decimal(1000)
"""万元 and 元 are 10,000 apart: a factor beyond this looks like a slip of the unit."""
JUMP = Decimal(2)
"""More than doubled, or more than halved: worth a look."""

Data = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A value said before: in which survey or filing."""

    field: str
    where: str
    value: Any


@dataclass(frozen=True, slots=True)
class Hint:
    """``name`` is the input on the page."""

    name: str
    label: str
    message: str

    def __str__(self) -> str:
        return f"{self.label}：{self.message}"


def hints(survey: Survey, data: Data, earlier: Iterable[Earlier]) -> list[Hint]:
    """What differs from earlier answers so much that somebody should look again."""
    found = []
    for one in earlier:
        asked = survey.found(one.field)
        if asked is None:
            continue
        section, field = asked
        now = data.get(section.key, {}).get(field.key)
        if answers.is_empty(now) or answers.is_empty(one.value):
            continue
        message = ""
        if field.type in NUMBERS:
            message = _figure(values.number(now), values.number(one.value), one.where, field.unit)
        elif field.type not in (FieldType.TEXT, FieldType.LONGTEXT) and now != one.value:
            message = f"与{one.where}（{wording.in_words(field, one.value)}）不同，请核对。"
        elif field.prefill and str(now) != str(one.value):
            message = f"与{one.where}（{one.value}）不同，请核对。"
        if message:
            found.append(Hint(field.key, field.label, message))
    return found


def _figure(now: Decimal | None, then: Decimal | None, where: str, unit: str) -> str:
    if now is None or then is None or now == then:
        return ""
    was = f"{where}为 {values.grouped(then)} {unit}"
    if not now or not then:
        return f"{was}，请核对。"
    if now * then < 0:
        return f"{was}，正负相反，请核对。"
    factor = max(now / then, then / now)
    if factor >= SLIP:
        return f"{was}，相差 {int(factor):,} 倍，请核对单位是否为{unit}。"
    if factor > JUMP:
        words = "增加一倍以上" if now > then else "减少一半以上"
        return f"{was}，{words}，请核对。"
    return ""


def carried(survey: Survey, earlier: Iterable[Earlier]) -> dict[str, dict[str, Any]]:
    """Earlier answers that a new form begins with: words and choices, never figures or dates,
    which belong to their own year. The latest answer stands last."""
    found: dict[str, dict[str, Any]] = {}
    for one in earlier:
        asked = survey.found(one.field)
        if asked is None or answers.is_empty(one.value):
            continue
        section, field = asked
        if field.type in (
            FieldType.TEXT,
            FieldType.LONGTEXT,
            FieldType.CHOICE,
            FieldType.MULTICHOICE,
            FieldType.REGION,
            FieldType.INDUSTRY,
            FieldType.USCC,
        ):
            found.setdefault(section.key, {})[field.key] = one.value
    return found
