"""Forms of the desk and of the public pages. What a rule forbids the services say."""

import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from calls.models import Call
from core import dayfields
from core.lengths import characters
from outcomes.models import Objection, Publication
from outcomes.services.recording import TYPED


def amounts(posted: Any) -> dict[str, Decimal | None]:
    """The sums beside the rows: ``amount-<public id>``. What is no number is -1, and refused.

    Full-width digits, spaces and separators are forgiven.
    """
    found: dict[str, Decimal | None] = {}
    for name, typed in posted.items():
        if not name.startswith("amount-"):
            continue
        plain = unicodedata.normalize("NFKC", typed).replace(",", "").replace(" ", "")
        if not plain:
            continue
        try:
            value = Decimal(plain)
        except InvalidOperation:
            value = Decimal(-1)
        found[name.removeprefix("amount-")] = value if value.is_finite() else Decimal(-1)
    return found


def _text(label: str, chars: int, *, rows: int = 4, required: bool = True, help: str = "") -> Any:
    return forms.CharField(
        label=label,
        max_length=chars,
        required=required,
        help_text=help,
        widget=forms.Textarea(attrs={"rows": rows, "data-max-chars": str(chars)}),
        error_messages={
            "required": f"请填写{label}。",
            "max_length": f"{label}不能超过 {chars} 字。",
        },
    )


class PublicationForm(forms.Form):
    title = forms.CharField(
        label="标题", max_length=150, error_messages={"required": "请填写标题。"}
    )
    number = forms.CharField(label="文号", max_length=60, required=False, help_text="没有的可不填")
    basis = _text(
        "依据与说明",
        3000,
        rows=6,
        help="每段一行。公示时间与异议办法由系统补在其后。",
    )
    starts = dayfields.DateField(
        label="公示开始日",
        required=False,
        help_text="不填则以发布当日为开始日",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "请按 2022-08-05 的样式填写日期。"},
    )
    working_days = forms.IntegerField(
        label="公示工作日数",
        required=False,
        min_value=1,
        max_value=90,
        widget=forms.NumberInput(attrs={"data-unit": "个工作日"}),
        error_messages={
            "invalid": "请填写整数。",
            "min_value": "至少 1 个工作日。",
            "max_value": "最多 90 个工作日。",
        },
    )
    contacts = _text(
        "联系方式",
        500,
        rows=3,
        required=False,
        help="每行一项，如联系电话、通信地址、接收异议的时间。",
    )

    def __init__(self, *args: Any, call: Call, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if kind == Publication.Kind.ANNOUNCEMENT:
            del self.fields["starts"], self.fields["working_days"]
            return
        rule = call.programme.publicity
        days = self.fields["working_days"]
        if rule is None or rule.working_days is None:
            days.required = True
            days.error_messages["required"] = "依据文件未写明公示天数，请填写。"
            days.help_text = "依据文件未写明天数，由主管部门确定"
        else:
            word = "不少于" if rule.at_least else "为"
            days.initial = rule.working_days
            days.help_text = f"公示期{word} {rule.working_days} 个工作日（{rule.source}）"


class ReasonForm(forms.Form):
    reason = _text("原因", 300, rows=2)


class RecordForm(forms.Form):
    result = forms.ChoiceField(
        label="结论",
        choices=[(one.value, one.label) for one in TYPED],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结论。"},
    )
    note = _text(
        "说明",
        1000,
        rows=3,
        required=False,
        help="不通过的必须写明情况；不经系统内现场评估直接登记的，写明理由。",
    )


class HandleForm(forms.Form):
    finding = _text("核查情况", 2000, rows=5)


class CloseForm(forms.Form):
    upheld = forms.ChoiceField(
        label="结论",
        choices=[("no", "异议不成立"), ("yes", "异议成立")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结论。"},
    )
    answer = _text("答复", 1000, rows=4, help="提出人凭受理编号可以看到。请不要写入提出人的身份。")


class ObjectionForm(forms.Form):
    kind = forms.ChoiceField(
        label="提出人",
        choices=Objection.Kind.choices,
        widget=forms.RadioSelect,
        initial=Objection.Kind.PERSON,
        error_messages={"required": "请选择以个人还是单位名义提出。"},
    )
    name = forms.CharField(
        label="姓名或单位名称",
        max_length=100,
        help_text="个人须署真实姓名，单位填写全称",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "请填写真实姓名或单位全称，匿名的不予受理。"},
    )
    contact = forms.CharField(
        label="联系方式",
        max_length=100,
        help_text="电话或邮箱，只用于核查联系",
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
        error_messages={"required": "请填写联系方式，无法联系的不予受理。"},
    )
    row = forms.ChoiceField(label="涉及的项目", required=False)
    text = _text("异议内容", 2000, rows=8, help="写明事实和理由。")
    file = forms.FileField(
        label="书面材料",
        required=False,
        help_text="PDF、JPG 或 PNG，不超过 10 MB。以单位名义提出的须上传加盖公章的书面材料。",
        widget=forms.ClearableFileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
        error_messages={"empty": "文件是空的，请选择有内容的文件。"},
    )

    def __init__(self, *args: Any, publication: Publication, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["row"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "整份名单"),
            *(
                (str(n), f"{n}. {row['title']}（{row['organisation']}）")
                for n, row in enumerate(publication.public_rows, 1)
            ),
        ]
        field.error_messages["invalid_choice"] = "名单中没有这一项，请重新选择。"

    def clean_contact(self) -> str:
        contact = unicodedata.normalize("NFKC", self.cleaned_data["contact"]).strip()
        if len(contact) < 5:
            raise forms.ValidationError("请填写能够联系到您的电话或邮箱。")
        return contact

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"].strip()
        if characters(text) < 10:
            raise forms.ValidationError("请写明事实和理由（不少于 10 字）。")
        return text

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("kind") == Objection.Kind.UNIT and not found.get("file"):
            self.add_error("file", "以单位名义提出异议的，请上传加盖公章的书面材料。")
        return found
