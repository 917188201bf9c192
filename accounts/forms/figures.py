"""The table of figures by year in a unit's profile."""

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts import figures
from accounts.figures import Years
from accounts.forms.fields import AmountField

WRONG = {
    "invalid": "只能填数字",
    "min_value": "不能小于 0",
    "max_decimal_places": "最多 %(max)s 位小数",
    "max_digits": "数字太大，请核对单位",
    "max_whole_digits": "数字太大，请核对单位",
}


def _grouped(text: str) -> str:
    """A kept figure with thousands separators; anything else as it is."""
    whole, point, fraction = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{fraction}" if digits.isdecimal() else text


class FiguresForm(forms.Form):
    """One input per figure and year, named ``2020-revenue``. Nothing is required."""

    def __init__(self, *args: Any, kept: Years, years: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.years, self.kept = years, kept
        for year in years:
            for one in figures.FIGURES:
                self.fields[f"{year}-{one.key}"] = AmountField(
                    label=f"{year} 年{one.label}",
                    required=False,
                    min_value=None if one.negative else 0,
                    max_digits=16,
                    decimal_places=0 if one.whole else 2,
                    error_messages=WRONG,
                    initial=_grouped(kept.get(str(year), {}).get(one.key, "")),
                    widget=forms.TextInput(
                        attrs={"inputmode": "numeric" if one.whole else "decimal"}
                    ),
                )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for year in self.years:
            for less, more, words in figures.NOT_GREATER:
                left, right = data.get(f"{year}-{less}"), data.get(f"{year}-{more}")
                if left is not None and right is not None and left > right:
                    self.add_error(f"{year}-{less}", words)
        return data

    def changed(self) -> dict[str, dict[str, str]]:
        """The cells that differ from what is kept; an emptied one is an empty text."""
        found: dict[str, dict[str, str]] = {}
        for year in self.years:
            for one in figures.FIGURES:
                value = self.cleaned_data.get(f"{year}-{one.key}")
                text = "" if value is None else f"{value:.0f}" if one.whole else f"{value:.2f}"
                if text != self.kept.get(str(year), {}).get(one.key, ""):
                    found.setdefault(str(year), {})[one.key] = text
        return found

    def rows(self) -> list[dict[str, Any]]:
        """The table as the page draws it: a line per figure, a cell per year."""
        return [
            {"figure": one, "cells": [(year, self[f"{year}-{one.key}"]) for year in self.years]}
            for one in figures.FIGURES
        ]
