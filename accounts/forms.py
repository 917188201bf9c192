"""What people type on the account pages, folded and checked."""

import unicodedata
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import RegexValidator

from accounts import codes, regions
from accounts.models import Membership, Organisation, User
from accounts.people import roles_to_give
from accounts.roles import Role

K = Organisation.Kind
KINDS = (
    (K.ENTERPRISE, "企业"),
    (K.UNIVERSITY, "高等院校"),
    (K.INSTITUTE, "科研院所"),
    (K.OTHER, "其他法人"),
)
REQUIRED = {"required": "请填写"}
CHOOSE = {"required": "请选择", "invalid_choice": "请从列表中选择"}
PHONE = RegexValidator(
    r"^\+?[0-9][0-9 ()-]{5,18}[0-9]$", "请填写手机号或带区号的电话，只用数字、空格和短横"
)
TOO_LONG = {"max_length": "不超过 %(limit_value)d 个字符，您填了 %(show_value)d 个"}
EMAIL = {"required": "请填写", "invalid": "邮箱格式不对，应类似 name@example.com"}


def region_choices() -> list[tuple[str, Any]]:
    groups: list[tuple[str, Any]] = [("", "请选择省份和城市")]
    for province in regions.provinces():
        cities = regions.cities(province.code)
        if cities:
            groups.append((province.name, [(city.code, city.name) for city in cities]))
    return groups


class PlainEmailField(forms.EmailField):
    """An address, folded: no spaces around, small letters, half-width."""

    def __init__(self, *, autocomplete: str = "email", **kwargs: Any) -> None:
        super().__init__(
            error_messages=EMAIL,
            max_length=200,
            widget=forms.EmailInput(attrs={"autocomplete": autocomplete, "inputmode": "email"}),
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value) or "").strip().lower()


class PasswordPair(forms.Form):
    """A password the person chooses, twice. Nobody else ever chooses one for them."""

    password = forms.CharField(
        label="密码",
        strip=False,
        error_messages=REQUIRED,
        help_text="至少 10 个字符，不要全用数字，不要与姓名、邮箱相近",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password_again = forms.CharField(
        label="再输入一次密码",
        strip=False,
        error_messages=REQUIRED,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def person(self) -> User:
        """Whom the password must not resemble."""
        data = self.cleaned_data
        return User(email=data.get("email", ""), name=data.get("name", ""))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        first, again = data.get("password"), data.get("password_again")
        if first and again and first != again:
            self.add_error("password_again", "两次输入的密码不一样")
        if first:
            try:
                password_validation.validate_password(first, self.person())
            except forms.ValidationError as problem:
                self.add_error("password", problem)
        return data


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
    region = forms.ChoiceField(
        label="注册地",
        choices=region_choices,
        error_messages=CHOOSE,
        help_text="决定由哪个推荐单位受理",
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
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    consent = forms.BooleanField(
        label="本人受本单位委托注册，所填信息真实；同意平台为办理申报使用上述信息",
        error_messages={"required": "请阅读并勾选后再注册"},
    )
    field_order = (
        "unit_name", "code", "kind", "region", "name", "email", "phone",
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


class LoginForm(forms.Form):
    email = PlainEmailField(label="邮箱", autocomplete="username")
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=256,
        error_messages=REQUIRED,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class EmailForm(forms.Form):
    email = PlainEmailField(label="邮箱", autocomplete="username")


class ResetForm(PasswordPair):
    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def person(self) -> User:
        return self.user or User()


class ChangePasswordForm(ResetForm):
    old_password = forms.CharField(
        label="现在的密码",
        strip=False,
        error_messages=REQUIRED,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ("old_password", "password", "password_again")

    def clean_old_password(self) -> str:
        old = self.cleaned_data["old_password"]
        if self.user is None or not self.user.check_password(old):
            raise forms.ValidationError("现在的密码不对")
        return old


class ActivationForm(PasswordPair):
    name = forms.CharField(
        label="姓名",
        max_length=50,
        error_messages={**REQUIRED, **TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label="手机号",
        max_length=20,
        required=False,
        validators=[PHONE],
        error_messages=TOO_LONG,
        help_text="选填，用于紧急联系",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
    field_order = ("name", "phone", "password", "password_again")

    def __init__(self, *args: Any, email: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def person(self) -> User:
        return User(email=self.email, name=self.cleaned_data.get("name", ""))


class TokenForm(forms.Form):
    token = forms.CharField(
        label="验证码",
        max_length=20,
        error_messages=REQUIRED,
        help_text="身份验证器显示的 6 位数字；手机不在身边时，可用一个恢复码",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "class": "jb-code", "spellcheck": "false"}
        ),
    )

    def clean_token(self) -> str:
        return codes.folded(self.cleaned_data["token"]).lower()


class PersonForm(forms.Form):
    name = forms.CharField(
        label="姓名",
        max_length=50,
        error_messages={**REQUIRED, **TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label="手机号",
        max_length=20,
        required=False,
        validators=[PHONE],
        error_messages=TOO_LONG,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


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


class AmountField(forms.DecimalField):
    """A decimal in which thousands separators, full-width digits and spaces are folded."""

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", str(value or ""))
        return super().to_python("".join(text.split()).replace(",", ""))


class ProfileForm(forms.Form):
    """The unit's figures, from which each new filing starts. Nothing is required here."""

    address = forms.CharField(
        label="注册地址", max_length=100, required=False, error_messages=TOO_LONG
    )
    founded = forms.DateField(
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
    industry = forms.RegexField(
        label="所属行业",
        regex=r"^[0-9]{2,4}$",
        required=False,
        help_text="GB/T 4754 代码，4 位数字",
        error_messages={"invalid": "应为国民经济行业分类代码（数字）"},
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
        count = len("".join(text.split()))
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
