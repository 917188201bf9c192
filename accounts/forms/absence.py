"""Leave: which role, who stands in, from when to when."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms

from accounts.models import Membership
from core import dayfields

CHINA = ZoneInfo("Asia/Shanghai")


class DayField(dayfields.DateField):
    def __init__(self, label: str, help_text: str) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(label=label, help_text=help_text, widget=widget)


class AbsenceForm(forms.Form):
    membership = forms.ModelChoiceField(label="谁的角色", queryset=Membership.objects.none())
    deputy = forms.ModelChoiceField(label="由谁代办", queryset=Membership.objects.none())
    since = DayField("自", "当日 0 时起")
    until = DayField("至", "当日 23:59:59 止")
    reason = forms.CharField(label="事由", max_length=100, required=False)

    def __init__(self, *args, away, people, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, found in (("membership", away), ("deputy", people)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = found
            field.label_from_instance = lambda m: f"{m.user.name}（{m.get_role_display()}）"  # type: ignore[method-assign,assignment]

    def span(self) -> tuple[datetime, datetime]:
        """The inclusive days as a half-open span."""
        data = self.cleaned_data
        begin = datetime.combine(data["since"], time(), CHINA)
        return begin, datetime.combine(data["until"], time(), CHINA) + timedelta(days=1)
