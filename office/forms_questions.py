"""What the office writes about a question."""

from django import forms

from calls.models import Question
from core import dayfields


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label="答复",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "data-max-chars": "2000"}),
        error_messages={"required": "请填写答复"},
    )


class PublishForm(forms.Form):
    published_question = forms.CharField(
        label="公开的问题",
        max_length=500,
        help_text="请改写：不出现提问人、单位和具体项目的名称",
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": "500"}),
        error_messages={"required": "请填写公开的问题"},
    )
    published_answer = forms.CharField(
        label="公开的答复",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5, "data-max-chars": "2000"}),
        error_messages={"required": "请填写公开的答复"},
    )
    category = forms.ChoiceField(label="类别", choices=Question.Category.choices)
    release = dayfields.DateTimeField(
        label="定时公开",
        required=False,
        help_text="不填即立即公开；填写的，到时自动公开，在此之前只有主管部门可以看到",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": "请按 2022-08-05 09:00 的样式填写时间"},
    )
