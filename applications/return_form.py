"""Naming single fields to be corrected, each with its own comment; shared by all who return."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django import forms

from applications import places
from applications.content import values
from calls.models import Call
from core import dayfields

COMMENT_CHARS = 300


class PlacesForm(forms.Form):
    """The part of a return form that names places. ``call`` says which there are."""

    def __init__(
        self,
        *args: Any,
        call: Call,
        named: list[Mapping[str, str]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.places = places.places(call.programme)
        self.known = {
            (item.get("section", ""), item.get("field", "")): item.get("comment", "")
            for item in named or ()
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for place in self.places:
            if self._ticked(place) and not self._comment(place):
                self.add_error(None, f"请写明“{place.title}”的修改意见")
        return cleaned

    def named(self) -> list[dict[str, str]]:
        """The ticked places with their comments; a comment without its tick counts as one."""
        return [
            {"section": place.section, "field": place.field, "comment": self._comment(place)}
            for place in self.places
            if self._ticked(place) or self._comment(place)
        ]

    def groups(self) -> list[dict[str, Any]]:
        """The places section by section as the page draws them, ticks and comments kept."""
        rows = [
            {
                "name": place.name,
                "group": place.group,
                "label": place.label,
                "ticked": self._ticked(place),
                "comment": self._comment(place),
            }
            for place in self.places
        ]
        found = []
        for title, lines in groupby(rows, key=lambda row: row["group"]):
            those = list(lines)
            ticked = sum(1 for row in those if row["ticked"])
            found.append({"title": title, "rows": those, "ticked": ticked})
        return found

    def _ticked(self, place: places.Place) -> bool:
        if not self.is_bound:
            return (place.section, place.field) in self.known
        return bool(self.data.get(f"open-{place.name}"))

    def _comment(self, place: places.Place) -> str:
        if not self.is_bound:
            return self.known.get((place.section, place.field), "")
        return values.tidy(str(self.data.get(f"comment-{place.name}", "")))[:COMMENT_CHARS]


class ReturnForm(PlacesForm):
    """Which fields to correct, each with its comment, and until when."""

    note = forms.CharField(
        label="总的意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": "500"}),
        error_messages={"required": "请写明总的意见"},
    )
    until = dayfields.DateTimeField(
        label="修改截止",
        input_formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d"],
        help_text="写成 2021-11-20 18:00，按批次的时间；只写日期的，到当日 24 时止",
        error_messages={
            "required": "请填写修改截止时间",
            "invalid": "时间请写成“2021-11-20 18:00”",
        },
    )
