"""What is typed about a unit's papers and changes."""

from typing import Any

from django import forms

from accounts import codes
from accounts.forms.fields import REQUIRED, TOO_LONG, PlainEmailField, RegionField
from accounts.models import APPLICANT_KINDS, Organisation
from core import dayfields
from units.models import Verification

DAY = {"required": "请填写", "invalid": "日期格式不对，应类似 2021-06-30"}
STATES = (("", "全部"), ("none", "未上传"), *Verification.State.choices)


class ProofForm(forms.Form):
    file = forms.FileField(
        label="营业执照或法人证书（扫描件）",
        help_text="PDF、JPG 或 PNG，不超过 10 MB、10 页；须是原件或加盖公章的复印件，字迹清楚",
        error_messages={
            "required": "请选择要上传的文件",
            "empty": "文件是空的，请选择有内容的文件",
            "invalid": "没有收到文件，请重新选择",
        },
        widget=forms.FileInput(attrs={"accept": ".pdf,.jpg,.jpeg,.png"}),
    )


class SendBackForm(forms.Form):
    proof = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="退回原因",
        max_length=200,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="单位据此改正，如“名称与证照不一致”",
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": "200"}),
    )


class AdministratorForm(forms.Form):
    name = forms.CharField(label="姓名", max_length=50, error_messages={**REQUIRED, **TOO_LONG})
    email = PlainEmailField(
        label="邮箱", autocomplete="off", help_text="激活链接发到这里，密码由本人设置"
    )
    reason = forms.CharField(
        label="依据",
        max_length=200,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="如单位盖章的申请；单位里的人会收到通知",
    )


class UnitFilterForm(forms.Form):
    q = forms.CharField(label="名称或代码", required=False, max_length=100)
    state = forms.ChoiceField(label="证照", required=False, choices=STATES)


class RenameForm(forms.Form):
    name = forms.CharField(label="新名称", max_length=100, error_messages={**REQUIRED, **TOO_LONG})
    code = forms.CharField(
        label="新统一社会信用代码",
        required=False,
        max_length=60,
        help_text="没有变更的不填",
        error_messages=TOO_LONG,
        widget=forms.TextInput(
            attrs={"class": "jb-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    day = dayfields.DateField(
        label="启用日",
        error_messages=DAY,
        help_text="新证照的核准日期",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    reason = forms.CharField(
        label="依据",
        max_length=300,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="如变更登记通知书的文号",
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": "300"}),
    )

    def clean_name(self) -> str:
        return "".join(self.cleaned_data["name"].split())

    def clean_code(self) -> str:
        code = codes.folded(self.cleaned_data["code"])
        if code and (problem := codes.problem(code)):
            raise forms.ValidationError(problem)
        return code


class RegionForm(forms.Form):
    region = RegionField(label="注册地", local=True, help_text="以证照上的住所为准，选到市或区县")
    reason = forms.CharField(
        label="依据",
        max_length=200,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="如证照上的住所、迁址登记的文号",
    )


class MergeForm(forms.Form):
    into = forms.CharField(
        label="并入的单位",
        max_length=100,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="统一社会信用代码，或单位全称",
    )
    reason = forms.CharField(
        label="依据",
        max_length=300,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="如合并公告或注销登记的文号",
        widget=forms.Textarea(attrs={"rows": 2, "data-max-chars": "300"}),
    )

    def clean_into(self) -> Any:
        typed = "".join(self.cleaned_data["into"].split())
        filing = Organisation.objects.filter(kind__in=APPLICANT_KINDS)
        found = list(filing.filter(code=codes.folded(typed))[:2] or filing.filter(name=typed)[:2])
        if not found:
            raise forms.ValidationError("没有这个单位。请核对代码或全称，或请它先注册")
        if len(found) > 1:
            raise forms.ValidationError("有几个同名单位，请改填统一社会信用代码")
        return found[0]
