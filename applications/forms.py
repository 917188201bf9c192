"""Forms that are no section of a programme: what the filing is about, withdrawing, giving back."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import Organisation
from applications import routing
from applications.content import values
from applications.readiness import TITLE_CHARS
from calls.models import Call, SubField
from calls.programme import ALL_SUBFIELDS

WITHDRAW_WORD = "撤回"


class BasicsForm(forms.Form):
    """Title, direction with sub-field, recommender."""

    title = forms.CharField(
        label="项目名称",
        max_length=60,
        widget=forms.TextInput(attrs={"data-max-chars": str(TITLE_CHARS)}),
        error_messages={"required": "请填写项目名称"},
    )
    subfield = forms.ModelChoiceField(
        label="申报方向",
        queryset=SubField.objects.none(),
        error_messages={"required": "请选择申报方向", "invalid_choice": "没有这个方向，请重新选择"},
    )
    recommender = forms.ModelChoiceField(
        label="推荐单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择推荐单位",
            "invalid_choice": "不能通过这个单位申报，请重新选择",
        },
    )

    def __init__(
        self, *args: Any, call: Call, recommenders: list[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        subfields = SubField.objects.filter(direction__call=call).select_related("direction")
        if call.programme.directions or subfields.exists():
            field = self.fields["subfield"]
            field.queryset = subfields  # type: ignore[attr-defined]
            field.choices = grouped(list(subfields))  # type: ignore[attr-defined]
            if not call.programme.directions_complete:
                field.help_text = "通知的公开部分只列出这些方向，其余方向由主管部门补录"
        else:
            del self.fields["subfield"]
        if recommenders:
            field = self.fields["recommender"]
            field.queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
                pk__in=[unit.pk for unit in recommenders]
            )
            field.choices = [  # type: ignore[attr-defined]
                ("", "请选择"),
                *((unit.pk, f"{unit.name}（{unit.get_kind_display()}）") for unit in recommenders),
            ]
            local = [unit for unit in recommenders if unit.kind in routing.LOCAL]
            if len(local) > 1:
                field.help_text = "请选择注册地所在区（市）县的单位"
            else:
                field.help_text = (
                    "按注册地确定；中央企业、部属单位、行业组织和兵团可改选"
                    if len(recommenders) > 1
                    else "按注册地确定"
                )
                self.initial.setdefault("recommender", recommenders[0].pk)
        else:
            del self.fields["recommender"]

    def clean_title(self) -> str:
        title = values.tidy(self.cleaned_data["title"])
        length = values.count(title)
        if length > TITLE_CHARS:
            raise forms.ValidationError(f"超出 {length - TITLE_CHARS} 字，最多 {TITLE_CHARS} 字")
        if not length:
            raise forms.ValidationError("请填写项目名称")
        return title

    @property
    def chosen(self) -> dict[str, Any]:
        """What the services take."""
        subfield = self.cleaned_data.get("subfield")
        return {
            "title": self.cleaned_data["title"],
            "direction": subfield.direction if subfield else None,
            "subfield": subfield,
            "recommender": self.cleaned_data.get("recommender"),
        }


def grouped(subfields: list[SubField]) -> list[Any]:
    """Directions as groups of their sub-fields; a direction without any stands alone."""
    found: list[Any] = [("", "请选择")]
    by_direction: dict[Any, list[SubField]] = {}
    for one in sorted(subfields, key=lambda s: (s.direction.order, s.direction_id, s.order, s.pk)):
        by_direction.setdefault(one.direction, []).append(one)
    for direction, those in by_direction.items():
        if len(those) == 1 and those[0].key == ALL_SUBFIELDS:
            found.append((those[0].pk, direction.title))
        else:
            found.append((direction.title, [(one.pk, one.title) for one in those]))
    return found


class WithdrawForm(forms.Form):
    """Withdrawing asks for a typed word, because it cannot be undone."""

    reason = forms.CharField(
        label="撤回理由",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "data-max-chars": "200"}),
        error_messages={"required": "请填写撤回理由"},
    )
    word = forms.CharField(
        label=f"请输入“{WITHDRAW_WORD}”",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": f"请输入“{WITHDRAW_WORD}”两字以确认"},
    )

    def clean_word(self) -> str:
        word = values.fold(self.cleaned_data["word"])
        if word != WITHDRAW_WORD:
            raise forms.ValidationError(f"输入的不是“{WITHDRAW_WORD}”，申报没有撤回")
        return word
