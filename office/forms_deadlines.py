"""What the office types in about postponed dates, reminders and incidents."""

from datetime import datetime

from django import forms

from accounts.models import Organisation
from calls.models import Call
from calls.services import NAMES
from core import dayfields
from office import cascade, filters, incidents
from office.board import REMINDABLE
from office.forms import DayInput, choose, end_of
from office.models import Incident, Postponement

S = Postponement.Scope


class PostponeForm(forms.Form):
    key = forms.ChoiceField(label="期限")
    until = dayfields.DateField(label="延至", widget=DayInput(), help_text="当日 23:59:59 止")
    scope = forms.ChoiceField(label="范围", choices=S.choices)
    region = forms.ChoiceField(label="地区", required=False)
    direction = forms.ChoiceField(label="方向", required=False)
    unit = forms.CharField(label="单位全称或统一社会信用代码", required=False, max_length=100)
    cascade = forms.BooleanField(label="后续期限一并顺延同样天数", required=False, initial=True)
    incident = forms.ModelChoiceField(
        label="依据的故障记录", required=False, queryset=Incident.objects.none(), empty_label="无"
    )
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, call: Call, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        known = [name for name in cascade.ORDER if getattr(call, name)]
        choose(self, "key", [(name, NAMES[name]) for name in known])
        choose(self, "region", [("", "—"), *filters.provinces()])
        choose(self, "direction", [("", "—"), *call.directions.values_list("key", "title")])
        field = self.fields["incident"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Incident.objects.filter(confirmed_by__isnull=False)

    def clean(self) -> dict:
        data = super().clean() or {}
        scope = data.get("scope")
        value = ""
        if scope in (S.REGION, S.DIRECTION):
            value = data.get(str(scope), "")
            if not value:
                self.add_error(str(scope), "请选择对象。")
        elif scope == S.UNIT:
            text = (data.get("unit") or "").strip()
            found = Organisation.objects.filter(code=text.upper()).first() if text else None
            found = found or Organisation.objects.filter(name=text).order_by("pk").first()
            if found is None:
                self.add_error("unit", "没有找到这个单位，请填写单位全称或统一社会信用代码。")
            else:
                value = str(found.pk)
        data["value"] = value
        return data

    def end(self) -> datetime:
        found = end_of(self.cleaned_data["until"])
        assert found is not None
        return found


class ReminderForm(forms.Form):
    key = forms.ChoiceField(label="期限", choices=list(REMINDABLE.items()))
    days = forms.IntegerField(label="天数", min_value=0, max_value=60)
    after = forms.ChoiceField(
        label="在期限", choices=[("", "之前"), ("after", "之后")], required=False
    )
    by_sms = forms.BooleanField(label="同时发短信", required=False)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class IncidentForm(forms.Form):
    title = forms.CharField(label="事由", max_length=100, help_text="例如：平台无法登录")
    since = dayfields.DateTimeField(
        label="开始", widget=MomentInput(), input_formats=["%Y-%m-%dT%H:%M"]
    )
    until = dayfields.DateTimeField(
        label="结束",
        widget=MomentInput(),
        input_formats=["%Y-%m-%dT%H:%M"],
        required=False,
        help_text="仍在持续的留空",
    )
    affected = forms.CharField(label="受影响的对象", max_length=200)
    text = forms.CharField(label="经过", max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))


class IncidentEndForm(forms.Form):
    until = dayfields.DateTimeField(
        label="结束时间",
        widget=MomentInput(),
        input_formats=["%Y-%m-%dT%H:%M"],
    )


class IncidentFilterForm(forms.Form):
    """The filters of the log; they live in the URL."""

    q = forms.CharField(label="事由、经过或对象", required=False, max_length=60)
    state = forms.ChoiceField(
        label="状态", required=False, choices=[("", "全部"), *incidents.STATES]
    )
