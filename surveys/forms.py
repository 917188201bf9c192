"""Forms of the levels and the office."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts import regions
from accounts.models import Organisation
from calls.programme import CHINA, closing
from core import dayfields
from surveys import reading
from surveys.models import Survey
from surveys.spec import Level


class NewSurveyForm(forms.Form):
    """A survey from a file of the catalogue, for named regions, until a day."""

    file = forms.ChoiceField(label="调查表")
    code = forms.SlugField(label="代号", max_length=60, help_text="小写字母、数字和“-”，用于网址")
    regions = forms.CharField(
        label="调查地区",
        help_text="6 位行政区划代码，可写多个，用空格或逗号分开，如 430100",
    )
    answer_until = dayfields.DateField(
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


def _day(label: str, *, required: bool = False) -> dayfields.DateField:
    return dayfields.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="当日 23:59:59 截止",
    )


class DaysForm(forms.Form):
    """The last days of a survey: answering and each of its levels."""

    answer_until = _day("填报截止日", required=True)
    district_until = _day("区县核对截止日")
    city_until = _day("市级核对截止日")
    province_until = _day("省级核对截止日")

    def __init__(self, *args: Any, survey: Survey, **kwargs: Any) -> None:
        kwargs["initial"] = {name: last_day(getattr(survey, name)) for name in self.base_fields}
        super().__init__(*args, **kwargs)
        for level in Level:
            if level not in survey.spec.levels:
                del self.fields[f"{level}_until"]

    def days(self) -> dict[str, date | None]:
        return {name: self.cleaned_data.get(name) for name in self.base_fields}


def last_day(end: datetime | None) -> date | None:
    """The inclusive last day of an exclusive end."""
    return (end - timedelta(seconds=1)).astimezone(CHINA).date() if end else None


class AddForm(forms.Form):
    """Units to ask besides: chosen from those that fit, or by their code."""

    units = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        label="符合条件、还没有通知的单位",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    codes = forms.CharField(
        label="其他单位的统一社会信用代码",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="每行一个；单位须已在平台登记",
    )

    def __init__(self, *args: Any, fitting: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["units"].queryset = fitting  # type: ignore[attr-defined]

    def clean_codes(self) -> list[Organisation]:
        wanted = [one.upper() for one in self.cleaned_data["codes"].split()]
        held = {one.code: one for one in Organisation.objects.filter(code__in=wanted)}
        unknown = [one for one in wanted if one not in held]
        if unknown:
            raise ValidationError(f"没有代码为“{unknown[0][:20]}”的登记单位，请核对。")
        return list(held.values())

    def chosen(self) -> list[Organisation]:
        found = {one.pk: one for one in self.cleaned_data["units"]}
        return list((found | {one.pk: one for one in self.cleaned_data["codes"]}).values())


class ReturnForm(forms.Form):
    note = forms.CharField(
        label="退回意见",
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": "500"}),
        max_length=500,
    )
    day = dayfields.DateField(
        label="重新填报截止日",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text="当日 23:59:59 截止",
    )

    def until(self) -> datetime:
        return closing(self.cleaned_data["day"])


class AddressForm(forms.Form):
    email = forms.EmailField(label="联系邮箱", help_text="链接发往这个邮箱，原来的链接随即失效")
