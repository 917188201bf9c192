"""Forms of the levels and the office."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts import regions
from calls.programme import closing
from surveys import reading


class NewSurveyForm(forms.Form):
    """A survey from a file of the catalogue, for named regions, until a day."""

    file = forms.ChoiceField(label="调查表")
    code = forms.SlugField(label="代号", max_length=60, help_text="小写字母、数字和“-”，用于网址")
    regions = forms.CharField(
        label="调查地区",
        help_text="6 位行政区划代码，可写多个，用空格或逗号分开，如 430100",
    )
    answer_until = forms.DateField(
        label="填报截止日",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="当日 23:59:59 截止",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].choices = [  # type: ignore[attr-defined]
            (code, reading.read(path).title) for code, path in reading.catalogue().items()
        ]

    def clean_regions(self) -> list[str]:
        found = [one for one in re.split(r"[\s,，、;；]+", self.cleaned_data["regions"]) if one]
        unknown = [one for one in found if not regions.exists(one)]
        if unknown:
            raise ValidationError(f"没有行政区划代码“{unknown[0][:12]}”，请核对。")
        return list(dict.fromkeys(found))


class ReturnForm(forms.Form):
    note = forms.CharField(
        label="退回意见",
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": "500"}),
        max_length=500,
    )
    day = forms.DateField(
        label="重新填报截止日",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="当日 23:59:59 截止",
    )

    def until(self) -> datetime:
        return closing(self.cleaned_data["day"])


class AddressForm(forms.Form):
    email = forms.EmailField(label="联系邮箱", help_text="链接发往这个邮箱，原来的链接随即失效")
