"""What is missing or wrong in the kept answers of a section. Pure.

Nothing here stops a draft from being saved: problems stand beside the data and block only the
submission. Each names its input, so that a page can lead there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.content import answers as kept
from applications.content import rules, values
from applications.content.answers import Answers, Data, Leaf
from applications.content.problems import Problem
from calls.programme import Field, FieldType, Section
from calls.programme.form import TEXTS
from core.lengths import characters

__all__ = ["Problem", "Tally", "check", "table_problems", "tally", "unfit"]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of the inputs that must be filled are, and whether anything is there at all."""

    done: int
    asked: int
    touched: bool


def check(section: Section, data: Data, *, answers: Answers) -> list[Problem]:
    """Everything that blocks submission in one section, in the order of the page.

    ``answers`` are all sections' answers, this one's included, for conditions across sections.
    Indicators and attachments are judged by ``readiness``.
    """
    answers = {**answers, section.key: data}
    if not kept.holds(section.condition, section=section.key, answers=answers):
        return []
    fields = kept.shown(section, answers)
    found = [problem for field in fields for problem in _field(section, field, data)]
    broken = {problem.name for problem in found}
    for rule in section.rules:
        if rules.visible(section, rule, fields):
            again = rules.broken(section, rule, data, answers=answers)
            found += [problem for problem in again if problem.name not in broken]
    return found


def tally(section: Section, data: Data, *, answers: Answers) -> Tally:
    """The x/y of the task list: inputs that must be filled, and those that are filled rightly."""
    answers = {**answers, section.key: data}
    done = asked = 0
    for field in kept.shown(section, answers):
        bad = {problem.name for problem in _field(section, field, data)}
        if field.type in (FieldType.ROWS, FieldType.LONGTEXT) or field.type not in (
            FieldType.YEAR_TABLE,
            FieldType.INDICATORS,
            FieldType.COMPUTED,
        ):
            if field.required:
                asked += 1
                done += not bad
        elif field.type == FieldType.YEAR_TABLE:
            for leaf in kept.leaves(field, rows=0):
                if field.required or leaf.asked.required:
                    asked += 1
                    done += leaf.name not in bad and not kept.is_empty(kept.value_of(leaf, data))
    touched = any(not kept.is_empty(value) for value in data.values())
    return Tally(done, asked, touched)


def _field(section: Section, field: Field, data: Data) -> Iterator[Problem]:
    if field.type == FieldType.ROWS:
        yield from _rows(section, field, data)
    elif field.type == FieldType.YEAR_TABLE:
        empty = not kept.table_rows(field, data) and not _raw_in(field, data)
        for leaf in kept.leaves(field, rows=0):
            must = leaf.asked.required if not empty else False
            must = (
                must
                or (field.required and leaf.asked.required)
                or (field.required and not any(column.required for column in field.columns))
            )
            yield from _leaf(section, leaf, data, required=must)
    elif field.type == FieldType.COMPUTED:
        if (value := data.get(field.key)) and (message := unfit(Leaf(field.key, field, ""), value)):
            yield Problem(section.key, field.key, field.label, message)
    else:
        for leaf in kept.leaves(field, rows=0):
            yield from _leaf(section, leaf, data, required=leaf.asked.required)


def table_problems(section: Section, field: Field, data: Data) -> Iterator[Problem]:
    """What is wrong in one field taken by itself, rules between fields left out."""
    yield from _field(section, field, data)


def _raw_in(field: Field, data: Data) -> bool:
    return any(name.startswith(f"{field.key}-") for name in kept.raw_of(data))


def _rows(section: Section, field: Field, data: Data) -> Iterator[Problem]:
    rows = kept.rows_of(field, data)
    used = [n for n in range(len(rows)) if not kept.row_is_blank(field, n, data)]
    least = max(field.min_rows, 1 if field.required else 0)
    first = f"{field.key}-0-{field.columns[0].key}" if field.columns else field.key
    if len(used) < least:
        message = f"请至少填写 {least} 行" + (f"，现有 {len(used)} 行" if used else "")
        yield Problem(section.key, first, field.label, message, missing=not used)
    if field.max_rows and len(used) > field.max_rows:
        over = len(used) - field.max_rows
        message = f"最多 {field.max_rows} 行，现有 {len(used)} 行，请删去 {over} 行"
        yield Problem(section.key, first, field.label, message)
    for leaf in kept.leaves(field, rows=len(rows)):
        if leaf.row in used:
            yield from _leaf(section, leaf, data, required=leaf.asked.required)


def _leaf(section: Section, leaf: Leaf, data: Data, *, required: bool) -> Iterator[Problem]:
    def problem(message: str, *, missing: bool = False) -> Problem:
        label = f"{leaf.table.label} {leaf.label}" if leaf.table else leaf.label
        return Problem(section.key, leaf.name, label, message, missing)

    typed = kept.raw_of(data).get(leaf.name)
    if typed:
        yield problem(kept.unreadable(leaf, str(typed)) or "请重新填写")
        return
    value = kept.value_of(leaf, data)
    if kept.is_empty(value):
        if required:
            choosing = leaf.kind in ("choice", "multichoice", "boolean")
            yield problem("请选择" if choosing else "请填写", missing=True)
        return
    message = unfit(leaf, value)
    if message:
        yield problem(message)


def unfit(leaf: Leaf, value: Any) -> str:
    """Why a kept value is outside the limits of its field, or nothing."""
    asked = leaf.asked
    if asked.type in TEXTS:
        length = characters(str(value))
        if asked.max_chars and length > asked.max_chars:
            return f"超出 {length - asked.max_chars} 字，最多 {asked.max_chars} 字"
        if asked.min_chars and length < asked.min_chars:
            return f"还差 {asked.min_chars - length} 字，至少 {asked.min_chars} 字"
        return ""
    if leaf.kind in values.NUMBERS or asked.type == FieldType.COMPUTED:
        number = values.number(value)
        if number is None:
            return "请重新填写"
        if asked.minimum is not None and number < asked.minimum:
            return f"不能小于 {_figure(asked.minimum)}{_unit(asked.unit)}"
        if asked.maximum is not None and number > asked.maximum:
            return f"不能大于 {_figure(asked.maximum)}{_unit(asked.unit)}"
    if asked.type == FieldType.CHOICE and value not in {c.key for c in asked.choices}:
        return "原来的选项已不可用，请重新选择"
    return ""


def _figure(value: Decimal) -> str:
    return f"{value.normalize():,f}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""
