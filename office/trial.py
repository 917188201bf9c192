"""A call's form as an applicant will meet it, without a filing: nothing is made or kept."""

from __future__ import annotations

from dataclasses import dataclass

from applications import readiness
from applications.content import engine
from applications.material import Material, Unit
from applications.readiness import Part
from calls import standing
from calls.models import Call
from calls.programme import Direction, Field, FieldType, Indicator, Section

PAGE_WIDE = (readiness.FILES, readiness.DECLARATION)
NOBODY = Unit(name="〔申报单位〕")


@dataclass(frozen=True, slots=True)
class Conditional:
    """A part or field that appears by an answer, with the answer in words."""

    title: str
    words: str
    key: str = ""


def material(call: Call, direction: Direction | None) -> Material:
    """An empty filing in a direction, as the rules see one; it exists in memory alone."""
    return Material(
        programme=call.programme,
        call_code=call.code,
        call_title=call.title,
        title="",
        organisation=NOBODY,
        direction=direction.title if direction else "",
        direction_key=direction.key if direction else "",
    )


def parts(call: Call, direction: Direction | None) -> list[Part]:
    """The task list of a filing in which nothing is filled in yet."""
    return readiness.parts(material(call, direction))


def conditional(call: Call) -> list[Conditional]:
    """The parts that an applicant sees only after an answer."""
    return [
        Conditional(
            one.title, _words(call, one, one.condition.field, one.condition.equals), one.key
        )
        for one in call.programme.sections
        if one.condition is not None
    ]


def conditional_fields(call: Call, section: Section) -> list[Conditional]:
    return [
        Conditional(one.label, _words(call, section, one.show_if.field, one.show_if.equals))
        for one in section.fields
        if one.show_if is not None
    ]


def _words(call: Call, section: Section, name: str, equals: str) -> str:
    """“是否联合体”答“是”时出现."""
    home, _, key = name.rpartition(".")
    field = next(
        (
            one
            for part, one in call.programme.fields()
            if one.key == key and part.key == (home or section.key)
        ),
        None,
    )
    if field is None:
        return "按前面的选择出现"
    return f"“{field.label}”答“{_answer(field, equals)}”时出现"


def _answer(field: Field, equals: str) -> str:
    if field.type == FieldType.BOOLEAN:
        return "是" if equals == "true" else "否"
    return next((one.title for one in field.choices if one.key == equals), equals)


def form(section: Section) -> engine.SectionForm:
    """The empty form of a part, every field shut."""
    return engine.SectionForm(
        section, {}, answers={}, locked={one.key for one in section.fields}, read_only=True
    )


def ledger(section: Section) -> Field | None:
    return next((one for one in section.fields if one.type == FieldType.INDICATORS), None)


def indicators(direction: Direction | None) -> tuple[Indicator, ...]:
    return direction.indicators if direction else ()


def directions(call: Call) -> tuple[Direction, ...]:
    return standing.directions(call)
