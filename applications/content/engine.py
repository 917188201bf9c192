"""A section of a programme as a Django form with a crispy layout.

The form is drawn from kept answers (``answers``), typed text included, so that what a person sees
after a save is what is stored. It never blocks a save: its errors are the problems it is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field as Shown
from crispy_forms.layout import Layout
from crispy_forms.utils import TEMPLATE_PACK
from django import forms
from django.template.loader import render_to_string
from django.utils.datastructures import MultiValueDict
from django.utils.html import format_html

from accounts.forms.fields import PickerInput
from applications.content import answers as kept
from applications.content import values, wording
from applications.content.answers import Answers, Asked, Data
from applications.content.checking import Problem
from calls.programme import Field, FieldType, Section

BLANK_ROWS = 1
"""Empty rows offered below the filled ones."""

SHORT = {FieldType.DATE: "2021-11-15", FieldType.MONTH: "2021-11"}
PICKED = {FieldType.REGION: "regions", FieldType.INDUSTRY: "industries"}
"""Fields chosen from a code list; the input takes the code or the name as well."""
INPUT_MODES = {
    FieldType.INTEGER: "numeric",
    FieldType.DECIMAL: "decimal",
    FieldType.MONEY: "decimal",
    FieldType.PERCENT: "decimal",
}


class SectionForm(forms.Form):
    """One section. ``locked`` fields are shown but cannot be written."""

    def __init__(
        self,
        section: Section,
        data: Data,
        *,
        answers: Answers,
        problems: Sequence[Problem] = (),
        locked: Collection[str] = (),
        read_only: bool = False,
        notes: Mapping[str, str] | None = None,
        more_rows: str = "",
    ) -> None:
        self.section, self.kept = section, kept.with_computed(section, data)
        self.answers = {**answers, section.key: data}
        self.problems, self.read_only, self.more_rows = problems, read_only, more_rows
        self.locked = set(locked)
        self.notes = dict(notes or {})
        self.inputs: MultiValueDict[str, Any] = MultiValueDict()
        super().__init__(data=self.inputs)
        self.auto_id = "id_%s"
        parts: list[Any] = []
        for field in section.fields:
            if field.type == FieldType.INDICATORS or self._elsewhere(field):
                continue
            parts += self._add(field)
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(*parts)

    def _elsewhere(self, field: Field) -> bool:
        """Whether a condition on another section hides this field."""
        condition = field.show_if
        return (
            condition is not None
            and "." in condition.field
            and not kept.holds(condition, section=self.section.key, answers=self.answers)
        )

    def _add(self, field: Field) -> list[Any]:
        lock = self.read_only or field.key in self.locked
        if field.type == FieldType.ROWS:
            rows = kept.rows_of(field, self.kept)
            blank = 0 if lock else max(BLANK_ROWS, field.min_rows - len(rows))
            blank += self.more_rows == field.key
            if field.max_rows and len(rows) + blank > field.max_rows:
                blank = max(field.max_rows - len(rows), 0)
            count = len(rows) + blank
            self._leaves(field, count, lock)
            return [self._wrap(field, Rows(field, rows=count, lock=lock))]
        if field.type == FieldType.YEAR_TABLE:
            self._leaves(field, 0, lock)
            return [self._wrap(field, Years(field, lock=lock))]
        if field.type == FieldType.COMPUTED:
            shown = wording.in_words(field, self.kept.get(field.key))
            self.fields[field.key] = _computed(field)
            self._put(field.key, shown)
            return [self._wrap(field, Shown(field.key))]
        self._leaves(field, 0, lock)
        return [self._wrap(field, Shown(field.key))]

    def _wrap(self, field: Field, inner: Any) -> Any:
        condition = field.show_if
        if condition is None or "." in condition.field:
            return inner
        holds = kept.holds(condition, section=self.section.key, answers=self.answers)
        return Conditional(inner, when=condition.field, equals=condition.equals, shown=holds)

    def _leaves(self, field: Field, rows: int, lock: bool) -> None:
        raw = kept.raw_of(self.kept)
        for leaf in kept.leaves(field, rows=rows):
            required = leaf.asked.required and (leaf.table is None or field.required)
            made = form_field(leaf.asked, label=leaf.label, required=required, lock=lock)
            self.fields[leaf.name] = made
            if leaf.name in self.notes:
                made.help_text = format_html(
                    "{} <strong>{}</strong>", made.help_text, self.notes[leaf.name]
                )
            value = raw.get(leaf.name) or typed(leaf.asked, kept.value_of(leaf, self.kept))
            self._put(leaf.name, value)
            made.initial = value  # what Django shows of a disabled field

    def _put(self, name: str, value: Any) -> None:
        self.inputs.setlist(name, value if isinstance(value, list) else [value])

    def _clean_fields(self) -> None:
        """Nothing is cleaned here: the answers were read and checked before."""
        self.cleaned_data = {}

    def _clean_form(self) -> None:
        for problem in self.problems:
            if problem.name in self.fields:
                self.add_error(problem.name, problem.message)
            else:
                self.add_error(None, str(problem))


def typed(asked: Asked, value: Any) -> Any:
    """A kept value as it stands in its input."""
    if kept.is_empty(value):
        return [] if asked.type == FieldType.MULTICHOICE else ""
    if asked.type in (FieldType.INTEGER, FieldType.MONEY):
        return values.grouped(value) or str(value)
    if asked.type == FieldType.BOOLEAN:
        return "true" if value is True else "false"
    if asked.type == FieldType.MULTICHOICE:
        return [str(key) for key in value] if isinstance(value, list) else []
    return str(value)


def form_field(asked: Asked, *, label: str, required: bool, lock: bool) -> forms.Field:
    """The Django field of one question. It validates nothing (see ``SectionForm``)."""
    attrs: dict[str, Any] = {}
    if asked.unit:
        attrs["data-unit"] = asked.unit
    if asked.max_chars:
        attrs["data-max-chars"] = str(asked.max_chars)
    if asked.type in INPUT_MODES:
        attrs["inputmode"] = INPUT_MODES[asked.type]
    if asked.type in SHORT:
        attrs["placeholder"] = SHORT[asked.type]
    if asked.type in (FieldType.EMAIL, FieldType.PHONE):
        attrs["inputmode"] = "email" if asked.type == FieldType.EMAIL else "tel"
    common: dict[str, Any] = {
        "label": label,
        "required": required,
        "help_text": _help(asked),
    }
    choices = [(choice.key, choice.title) for choice in asked.choices]
    if asked.type == FieldType.CHOICE:
        widget: forms.Widget = forms.Select(attrs=_lock(attrs, lock, "disabled"))
        made: forms.Field = forms.ChoiceField(
            choices=[("", "请选择"), *choices], widget=widget, **common
        )
    elif asked.type == FieldType.MULTICHOICE:
        checks = forms.CheckboxSelectMultiple(attrs=_lock(attrs, lock, "disabled"))
        made = forms.MultipleChoiceField(choices=choices, widget=checks, **common)
    elif asked.type == FieldType.BOOLEAN:
        radios = forms.RadioSelect(attrs=_lock(attrs, lock, "disabled"))
        made = forms.ChoiceField(choices=[("true", "是"), ("false", "否")], widget=radios, **common)
    elif asked.type == FieldType.LONGTEXT:
        area = forms.Textarea(attrs={"rows": 6, **_lock(attrs, lock, "readonly")})
        made = forms.CharField(widget=area, strip=False, **common)
    elif asked.type in PICKED:
        picker = PickerInput(PICKED[asked.type], attrs=_lock(attrs, lock, "readonly"))
        made = forms.CharField(widget=picker, strip=False, **common)
    else:
        line = forms.TextInput(attrs=_lock(attrs, lock, "readonly"))
        made = forms.CharField(widget=line, strip=False, **common)
    made.disabled = lock and asked.type in (
        FieldType.CHOICE,
        FieldType.MULTICHOICE,
        FieldType.BOOLEAN,
    )
    return made


def _lock(attrs: dict[str, Any], lock: bool, word: str) -> dict[str, Any]:
    return {**attrs, word: True} if lock else attrs


def _help(asked: Asked) -> str:
    parts = [asked.help] if asked.help else []
    if asked.type == FieldType.REGION and not asked.help:
        parts.append("可输入名称、拼音首字母或 6 位代码，从列表中选择")
    if asked.type == FieldType.INDUSTRY and not asked.help:
        parts.append("GB/T 4754 行业，可输入名称或代码，从列表中选择")
    if asked.type in (FieldType.LONGTEXT, FieldType.TEXT) and asked.min_chars:
        parts.append(f"不少于 {asked.min_chars} 字")
    return "；".join(parts)


def live(asked: Asked, prefix: str = "") -> dict[str, str]:
    """What the page's script needs to compute at once what the server will: see ``compute``."""
    formula = asked.formula
    if formula is None:
        return {}
    return {
        "formula": "sum" if formula.sum else "percent" if formula.percent else "ratio",
        "parts": " ".join(f"{prefix}{part}" for part in formula.parts),
        "decimals": str(2 if asked.decimals is None else asked.decimals),
    }


def _computed(field: Field) -> forms.Field:
    attrs = {"readonly": True, "data-computed": field.key, "inputmode": "decimal"}
    if field.unit:
        attrs["data-unit"] = field.unit
    attrs |= {f"data-{key}": value for key, value in live(field).items()}
    help_text = field.help or "自动计算"
    return forms.CharField(
        label=field.label, required=False, help_text=help_text, widget=forms.TextInput(attrs=attrs)
    )


# Layout objects --------------------------------------------------------------------------------


class _Part:
    """What crispy asks of a piece of layout."""

    template = ""

    def context(self, form: SectionForm) -> dict[str, Any]:
        raise NotImplementedError  # pragma: no cover - each part has its own

    def render(
        self, form: SectionForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> str:
        own = self.context(form)
        return render_to_string(self.template, {**context.flatten(), **own, "form": form})


class Conditional(_Part):
    """A field that is asked only when another one has a value; the page's script follows it."""

    template = "applications/_conditional.html"

    def __init__(self, inner: Any, *, when: str, equals: str, shown: bool) -> None:
        self.inner, self.when, self.equals, self.shown = inner, when, equals, shown

    def render(
        self, form: SectionForm, context: Any, template_pack: str = TEMPLATE_PACK, **kwargs: Any
    ) -> str:
        return render_to_string(
            self.template,
            {
                "inner": self.inner.render(form, context, template_pack, **kwargs),
                "when": self.when,
                "equals": self.equals,
                "shown": self.shown,
            },
        )


class Rows(_Part):
    """A table to which rows can be added."""

    template = "applications/_rows.html"

    def __init__(self, field: Field, *, rows: int, lock: bool) -> None:
        self.field, self.rows, self.lock = field, rows, lock

    def context(self, form: SectionForm) -> dict[str, Any]:
        field = self.field
        filled = kept.rows_of(field, form.kept)
        lines = []
        for number in range(self.rows):
            cells = [
                {
                    "column": column,
                    "bound": None
                    if column.type == FieldType.COMPUTED
                    else form[f"{field.key}-{number}-{column.key}"],
                    "live": live(column, f"{field.key}-{number}-"),
                    "words": wording.in_words(column, filled[number].get(column.key))
                    if number < len(filled)
                    else "",
                }
                for column in field.columns
            ]
            lines.append({"number": number, "name": f"{field.key}-{number}", "cells": cells})
        room = field.max_rows is None or self.rows < field.max_rows
        return {
            "field": field,
            "lines": lines,
            "note": form.notes.get(field.key, ""),
            "lock": self.lock,
            "can_add": not self.lock and room,
            "totals": _totals(form, field),
        }


def _totals(form: SectionForm, field: Field) -> list[dict[str, Any]]:
    """The foot of a table: per column its sum where the programme asks for one; empty = no foot."""
    if not any(column.total for column in field.columns):
        return []
    found = []
    for column in field.columns:
        shown, places = "", column.decimals
        if column.total:
            places = values.PLACES[column.type] if places is None else places
            sum_of = kept.total_of(form.section, form.kept, f"{field.key}.{column.key}")
            shown = "" if sum_of is None else values.grouped(values.rounded(sum_of, places))
        found.append(
            {
                "column": column,
                "words": shown,
                "parts": f"{field.key}.{column.key}",
                "decimals": places,
            }
        )
    return found


class Years(_Part):
    """A table of figures by year: one line per figure, one column per year."""

    template = "applications/_years.html"

    def __init__(self, field: Field, *, lock: bool) -> None:
        self.field, self.lock = field, lock

    def context(self, form: SectionForm) -> dict[str, Any]:
        field = self.field
        lines = []
        for column in field.columns:
            cells = []
            for year in field.years:
                row = kept.year_row(field, form.kept, year)
                computed = column.type == FieldType.COMPUTED
                name = f"{field.key}-{year}-{column.key}"
                cells.append(
                    {
                        "year": year,
                        "name": name,
                        "bound": None if computed else form[name],
                        "live": live(column, f"{field.key}-{year}-"),
                        "words": wording.in_words(column, row.get(column.key)),
                    }
                )
            lines.append({"column": column, "cells": cells})
        note = form.notes.get(field.key, "")
        return {"field": field, "lines": lines, "note": note, "lock": self.lock}
