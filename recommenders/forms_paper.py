"""What is filled in about paper: the letter, labels, what arrived. Rules stand in the services."""

from typing import Any, ClassVar

from django import forms

from core import dayfields
from recommenders import labels

WHOLE = {"invalid": "请填整数", "min_value": "请填 1 以上的整数"}


def whole_contact(form: forms.Form, data: dict[str, Any]) -> dict[str, Any]:
    """A contact has a name and a telephone, or there is none."""
    if data.get("contact_phone") and not data.get("contact_name"):
        form.add_error("contact_name", "填写了电话的，请同时填写联系人")
    if data.get("contact_name") and not data.get("contact_phone"):
        form.add_error("contact_phone", "填写了联系人的，请同时填写电话")
    return data


class CoverLetterForm(forms.Form):
    number = forms.CharField(
        label="发文字号",
        max_length=40,
        required=False,
        help_text="本单位的发文字号，如 示工信函〔2021〕45号；没有定稿的可以留空，打印后填写",
    )
    to = forms.CharField(
        label="主送机关", max_length=60, required=False, help_text="留空为通知的主办单位"
    )
    contact_name = forms.CharField(label="联系人", max_length=20, required=False)
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def clean(self) -> dict[str, Any]:
        return whole_contact(self, super().clean() or {})


class ReportForm(forms.Form):
    """What a level sets on its 上报函; to whom it goes follows from the filings."""

    reference = forms.CharField(
        label="发文字号",
        max_length=40,
        required=False,
        help_text="本单位的发文字号；没有定稿的可以留空，打印后填写",
    )
    contact_name = forms.CharField(label="联系人", max_length=20, required=False)
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel"}),
    )

    def clean(self) -> dict[str, Any]:
        return whole_contact(self, super().clean() or {})


class LabelForm(forms.Form):
    INITIAL: ClassVar[dict[str, Any]] = {
        "what": "parcels",
        "count": 1,
        "layout": "2x4",
        "start": 1,
    }

    what = forms.ChoiceField(
        label="标签",
        choices=[("parcels", "邮寄包裹，每件一枚"), ("copies", "申报书，每份一枚")],
        widget=forms.RadioSelect,
    )
    count = forms.IntegerField(
        label="件数或每项份数",
        min_value=1,
        max_value=50,
        error_messages={**WHOLE, "max_value": "一次不超过 50"},
    )
    layout = forms.ChoiceField(
        label="标签纸", choices=[(one.key, one.title) for one in labels.LAYOUTS.values()]
    )
    start = forms.IntegerField(
        label="从第几枚开始",
        min_value=1,
        max_value=21,
        help_text="用剩的标签纸可以从中间开始",
        error_messages={**WHOLE, "max_value": "不超过每页的枚数"},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        layout = labels.LAYOUTS.get(data.get("layout") or "")
        if layout and (data.get("start") or 1) > layout.on_sheet:
            self.add_error("start", f"这种标签纸每页只有 {layout.on_sheet} 枚")
        return data


class ArrivalForm(forms.Form):
    """When and how something came; shared by all ways of registering it."""

    received_on = dayfields.DateField(
        label="收到日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择收到日期", "invalid": "请按年-月-日填写"},
    )
    courier = forms.CharField(
        label="快递单号", max_length=40, required=False, help_text="当面递交的留空"
    )
    remark = forms.CharField(label="备注", max_length=200, required=False)
    token = forms.CharField(max_length=24, min_length=8, widget=forms.HiddenInput())


def copies_field(**more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label="份数",
        max_value=200,
        error_messages={**WHOLE, "required": "请填写份数", "max_value": "份数过大，请核对"},
        **{"min_value": 1, "initial": 1, **more},
    )


class ScanTextForm(ArrivalForm):
    """A hand scanner types the code and presses Enter; a photo serves where there is none."""

    text = forms.CharField(
        label="扫描或输入核验码",
        max_length=300,
        required=False,
        widget=forms.TextInput(
            attrs={
                "autofocus": True,
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
            }
        ),
    )
    photo = forms.FileField(
        label="或上传封面照片",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".jpg,.jpeg,.png,.pdf"}),
        error_messages={"empty": "文件是空的，请重新拍照"},
    )
    copies = copies_field()

    field_order = ("text", "copies", "received_on", "courier", "remark", "photo", "token")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("text") and not data.get("photo"):
            self.add_error("text", "请扫描二维码、输入核验码，或上传封面照片")
        return data


class ByHandForm(ArrivalForm):
    """Copies of one expected paper, its fingerprint compared by a person."""

    item = forms.ChoiceField(label="材料", error_messages={"required": "请选择材料"})
    copies = copies_field()

    field_order = ("item", "copies", "received_on", "courier", "remark", "token")

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["item"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def key(self) -> tuple[str, int]:
        kind, _, about = self.cleaned_data["item"].partition("-")
        return kind, int(about)


class CorrectionForm(forms.Form):
    """``copies`` 0: entered by mistake."""

    copies = copies_field(min_value=0, help_text="误登的填 0", initial=None)
    received_on = dayfields.DateField(
        label="收到日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请选择收到日期", "invalid": "请按年-月-日填写"},
    )
    courier = forms.CharField(label="快递单号", max_length=40, required=False)
    remark = forms.CharField(label="备注", max_length=200, required=False)
    reason = forms.CharField(
        label="更正原因", max_length=200, error_messages={"required": "请写明更正原因"}
    )


class ResultTextForm(forms.Form):
    text = forms.CharField(
        label="通知正文",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 10, "data-max-chars": 600}),
        help_text="空行分段；只写本项目的情况，不写名次、评分和其他申报",
        error_messages={"required": "请填写通知正文"},
    )
