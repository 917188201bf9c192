"""What the office types in to clone a call."""

import re

from django import forms

from calls import cloning
from calls.models import Call

YEAR = re.compile(r"(19|20)\d\d(?=年)")


class CloneForm(forms.Form):
    code = forms.SlugField(
        label="批次代号",
        max_length=60,
        help_text="小写字母、数字和连字符，出现在网址中，例如 2022-jiebang",
    )
    title = forms.CharField(label="批次名称", max_length=120)
    years = forms.IntegerField(
        label="日期顺延（年）", min_value=0, max_value=cloning.MOST_YEARS, initial=1
    )
    days = forms.IntegerField(
        label="再顺延（天）",
        min_value=-cloning.MOST_DAYS,
        max_value=cloning.MOST_DAYS,
        initial=0,
        help_text="可以为负数；7 的倍数不改变星期几",
    )
    rehearsal = forms.BooleanField(
        label="演练批次", required=False, help_text="可以拨动时钟，不对外显示为正式批次"
    )

    def __init__(self, *args, call: Call, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].initial = YEAR.sub(lambda y: str(int(y[0]) + 1), call.title)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Call.objects.filter(code=code).exists():
            raise forms.ValidationError(f"已有代号为“{code}”的批次，请换一个代号")
        return code

    @property
    def interval(self) -> cloning.Interval:
        """As typed; a year later while the form is untouched or wrong."""
        data = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        years, days = data.get("years"), data.get("days")
        return cloning.Interval(1 if years is None else years, days or 0)
