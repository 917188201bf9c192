"""What a survey is: one file of ``surveys/catalogue/``, read, checked and frozen. Pure.

The questions are those of a programme (``calls.programme.Section`` and ``Field``); what is added
is who is asked, by when, through which levels it is checked, and the table that comes out.
``docs/surveys.md`` describes every key.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum

import pydantic

from accounts import regions
from calls.programme import ApplicantKind, Attachment, Field, FieldType, Problem, Section, Spec
from calls.programme.base import Count, Title
from calls.programme.form import NUMBERS, TABLES
from calls.programme.form_checks import form_problems


class Level(StrEnum):
    """The units that check an answer, from below."""

    DISTRICT = "district"
    CITY = "city"
    PROVINCE = "province"


LEVEL_TITLES = {Level.DISTRICT: "区县", Level.CITY: "市级", Level.PROVINCE: "省级"}


class Asked(Spec):
    """Who is asked: kinds of unit, and regions (empty = the office names them at opening)."""

    kinds: tuple[ApplicantKind, ...] = pydantic.Field(min_length=1)
    regions: tuple[str, ...] = ()


class Dates(Spec):
    """Days of the notice, each inclusive; ``remind_days`` count back from ``answer_until``."""

    answer_until: dt.date | None = None
    district_until: dt.date | None = None
    city_until: dt.date | None = None
    province_until: dt.date | None = None
    remind_days: tuple[Count, ...] = (1,)
    note: str = ""

    def until(self, level: Level) -> dt.date | None:
        """The last day of a level's check."""
        days = {
            Level.DISTRICT: self.district_until,
            Level.CITY: self.city_until,
            Level.PROVINCE: self.province_until,
        }
        return days[level]


class OutColumn(Spec):
    """One column of the table that comes out: its head exactly as in the original, its field."""

    title: Title
    field: str


class Comparison(Spec):
    """A figure that also stands in filings: ``section.field``, in a table of years with ``year``.

    Shown to the asked unit itself as a hint, never as an error.
    """

    field: str
    filing: str
    label: Title
    year: int | None = None


class Survey(Spec):
    code: str = pydantic.Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=50)
    title: Title
    short_title: Title
    organiser: Title
    notice: str = ""
    note: str = ""
    intro: str = ""
    sheet_title: Title
    asked: Asked
    levels: tuple[Level, ...] = pydantic.Field(min_length=1)
    dates: Dates = Dates()
    sections: tuple[Section, ...] = pydantic.Field(min_length=1)
    attachments: tuple[Attachment, ...] = ()
    columns: tuple[OutColumn, ...] = pydantic.Field(min_length=1)
    compare: tuple[Comparison, ...] = ()

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def attachment(self, key: str) -> Attachment | None:
        return next((one for one in self.attachments if one.key == key), None)

    def fields(self) -> Iterator[tuple[Section, Field]]:
        """Every question with its section, in order."""
        for section in self.sections:
            for field in section.fields:
                yield section, field

    def found(self, name: str) -> tuple[Section, Field] | None:
        """The question behind ``section.field``."""
        return next(((s, f) for s, f in self.fields() if f"{s.key}.{f.key}" == name), None)

    def out(self) -> list[tuple[OutColumn, Section, Field]]:
        """The columns of the table with their questions."""
        return [(column, *found) for column in self.columns if (found := self.found(column.field))]

    def figures(self) -> list[tuple[Section, Field]]:
        """The questions whose answers can be added up."""
        return [
            (section, field)
            for section, field in self.fields()
            if field.type in (FieldType.INTEGER, FieldType.DECIMAL, FieldType.MONEY)
        ]


def problems_of(survey: Survey) -> list[Problem]:
    """Everything wrong in a survey whose parts are right."""
    return [*form_problems(survey), *_own(survey)]


def _own(survey: Survey) -> Iterator[Problem]:
    order = list(Level)
    if list(survey.levels) != sorted(set(survey.levels), key=order.index):
        yield Problem("levels", "wrong order", "按 district、city、province 的次序，各写一次")
    for index, code in enumerate(survey.asked.regions):
        if not regions.exists(code):
            yield Problem(f"asked.regions.{index}", f"no region {code!r}", "没有这个行政区划代码")
    yield from _dates(survey)
    seen: dict[str, str] = {}
    for number, section in enumerate(survey.sections):
        for position, field in enumerate(section.fields):
            where = f"sections.{number}.fields.{position}"
            if field.key in seen:
                what = f"{field.key!r} is already {seen[field.key]}"
                yield Problem(f"{where}.key", what, "一份调查表中代号不能重复")
            seen.setdefault(field.key, where)
            if field.type is FieldType.INDICATORS:
                yield Problem(f"{where}.type", "not in a survey", "调查表没有指标表")
            if field.type in NUMBERS and not field.unit:
                yield Problem(f"{where}.unit", "a figure has a unit", "数字要写明单位")
    files = [one.key for one in survey.attachments]
    for index, file in enumerate(survey.attachments):
        if files.index(file.key) != index:
            yield Problem(f"attachments.{index}.key", f"{file.key!r} twice", "代号不能重复")
        if file.condition is not None:
            yield Problem(f"attachments.{index}.condition", "not in a survey", "调查表不用条件")
    for index, column in enumerate(survey.columns):
        found = survey.found(column.field)
        if found is None:
            what = f"no field {column.field!r}"
            yield Problem(f"columns.{index}.field", what, "引用了不存在的字段")
        elif found[1].type in TABLES:
            yield Problem(f"columns.{index}.field", "is a table", "表格不能作一列")
    for index, one in enumerate(survey.compare):
        found = survey.found(one.field)
        if found is None or found[1].type not in NUMBERS:
            yield Problem(f"compare.{index}.field", f"no figure {one.field!r}", "没有这个数字")
        if len(one.filing.split(".")) != (2 if one.year is None else 3):
            what = "must be section.field, with a year section.table.column"
            yield Problem(f"compare.{index}.filing", what, "写法不符合要求")


def _dates(survey: Survey) -> Iterator[Problem]:
    last = survey.dates.answer_until
    for level in Level:
        day = survey.dates.until(level)
        if day is None:
            continue
        if level not in survey.levels:
            yield Problem(f"dates.{level}_until", f"no level {level}", "没有这一级")
        if last is not None and day < last:
            yield Problem(f"dates.{level}_until", "lies before the day below", "日期先后不对")
        last = day
