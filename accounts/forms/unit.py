"""What is typed about a unit: registration, invitations, particulars."""

from typing import Any

from django import forms

from accounts import codes
from accounts.forms.fields import (
    CHOOSE,
    PHONE,
    REQUIRED,
    TOO_LONG,
    AmountField,
    IndustryField,
    PlainEmailField,
    RegionField,
)
from accounts.forms.person import PasswordPair
from accounts.models import Membership, Organisation
from accounts.people import roles_to_give
from accounts.roles import Role
from core import dayfields
from core.lengths import characters

K = Organisation.Kind
KINDS = (
    (K.ENTERPRISE, "企业"),
    (K.UNIVERSITY, "高等院校"),
    (K.INSTITUTE, "科研院所"),
    (K.OTHER, "其他法人"),
)


class RegistrationForm(PasswordPair):
    unit_name = forms.CharField(
        label="单位名称",
        max_length=60,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="与营业执照或法人证书一致",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    code = forms.CharField(
        label="统一社会信用代码",
        max_length=60,
        error_messages=REQUIRED,
        help_text="18 位。全角、小写和空格会自动整理",
        widget=forms.TextInput(
            attrs={"class": "jb-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(
        label="单位类型", choices=KINDS, error_messages=CHOOSE, widget=forms.RadioSelect
    )
    region = RegionField(
        label="注册地",
        local=True,
        help_text="选到市或区县，可输入名称、拼音首字母或 6 位代码；决定由哪个推荐单位受理",
    )
    industry = IndustryField(
        label="所属行业",
        required=False,
        help_text="GB/T 4754 行业，可输入名称或代码；以后可改",
    )
    address = forms.CharField(
        label="注册地址",
        max_length=100,
        required=False,
        error_messages=TOO_LONG,
        help_text="与营业执照或法人证书一致",
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    name = forms.CharField(
        label="您的姓名",
        max_length=50,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="您将成为本单位的管理员，可再邀请同事",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = PlainEmailField(label="邮箱", help_text="用于登录和接收通知", autocomplete="username")
    phone = forms.CharField(
        label="手机号",
        max_length=20,
        validators=[PHONE],
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="只在紧急联系时使用，名单中隐去中间几位",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    consent = forms.BooleanField(
        label="本人受本单位委托注册，所填信息真实；同意平台为办理申报使用上述信息",
        error_messages={"required": "请阅读并勾选后再注册"},
    )
    field_order = (
        "unit_name", "code", "kind", "region", "address", "industry", "name", "email", "phone",
        "password", "password_again", "consent",
    )  # fmt: skip

    def clean_code(self) -> str:
        code = codes.folded(self.cleaned_data["code"])
        if problem := codes.problem(code):
            raise forms.ValidationError(problem)
        return code

    def clean_unit_name(self) -> str:
        return "".join(self.cleaned_data["unit_name"].split())

    @property
    def region_differs(self) -> bool:
        """The code was given by another province than the one chosen: legal, worth a word."""
        data = self.cleaned_data
        return codes.region_of(data["code"])[:2] not in ("10", data["region"][:2])


class InvitationForm(forms.Form):
    """Bring somebody into one's own unit; the roles are those the inviter may give."""

    name = forms.CharField(label="姓名", max_length=50, error_messages={**REQUIRED, **TOO_LONG})
    email = PlainEmailField(
        label="邮箱",
        autocomplete="off",
        help_text="激活链接发到这里，72 小时内有效，只能用一次；密码由本人设置",
    )
    role = forms.ChoiceField(label="角色", error_messages=CHOOSE, widget=forms.RadioSelect)
    may_submit = forms.BooleanField(
        label="可提交申报书", required=False, help_text="只对填报人有效；管理员总可提交"
    )

    def __init__(self, *args: Any, acting: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = roles_to_give(acting)
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        if Role.EDITOR not in roles:
            del self.fields["may_submit"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        role = data.get("role")
        chosen = bool(data.get("may_submit")) and role == Role.EDITOR
        data["may_submit"] = chosen or role == Role.UNIT_ADMIN
        return data


class HandOverForm(forms.Form):
    to = forms.ModelChoiceField(
        label="移交给",
        queryset=Membership.objects.none(),
        empty_label="请选择本单位的人",
        error_messages=CHOOSE,
    )
    stay_as_editor = forms.BooleanField(
        label="移交后我仍作为填报人留在本单位", required=False, initial=True
    )

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]
        self.fields["to"].label_from_instance = (  # type: ignore[attr-defined]
            lambda m: f"{m.user.name}（{m.get_role_display()}）"
        )


class ProfileForm(forms.Form):
    """The unit's figures, from which each new filing starts. Nothing is required here."""

    address = forms.CharField(
        label="注册地址", max_length=100, required=False, error_messages=TOO_LONG
    )
    founded = dayfields.DateField(
        label="成立日期",
        required=False,
        error_messages={"invalid": "日期格式不对，应类似 2015-06-30"},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    capital = AmountField(
        label="注册资本",
        required=False,
        min_value=0,
        max_digits=16,
        decimal_places=2,
        error_messages={
            "invalid": "只能填数字",
            "min_value": "不能小于 0",
            "max_decimal_places": "最多两位小数",
            "max_digits": "数字太大，请核对单位是否为万元",
        },
        widget=forms.TextInput(attrs={"data-unit": "万元"}),
    )
    legal_person = forms.CharField(
        label="法定代表人", max_length=30, required=False, error_messages=TOO_LONG
    )
    scale = forms.ChoiceField(
        label="单位规模",
        required=False,
        choices=(
            ("", "未填"), ("large", "大型"), ("medium", "中型"), ("small", "小型"),
            ("micro", "微型"), ("none", "不适用"),
        ),
    )  # fmt: skip
    industry = IndustryField(
        label="所属行业", required=False, help_text="GB/T 4754 行业，可输入名称或代码"
    )
    contact_name = forms.CharField(
        label="联系人", max_length=30, required=False, error_messages=TOO_LONG
    )
    contact_phone = forms.CharField(
        label="联系电话", max_length=20, required=False, validators=[PHONE], error_messages=TOO_LONG
    )
    contact_email = PlainEmailField(label="电子邮箱", required=False)
    introduction = forms.CharField(
        label="单位简介",
        required=False,
        help_text="不超过 800 字",
        widget=forms.Textarea(attrs={"rows": 6, "data-max-chars": "800"}),
    )

    def clean_introduction(self) -> str:
        text = self.cleaned_data["introduction"].replace("\r\n", "\n")
        count = characters(text)
        if count > 800:
            raise forms.ValidationError(f"单位简介超出 {count - 800} 字，最多 800 字")
        return text

    def profile(self) -> dict[str, str]:
        """What is kept: texts only, decimals and dates as strings."""
        return {
            key: "" if value is None else str(value)
            for key, value in self.cleaned_data.items()
            if key != "address"
        }
