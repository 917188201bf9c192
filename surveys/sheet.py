"""The table as a workbook: the original columns in their order, units in the heads.

Figures are numbers; everything else is text, so that nothing in it is taken for a formula and no
code loses its digits. What cannot stand as a figure is named on a second page.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from applications.content import answers, values, wording
from calls.programme import Field
from calls.programme.form import NUMBERS
from documents.workbook import Figure, Page, of_pages
from surveys.spec import Survey

Said = tuple[str, Sequence[str]]


def heads(survey: Survey) -> list[str]:
    """The heads of the original, the unit of a figure behind it."""
    return [
        f"{column.title}（{field.unit}）" if field.unit else column.title
        for column, _, field in survey.out()
    ]


def workbook(
    survey: Survey, *, area: str, rows: Iterable[dict[str, Any]], wrong: Iterable[Said]
) -> bytes:
    """``rows`` are answers (``{section: {field: value}}``); ``wrong`` names units and why."""
    columns = list(survey.out())
    widths = (16 if field.type in NUMBERS else 36 for _, _, field in columns)
    pages = [
        Page(
            "调查表",
            f"{area}{survey.sheet_title}",
            list(zip(heads(survey), widths, strict=True)),
            [
                [_value(field, data.get(section.key, {})) for _, section, field in columns]
                for data in rows
            ],
            wrap=True,
        )
    ]
    if named := [(name, "；".join(said)) for name, said in wrong]:
        pages.append(Page("需核对", "", (("填报单位", 36), ("问题", 80)), named, wrap=True))
    return of_pages(pages)


def _value(field: Field, data: dict[str, Any]) -> str | Figure:
    value = data.get(field.key)
    number = values.number(value) if field.type in NUMBERS else None
    if number is not None:
        return Figure(number)
    return wording.in_words(field, value) or str(answers.raw_of(data).get(field.key, ""))
