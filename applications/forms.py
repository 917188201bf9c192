"""Forms that are no section of a programme: what the filing is about, withdrawing, giving back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse

from accounts.forms.fields import PickerInput
from accounts.models import Organisation
from applications.content import values
from applications.readiness import TITLE_CHARS
from applications.routing import Ways
from calls.models import Call, SubField
from calls.programme import ALL_SUBFIELDS
from core.lengths import characters

WITHDRAW_WORD = "撤回"
REGION, OTHER = "region", "through"
THROUGH = {
    str(Organisation.Kind.CENTRAL_GROUP): "中央企业集团",
    str(Organisation.Kind.MINISTRY_BODY): "部属单位",
    str(Organisation.Kind.INDUSTRY_BODY): "行业组织",
    str(Organisation.Kind.CORPS): "兵团",
}


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
    way = forms.ChoiceField(
        label="推荐途径",
        choices=((REGION, "按注册地"),),
        widget=forms.RadioSelect,
        error_messages={"required": "请选择推荐途径", "invalid_choice": "请从列出的途径中选择"},
    )
    recommender = forms.ModelChoiceField(
        label="所在区（市）县的推荐单位",
        queryset=Organisation.objects.none(),
        empty_label="请选择",
        error_messages={
            "required": "请选择推荐单位",
            "invalid_choice": "不能通过这个单位申报，请重新选择",
        },
    )
    through = forms.CharField(
        label="推荐单位",
        max_length=100,
        help_text="输入名称或拼音首字母，从列表中选择；须确属该单位推荐的范围",
        error_messages={"required": "请选择推荐单位"},
    )

    def __init__(self, *args: Any, call: Call, ways: Ways, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ways = ways
        subfields = SubField.objects.filter(direction__call=call).select_related("direction")
        if call.programme.directions or subfields.exists():
            field = self.fields["subfield"]
            field.queryset = subfields  # type: ignore[attr-defined]
            field.choices = grouped(list(subfields))  # type: ignore[attr-defined]
            if not call.programme.directions_complete:
                field.help_text = "通知的公开部分只列出这些方向，其余方向由主管部门补录"
        else:
            del self.fields["subfield"]
        self._offer(ways)

    def _offer(self, ways: Ways) -> None:
        """One question where there is one way; a switch between two; nothing where none is."""
        if len(ways.local) > 1:
            field = self.fields["recommender"]
            field.queryset = Organisation.objects.filter(  # type: ignore[attr-defined]
                pk__in=[unit.pk for unit in ways.local]
            )
            field.choices = [  # type: ignore[attr-defined]
                ("", "请选择"),
                *((unit.pk, f"{unit.name}（{unit.get_kind_display()}）") for unit in ways.local),
            ]
        else:
            del self.fields["recommender"]
        if ways.chosen:
            kinds = sorted({unit.kind for unit in ways.chosen})
            address = f"{reverse('reference:recommenders')}?kinds={','.join(kinds)}"
            self.fields["through"].widget = PickerInput(
                "recommenders", attrs={"data-picker": address}
            )
            names = [word for kind, word in THROUGH.items() if kind in kinds]
            self.through_words = f"通过{'、'.join(names)}"
        else:
            del self.fields["through"]
            self.through_words = ""
        if ways.local and ways.chosen:
            self.fields["way"].choices = [  # type: ignore[attr-defined]
                (REGION, "按注册地"),
                (OTHER, self.through_words),
            ]
        else:
            del self.fields["way"]
        current = self.initial.pop("current", None) or ways.own
        if current in ways.chosen:
            self.initial.update(way=OTHER, through=current.name)
        else:
            self.initial.update(way=REGION, recommender=getattr(current, "pk", None))

    def clean(self) -> dict[str, Any]:
        """Only the way that was chosen is asked for its unit."""
        data = super().clean() or self.cleaned_data
        way = data.get("way") or (REGION if self.ways.local else OTHER)
        self.errors.pop("through" if way == REGION else "recommender", None)
        if way == OTHER and self.ways.chosen:
            data["recommender"] = self._through(data.get("through", ""))
        elif len(self.ways.local) == 1:
            data["recommender"] = self.ways.local[0]
        return data

    def _through(self, text: str) -> Organisation | None:
        typed = values.fold(text)
        for unit in self.ways.chosen:
            if typed and typed in (values.fold(unit.name), unit.code):
                return unit
        if "through" not in self.errors:
            self.add_error(
                "through",
                "没有找到这个推荐单位。请输入名称后从列表中选择；列表中没有的，请联系主管部门登记",
            )
        return None

    def clean_title(self) -> str:
        title = values.tidy(self.cleaned_data["title"])
        length = characters(title)
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
