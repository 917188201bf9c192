"""The search as a form, and the file to import."""

from decimal import Decimal
from typing import Any

from django import forms

from policies import rules, words
from policies.models import Zone
from policies.queries import Wanted


class SearchForm(forms.Form):
    q = forms.CharField(
        label="关键词",
        required=False,
        max_length=words.LONGEST_QUERY,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    zone = forms.ChoiceField(label="试验区", required=False)
    theme = forms.ChoiceField(label="主题", required=False)
    least = forms.DecimalField(
        label="金额不低于（万元）", required=False, min_value=Decimal(0), max_digits=12
    )
    most = forms.DecimalField(
        label="金额不高于（万元）", required=False, min_value=Decimal(0), max_digits=12
    )

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", "全部试验区"),
            *((str(zone.pk), zone.short) for zone in zones),
        ]
        self.fields["theme"].choices = theme_choices("全部主题")  # type: ignore[attr-defined]

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for; nothing when it is not valid."""
        if not self.is_valid():
            return Wanted()
        said = self.cleaned_data
        return Wanted(
            query=words.query(said["q"]),
            zone=int(said["zone"]) if said["zone"] else None,
            theme=said["theme"],
            least=said["least"],
            most=said["most"],
        )


class RewardForm(forms.Form):
    result = forms.ChoiceField(label="取得的结果")
    zone = forms.ChoiceField(label="所在试验区", required=False)

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["result"].choices = [  # type: ignore[attr-defined]
            (one.key, one.title) for one in rules.results()
        ]
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            ("", "全部试验区"),
            *((str(zone.pk), zone.short) for zone in zones),
        ]


class CompareForm(forms.Form):
    """Which zones are set side by side on which theme; at most ``MOST`` of them."""

    MOST = 4
    theme = forms.ChoiceField(label="主题")
    zone = forms.MultipleChoiceField(
        label="试验区", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, zones: list[Zone], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].choices = theme_choices()  # type: ignore[attr-defined]
        self.fields["zone"].choices = [  # type: ignore[attr-defined]
            (str(zone.pk), zone.short) for zone in zones
        ]

    def clean_zone(self) -> list[int]:
        chosen = [int(value) for value in self.cleaned_data["zone"]]
        if len(chosen) > self.MOST:
            raise forms.ValidationError(f"最多并列 {self.MOST} 个试验区，请减少选择。")
        return chosen


class FileForm(forms.Form):
    file = forms.FileField(
        label="政策汇编文件",
        help_text="UTF-8 编码的纯文本（.txt），先列目录，再列各政策全文；不超过 8 MB。",
        error_messages={"required": "请选择要导入的文件", "empty": "文件是空的，请重新选择"},
        widget=forms.FileInput(attrs={"accept": ".txt,text/plain"}),
    )


def theme_choices(first: str = "") -> list[tuple[str, str]]:
    every = [("", first)] if first else []
    return [*every, *((theme.key, theme.key) for theme in rules.themes())]
