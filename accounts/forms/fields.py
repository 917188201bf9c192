"""Fields and messages that the account forms share."""

import unicodedata
from typing import Any

from django import forms
from django.core.validators import RegexValidator

REQUIRED = {"required": "请填写"}
CHOOSE = {"required": "请选择", "invalid_choice": "请从列表中选择"}
PHONE = RegexValidator(
    r"^\+?[0-9][0-9 ()-]{5,18}[0-9]$", "请填写手机号或带区号的电话，只用数字、空格和短横"
)
TOO_LONG = {"max_length": "不超过 %(limit_value)d 个字符，您填了 %(show_value)d 个"}
EMAIL = {"required": "请填写", "invalid": "邮箱格式不对，应类似 name@example.com"}


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


class AmountField(forms.DecimalField):
    """A decimal in which thousands separators, full-width digits and spaces are folded."""

    def to_python(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", str(value or ""))
        return super().to_python("".join(text.split()).replace(",", ""))
