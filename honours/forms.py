"""Forms of the library, the register and the desk. What a rule forbids the services say."""

from collections.abc import Mapping
from typing import Any

from django import forms

from honours import shelf


class ShelfForm(forms.Form):
    """The filter of the public library."""

    q = forms.CharField(
        label="关键词（两个字以上）",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    programme = forms.ChoiceField(label="项目计划", required=False)
    year = forms.ChoiceField(label="年度", required=False)
    direction = forms.ChoiceField(label="方向", required=False)
    region = forms.ChoiceField(label="地区", required=False)
    tier = forms.ChoiceField(label="结果", required=False)
    state = forms.ChoiceField(label="进展", required=False)
    sort = forms.ChoiceField(
        label="排序",
        required=False,
        choices=[(key, words) for key, (words, _) in shelf.SORTS.items()],
    )

    def __init__(
        self, *args: Any, choices: Mapping[str, list[tuple[str, str]]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, found in choices.items():
            chosen = self.fields[name]
            assert isinstance(chosen, forms.ChoiceField)
            chosen.choices = [("", "全部"), *found]


class WinnerSheetForm(forms.Form):
    sheet = forms.FileField(
        label="优胜项目表（xlsx）",
        help_text="不超过 2 MB，最多 2000 行；先预览，确认后才导入",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": "请选择要导入的表格。", "empty": "文件是空的。"},
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": "300"}),
        error_messages={"required": "请填写理由。", "max_length": "理由不能超过 300 字。"},
    )


class CertificateChangeForm(ReasonForm):
    kind = forms.ChoiceField(
        label="事项",
        choices=[("revoke", "撤销"), ("reissue", "换发（按现在的单位名称重新生成）")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择撤销还是换发。"},
    )
    field_order = ("kind", "reason")


class ArchiveForm(ReasonForm):
    reason = forms.CharField(
        label="用途",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": "300"}),
        error_messages={"required": "请填写用途。", "max_length": "用途不能超过 300 字。"},
    )
    evidence = forms.BooleanField(label="含证明材料", required=False)
