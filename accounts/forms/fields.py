"""Fields and messages that the account forms share."""

import unicodedata
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.urls import reverse_lazy

from accounts import industries, regions

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


class PickerInput(forms.TextInput):
    """A text input that static/js/picker.js turns into a combobox over a code list.

    ``source`` is ``regions`` or ``industries``. A code is shown by its name; what is posted is
    what stands in the input, which the server reads: a code, a name, or both.
    """

    LABELS: dict[str, Callable[[str], str]] = {
        "regions": regions.label_of,
        "industries": industries.label_of,
        "recommenders": str,
    }

    def __init__(self, source: str, attrs: dict[str, Any] | None = None) -> None:
        self.source = source
        picked = {
            "data-picker": reverse_lazy(f"reference:{source}"),
            "autocomplete": "off",
            "spellcheck": "false",
        }
        super().__init__(attrs={**picked, **(attrs or {})})

    def format_value(self, value: Any) -> str | None:
        text = super().format_value(value)
        return self.LABELS[self.source](text) if text and text.isdecimal() else text


class RegionField(forms.CharField):
    """A region by code or full name; cleaned to its code.

    ``local`` refuses a whole province: the recommender follows from the city.
    """

    def __init__(self, *, local: bool = False, **kwargs: Any) -> None:
        self.local = local
        kwargs.setdefault("widget", PickerInput("regions"))
        super().__init__(
            max_length=100, error_messages={**TOO_LONG, "required": CHOOSE["required"]}, **kwargs
        )

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        code = regions.find(text)
        if code is None:
            raise forms.ValidationError(
                "没有找到这个地区。请输入市或区县名称后从列表中选择，或填写 6 位行政区划代码"
            )
        if self.local and not regions.path_of(code):
            raise forms.ValidationError(
                f"请选到市或区县，不能只选“{regions.name_of(code)}”"
                if regions.children(code)
                else f"本平台没有受理{regions.name_of(code)}单位的推荐单位，请联系主管部门"
            )
        return code


class IndustryField(forms.CharField):
    """An industry by code or name; cleaned to its code of two to four digits."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", PickerInput("industries"))
        super().__init__(max_length=100, error_messages={**REQUIRED, **TOO_LONG}, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        if not text:
            return ""
        code = industries.find(text)
        if code is None:
            raise forms.ValidationError(
                "没有找到这个行业。请输入行业名称后从列表中选择，"
                "或填写 2 至 4 位代码（GB/T 4754），如 3983"
            )
        return code
