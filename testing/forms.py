"""What people type on the pages of testing, folded and checked."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms

from accounts.codes import folded as fold_code
from calls.programme import closing
from core import dayfields
from testing import agencyfile, board
from testing.agencyfile import Entry
from testing.models import Agency, AwardScore, Dispute
from testing.states import AgencyState

REQUIRED = {"required": "请填写"}
CHOOSE = {"required": "请选择", "invalid_choice": "请从列表中选择"}
DAY = {"required": "请填写日期", "invalid": "请填写日期，如 2023-06-30"}


def day_field(label: str, help_text: str = "", *, required: bool = True) -> dayfields.DateField:
    return dayfields.DateField(
        label=label,
        required=required,
        error_messages=DAY,
        help_text=help_text,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )


def text_field(
    label: str, most: int, *, required: bool = True, rows: int = 0, help_text: str = ""
) -> forms.CharField:
    attrs = {"data-max-chars": str(most)} if rows else {}
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        error_messages=REQUIRED,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows, **attrs}) if rows else forms.TextInput(),
    )


class AgencyForm(forms.Form):
    """An agency; on change its name and code stay as they are registered."""

    name = text_field("机构名称", 100)
    code = text_field(
        "统一社会信用代码", 20, required=False, help_text="有代码的请填写，核对利益关系用"
    )
    accreditation = text_field(
        "资质证书编号", 120, required=False, help_text="如 CMA、CNAS 编号；核实前显示“未核实”"
    )
    accredited_by = text_field("发证机构", 100, required=False)
    valid_until = day_field("资质有效期至", required=False)
    fields_text = text_field("测评方向", 300, required=False, help_text="多个方向用分号隔开")
    contact = text_field("联系人", 50, required=False)
    phone = text_field("联系电话", 20, required=False)
    email = forms.EmailField(
        label="联系人邮箱",
        required=False,
        error_messages={"invalid": "不是有效的邮箱地址"},
        help_text="填写后向其发出激活链接，不发放密码",
    )

    def __init__(self, *args: Any, agency: Agency | None = None, **more: Any) -> None:
        if agency is not None:
            more["initial"] = {
                "accreditation": agency.accreditation,
                "accredited_by": agency.accredited_by,
                "valid_until": agency.valid_until,
                "fields_text": "；".join(agency.fields),
                "contact": agency.contact,
                "phone": agency.phone,
            }
        super().__init__(*args, **more)
        self.agency = agency
        if agency is not None:
            for name in ("name", "code", "email"):
                del self.fields[name]

    def clean_code(self) -> str:
        code = fold_code(self.cleaned_data["code"] or "")
        if code:
            from stdnum.cn import uscc

            if not uscc.is_valid(code):
                raise forms.ValidationError("应为 18 位且校验正确，请核对")
        return code

    def entry(self) -> Entry:
        data = self.cleaned_data
        return Entry(
            name=data.get("name") or (self.agency.name if self.agency else ""),
            code=data.get("code") or "",
            accreditation=data["accreditation"],
            accredited_by=data["accredited_by"],
            valid_until=data["valid_until"],
            fields=agencyfile.terms(data["fields_text"]),
            contact=data["contact"],
            phone=data["phone"],
            email=data.get("email") or "",
        )


class SheetForm(forms.Form):
    sheet = forms.FileField(
        label="名单文件",
        error_messages={"required": "请选择文件", "empty": "文件是空的"},
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class AgencyFilter(forms.Form):
    q = forms.CharField(label="名称或方向", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *AgencyState.choices]
    )
    verified = forms.ChoiceField(
        label="资质", required=False, choices=[("", "全部"), ("yes", "已核实"), ("no", "未核实")]
    )


class BoardFilter(forms.Form):
    direction = forms.ChoiceField(label="方向", required=False)
    state = forms.ChoiceField(label="状态", required=False)
    agency = forms.ChoiceField(label="测评机构", required=False)
    overdue = forms.ChoiceField(
        label="期限", required=False, choices=[("", "全部"), ("1", "只看逾期")]
    )
    q = forms.CharField(label="项目、单位、编号", required=False, max_length=60)

    def __init__(
        self, data: Any, *, directions: list[tuple[str, str]], agencies: list[tuple[str, str]]
    ) -> None:
        super().__init__(data)
        words = [(key, word) for key, (_, word) in board.STATES.items()]
        for name, choices in (
            ("direction", directions),
            ("state", words),
            ("agency", agencies),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "全部"), *choices]


class CommissionForm(forms.Form):
    """Which agency tests until which day."""

    agency = forms.ModelChoiceField(
        Agency.objects.none(), label="测评机构", error_messages=CHOOSE, empty_label="请选择"
    )
    due_on = day_field("完成期限", "到当日 23:59:59 为止")
    note = text_field("委托说明", 500, required=False, rows=2)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Agency.objects.filter(state=AgencyState.ACTIVE).select_related(
            "organisation"
        )

    def due(self) -> datetime:
        on: date = self.cleaned_data["due_on"]
        return closing(on)


class ReplaceForm(CommissionForm):
    reason = text_field("撤换理由", 500, rows=2)
    field_order = ("agency", "due_on", "reason")

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        del self.fields["note"]


class RulingForm(forms.Form):
    ruling = forms.ChoiceField(
        label="处理",
        choices=Dispute.Ruling.choices,
        error_messages=CHOOSE,
        widget=forms.RadioSelect(),
    )
    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="复测机构",
        required=False,
        empty_label="复测时选择",
        error_messages=CHOOSE,
    )
    due_on = day_field("复测期限", "维持原结果的不填", required=False)
    finding = text_field("处理意见", 1000, rows=3)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Agency.objects.filter(state=AgencyState.ACTIVE).select_related(
            "organisation"
        )

    def due(self) -> datetime | None:
        on: date | None = self.cleaned_data["due_on"]
        return closing(on) if on else None


class TieForm(forms.Form):
    name = text_field("单位名称", 100)
    code = text_field("统一社会信用代码", 20, required=False)
    reason = text_field("利益关系", 300, rows=2, help_text="如参股、合作研发、近三年雇佣关系")

    def clean_code(self) -> str:
        return fold_code(self.cleaned_data["code"] or "")


class SampleForm(forms.Form):
    sample_name = text_field("样品名称", 100)
    sample_model = text_field("型号规格", 100, required=False)
    sample_version = text_field("版本", 100)
    sample_note = text_field("说明", 500, required=False, rows=2)


class ReceiveForm(forms.Form):
    received_on = day_field("接收日期")
    received_note = text_field("接收记录", 500, required=False, help_text="外观、数量、封签等")


class DisputeForm(forms.Form):
    keys = forms.MultipleChoiceField(
        label="有异议的指标",
        error_messages={"required": "请至少选择一项", "invalid_choice": "请从列表中选择"},
        widget=forms.CheckboxSelectMultiple(),
    )
    reason = text_field("异议理由", 1000, rows=4, help_text="不少于 10 字")
    evidence = forms.FileField(
        label="证据（选填）",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )

    def __init__(self, *args: Any, indicators: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        field = self.fields["keys"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = indicators


class ScoreForm(forms.Form):
    score = forms.DecimalField(
        label="得分",
        max_digits=5,
        decimal_places=2,
        min_value=Decimal(0),
        error_messages={"required": "请填写", "invalid": "请填写数字", "min_value": "不小于 0"},
    )
    source = forms.ChoiceField(
        label="评定方式", choices=AwardScore.Source.choices, error_messages=CHOOSE
    )
    reason = text_field("理由", 500)
