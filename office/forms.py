"""What the office types in. Dates are days; they are kept as the next midnight."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Exists, OuterRef

from accounts.models import RECOMMENDER_KINDS, Organisation
from calls import programme as programmes
from calls.models import Call, Direction, LevelDate
from calls.services import DATES, NAMES
from core import dayfields
from core.prepared import Prepared, Slot
from office import filters
from recommenders.models import Allotment

CHINA = ZoneInfo("Asia/Shanghai")


K = Organisation.Kind
LEVELS = (K.OFFICE, *RECOMMENDER_KINDS, K.CITY, K.DISTRICT)
"""Who may set dates and paper copies of its own; the office for what it asks for itself."""


def choose(form: forms.Form, name: str, choices: Iterable[tuple[str, str]]) -> None:
    """Give a field of a form its choices."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def end_of(day) -> datetime | None:
    """The exclusive end of an inclusive day."""
    return programmes.closing(day) if day else None


def day_of(end: datetime | None):
    """The inclusive day an exclusive end belongs to."""
    return (end - timedelta(microseconds=1)).astimezone(CHINA).date() if end else None


class DatesForm(forms.Form):
    """All dates of a call as inclusive days."""

    def __init__(self, *args, call: Call, **kwargs) -> None:
        self.call = call
        super().__init__(*args, **kwargs)
        for name in DATES:
            value = getattr(call, name)
            self.fields[name] = dayfields.DateField(
                label=NAMES[name],
                required=False,
                widget=DayInput(),
                help_text="当日 0 时起" if name == "filing_from" else "当日 23:59:59 止",
                initial=(value.astimezone(CHINA).date() if value else None)
                if name == "filing_from"
                else day_of(value),
            )
        if call.state == Call.State.OPEN:
            self.fields["reason"] = forms.CharField(
                label="变更理由",
                max_length=500,
                widget=forms.Textarea(attrs={"rows": 2}),
                help_text="批次已开放：变更由一人提出、另一人批准后生效",
            )

    def dates(self) -> dict[str, datetime | None]:
        found: dict[str, datetime | None] = {}
        for name in DATES:
            if name not in self.changed_data:
                continue
            day = self.cleaned_data[name]
            found[name] = (
                (programmes.opening(day) if day else None) if name == "filing_from" else end_of(day)
            )
        return found


class ClockForm(forms.Form):
    to = dayfields.DateTimeField(
        label="拨到",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )


class DirectionForm(forms.Form):
    key = forms.SlugField(label="代号", max_length=60)
    title = forms.CharField(label="方向名称", max_length=120)
    class_title = forms.CharField(label="类别", max_length=60, required=False, initial="未注明")


class LevelForm(forms.Form):
    organisation = forms.ModelChoiceField(label="单位", queryset=Organisation.objects.none())
    key = forms.ChoiceField(label="期限", choices=LevelDate.Key.choices)
    until = dayfields.DateField(label="截止日", widget=DayInput(), help_text="当日 23:59:59 止")
    copies = forms.IntegerField(label="纸质份数", min_value=0, max_value=50, initial=0)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(kind__in=LEVELS).order_by("key", "pk")


class ExtensionForm(forms.Form):
    code = forms.CharField(
        label="单位名称或统一社会信用代码", max_length=100, help_text="写全称或 18 位代码"
    )
    key = forms.ChoiceField(
        label="期限",
        choices=[
            (LevelDate.Key.FILING, "申报截止"),
            (LevelDate.Key.RECOMMENDATION, "推荐截止"),
        ],
    )
    until = dayfields.DateField(label="延至", widget=DayInput(), help_text="当日 23:59:59 止")
    reason = forms.CharField(label="理由", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_code(self) -> Organisation:
        text = self.cleaned_data["code"].strip()
        found = Organisation.objects.filter(code=text.upper()).first()
        found = found or Organisation.objects.filter(name=text).order_by("pk").first()
        if found is None:
            raise forms.ValidationError("没有找到这个单位，请填写单位全称或统一社会信用代码。")
        return found


class NoticeForm(forms.Form):
    title = forms.CharField(label="标题", max_length=150)
    body = forms.CharField(label="正文", widget=forms.Textarea(attrs={"rows": 12}))


_directions: Prepared[tuple[str, str]] = Prepared(
    lambda: Direction.objects.filter(call_id=Slot("call")).values_list("key", "title")
)
_recommenders: Prepared[tuple[int, str]] = Prepared(
    lambda: (
        Organisation.objects.filter(
            Exists(Allotment.objects.filter(call_id=Slot("call"), organisation=OuterRef("pk")))
        )
        .order_by("key", "pk")
        .values_list("pk", "name")
    )
)


class FilterForm(forms.Form):
    """The filters of the list of filings; they live in the URL."""

    q = forms.CharField(label="项目、单位或编号", required=False, max_length=60)
    status = forms.CharField(required=False, widget=forms.HiddenInput())
    placed = forms.IntegerField(required=False, widget=forms.HiddenInput())
    direction = forms.ChoiceField(label="方向", required=False)
    region = forms.ChoiceField(label="地区", required=False)
    recommender = forms.ChoiceField(label="推荐单位", required=False)
    correction = forms.ChoiceField(
        label="待核对的修改",
        required=False,
        choices=[
            ("", "不限"),
            (filters.BY_OFFICE, "主管部门退回的"),
            (filters.BY_UNIT, "推荐单位退回的"),
        ],
    )

    def __init__(self, *args, call: Call, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        choose(
            self,
            "direction",
            [
                ("", "全部方向"),
                *_directions(call=call.pk),
                (filters.UNKNOWN, "未注明"),
            ],
        )
        choose(
            self, "region", [("", "全部地区"), *filters.provinces(), (filters.UNKNOWN, "未注明")]
        )
        choose(
            self,
            "recommender",
            [
                ("", "全部推荐单位"),
                *((str(pk), name) for pk, name in _recommenders(call=call.pk)),
            ],
        )
