"""What people fill in here. Rules stand in the services; forms only read."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from applications.return_form import PlacesForm
from calls.models import LevelDate
from calls.programme import closing
from core import dayfields

CHINA = ZoneInfo("Asia/Shanghai")


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="理由",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": 300}),
        error_messages={"required": "请写明理由"},
    )


class NoteForm(forms.Form):
    note = forms.CharField(label="备注", max_length=60, required=False)


class RankForm(forms.Form):
    """The line that stands at ``line`` goes to ``number``."""

    line = forms.IntegerField(
        label="把第", min_value=1, error_messages={"required": "请填写序号", "invalid": "请填整数"}
    )
    number = forms.IntegerField(
        label="移到第",
        min_value=1,
        error_messages={"required": "请填写序号", "invalid": "请填整数"},
    )


class VisitForm(forms.Form):
    day = dayfields.DateField(label="核查日期", widget=forms.DateInput(attrs={"type": "date"}))
    people = forms.CharField(label="核查人员", max_length=100)
    finding = forms.CharField(label="核查情况", widget=forms.Textarea(attrs={"rows": 4}))
    passed = forms.TypedChoiceField(
        label="核查结论",
        choices=[("1", "通过"), ("0", "不通过")],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )


class PaperSelectionForm(forms.Form):
    """A selection held outside the system; its figures stand in inputs of their own."""

    held_on = dayfields.DateField(
        label="评审日期",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择评审日期", "invalid": "请按年-月-日填写"},
    )
    participants = forms.CharField(
        label="参加人员",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": 300}),
        error_messages={"required": "请填写参加人员"},
    )
    note = forms.CharField(label="说明", required=False, max_length=500)
    minutes = forms.FileField(
        label="评审会纪要",
        help_text="盖章或签字的扫描件，PDF、JPG 或 PNG，20 MB 以内；原样保存",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"required": "请选择评审会纪要", "empty": "文件是空的"},
    )
    sheet = forms.FileField(
        label="结果表（xlsx）",
        required=False,
        help_text="按模板填好的得分和名次；不上传的，以下方逐项填写的为准",
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
    )


class ForwardForm(forms.Form):
    rank = forms.IntegerField(label="本级排序", required=False, min_value=1)
    note = forms.CharField(label="说明", required=False, max_length=200)


class ReturnForm(PlacesForm):
    """Which fields an applicant shall correct, with a word on each, and until when."""

    note = forms.CharField(
        label="总体意见",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": 500}),
        error_messages={"required": "请写明退回意见"},
    )
    until = dayfields.DateField(
        label="修改截止日（含当日）",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择修改截止日", "invalid": "请按年-月-日填写"},
    )

    def last_moment(self) -> datetime:
        return closing(self.cleaned_data["until"])


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ScanField(forms.FileField):
    """One or several files: a PDF, or the pages as pictures."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(ScanField, self).clean(one, initial) for one in files] or [
            super().clean(None, initial)
        ]


class ScanForm(forms.Form):
    pages = ScanField(
        label="盖章扫描件",
        widget=ManyFiles(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={
            "required": "请选择盖章后的汇总表扫描件",
            "empty": "文件是空的，请重新扫描后上传",
        },
    )


class LimitForm(forms.Form):
    limit = forms.IntegerField(
        label="新名额",
        required=False,
        min_value=0,
        max_value=999,
        help_text="留空为不限",
        error_messages={"invalid": "请填整数", "max_value": "名额不超过 999"},
    )
    reason = forms.CharField(
        label="调整依据", max_length=300, error_messages={"required": "请写明调整依据"}
    )


class DecisionForm(forms.Form):
    note = forms.CharField(
        label="意见", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )


class LevelDateForm(forms.Form):
    key = forms.ChoiceField(label="事项", choices=LevelDate.Key.choices)
    until = dayfields.DateField(
        label="截止日（含当日）",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": "请选择截止日", "invalid": "请按年-月-日填写"},
    )
    copies = forms.IntegerField(
        label="纸质份数", required=False, min_value=0, max_value=50, initial=0
    )
    note = forms.CharField(label="说明", required=False, max_length=200)


class SealForm(forms.Form):
    """A unit's seal: picture, and the certificate it signs with.

    ``external``: an outside service holds the keys, so a number is asked for instead of a file.
    The passphrase is never put back into the page.
    """

    picture = forms.FileField(
        label="印模图片",
        help_text="PNG，透明底，边长不小于 600 像素",
        widget=forms.ClearableFileInput(attrs={"accept": ".png"}),
        error_messages={"required": "请选择印模图片", "empty": "文件是空的"},
    )
    diameter_mm = forms.DecimalField(
        label="直径",
        min_value=30,
        max_value=50,
        widget=forms.NumberInput(attrs={"data-unit": "毫米"}),
    )
    valid_from = dayfields.DateField(label="启用日", widget=forms.DateInput(attrs={"type": "date"}))
    key_file = forms.FileField(
        label="证书文件",
        help_text="PKCS#12（.p12、.pfx），含私钥；私钥加密保存，不能再导出",
        widget=forms.ClearableFileInput(attrs={"accept": ".p12,.pfx"}),
        error_messages={"required": "请选择证书文件", "empty": "文件是空的"},
    )
    passphrase = forms.CharField(
        label="证书口令",
        help_text="只用于打开证书文件，不保存",
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "请填写证书口令"},
    )
    reference = forms.CharField(
        label="密钥编号",
        help_text="外部签章服务给本单位的编号",
        max_length=100,
        error_messages={"required": "请填写密钥编号"},
    )

    def __init__(self, *args: Any, external: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("key_file", "passphrase") if external else ("reference",):
            del self.fields[name]
