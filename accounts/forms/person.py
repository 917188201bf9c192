"""What a person types about themselves: password, sign-in, second factor."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation

from accounts import codes
from accounts.forms.fields import CHOOSE, PHONE, REQUIRED, TOO_LONG, PlainEmailField
from accounts.models import User


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


class RescueForm(forms.Form):
    """What the security administrator does for somebody who cannot come in."""

    email = PlainEmailField(label="此人的邮箱", autocomplete="off")
    act = forms.ChoiceField(
        label="办理",
        choices=(
            ("factor", "重置两步验证（手机和恢复码都丢失）"),
            ("unlock", "解除登录锁定"),
            ("sessions", "结束此人的全部登录（怀疑被他人使用）"),
        ),
        error_messages=CHOOSE,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label="如何核实了身份",
        max_length=200,
        error_messages={**REQUIRED, **TOO_LONG},
        help_text="记入审计",
    )

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        self.person = User.objects.filter(email=email).first()
        if self.person is None:
            raise forms.ValidationError("没有这个账号，请核对邮箱")
        return email
