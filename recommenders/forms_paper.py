"""What is filled in about paper: the letter, labels, what arrived. Rules stand in the services."""

from typing import Any, ClassVar

from django import forms

from recommenders import labels

WHOLE = {"invalid": "请填整数", "min_value": "请填 1 以上的整数"}


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
        data = super().clean() or {}
        if data.get("contact_phone") and not data.get("contact_name"):
            self.add_error("contact_name", "填写了电话的，请同时填写联系人")
        if data.get("contact_name") and not data.get("contact_phone"):
            self.add_error("contact_phone", "填写了联系人的，请同时填写电话")
        return data


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
