"""What the organiser and the applicant type in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts import regions
from accounts.models import Organisation
from calls.models import Call
from core import dayfields
from visits import queries, stages
from visits.models import Report, Visit
from visits.services import Member

MOMENT = "%Y-%m-%dT%H:%M"
MOST_MEMBERS = 8


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format=MOMENT, attrs={"step": "1800"})


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def moment(label: str, **more: Any) -> dayfields.DateTimeField:
    return dayfields.DateTimeField(
        label=label,
        widget=MomentInput(),
        input_formats=[MOMENT],
        error_messages={"required": f"请填写{label}", "invalid": f"请按年月日时分填写{label}"},
        **more,
    )


def reason(label: str, *, rows: int = 2) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": rows, "data-max-chars": "300"}),
        error_messages={"required": f"请填写{label}"},
    )


def text(label: str, most: int, *, rows: int, required: bool = True, help: str = "") -> Any:
    return forms.CharField(
        label=label,
        max_length=most,
        required=required,
        help_text=help,
        widget=forms.Textarea(attrs={"rows": rows, "data-max-chars": str(most)}),
        error_messages={"required": f"请填写{label}"},
    )


# Filters ----------------------------------------------------------------------------------------


class FilterForm(forms.Form):
    """The filter of the list and of the week: all in the address."""

    q = forms.CharField(label="项目、单位或申报编号", max_length=60, required=False)
    call = forms.ChoiceField(label="批次", required=False)
    state = forms.ChoiceField(
        label="状态",
        required=False,
        choices=[("", "全部"), *((one.value, word) for one, word in stages.LABELS.items())],
    )
    result = forms.ChoiceField(
        label="结论", required=False, choices=[("", "全部"), *Report.Result.choices]
    )
    region = forms.ChoiceField(label="地区", required=False)
    direction = forms.ChoiceField(label="方向", required=False)
    member = forms.ChoiceField(label="成员", required=False)

    def __init__(
        self,
        *args: Any,
        calls: list[Call],
        call: Call | None,
        members: list[tuple[int, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        provinces = [(one.code, one.name) for one in regions.regions().values() if not one.parent]
        self._choose("call", [(one.code, one.title) for one in calls])
        self._choose("region", provinces)
        directions = call.directions.order_by("order") if call else ()
        self._choose("direction", [(one.key, one.title) for one in directions])
        self._choose("member", [(str(key), name) for key, name in members])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "全部"), *choices]


# Planning ---------------------------------------------------------------------------------------


class PlanForm(forms.Form):
    """The team and where the row of half days begins."""

    lead = forms.ChoiceField(label="组长", error_messages={"required": "请选择组长"})
    members = forms.MultipleChoiceField(
        label="成员",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="组长不用再选。已知的回避关系在下一步逐项核对",
    )
    first = dayfields.DateField(
        label="从哪一天开始", widget=DayInput(), error_messages={"required": "请选择日期"}
    )
    half = forms.ChoiceField(
        label="从上午还是下午开始",
        choices=[("am", "上午（09:00）"), ("pm", "下午（14:00）")],
        widget=forms.RadioSelect,
        initial="am",
    )
    hours = forms.IntegerField(label="每次时长", min_value=1, max_value=12, initial=3)
    prepare = text("请申报单位准备", 1000, rows=4, required=False, help="写入通知信，每行一项")

    def __init__(
        self,
        *args: Any,
        call: Call,
        organisation: Organisation | None,
        at: dt.datetime,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].widget.attrs["data-unit"] = "小时"
        self.people = people(organisation, at=at)
        choices = [
            (key, f"{one.name}（{one.expert.employer_name if one.expert else '本单位'}）")
            for key, one in self.people.items()
        ]
        lead, members = self.fields["lead"], self.fields["members"]
        assert isinstance(lead, forms.ChoiceField) and isinstance(members, forms.ChoiceField)
        lead.choices = [("", "请选择"), *choices]
        members.choices = choices

    @property
    def team(self) -> list[Member]:
        """The lead first."""
        keys = [self.cleaned_data["lead"], *self.cleaned_data["members"]]
        return [self.people[key] for key in dict.fromkeys(keys)]


def plan_initial(call: Call) -> dict[str, Any]:
    rules = call.programme.site_visit
    if rules is None:
        return {}
    return {"hours": rules.hours, "prepare": "\n".join(rules.prepare)}


def people(organisation: Organisation | None, *, at: dt.datetime) -> dict[str, Member]:
    """Who can be chosen: experts of the pool, then officials, each under a key of the form."""
    found = {
        f"e{one.pk}": Member(one.user, one)
        for one in queries.able_experts(organisation, at=at)
        if one.user is not None
    }
    known = {one.user.pk for one in found.values()}
    for user in queries.officials(organisation, at=at):
        if user.pk not in known:
            found[f"u{user.pk}"] = Member(user)
    return found


class RowForm(forms.Form):
    """One line of the preview, which can still be changed."""

    starts_at = moment("开始时间")
    ends_at = moment("结束时间")
    place = forms.CharField(label="地点", max_length=120, error_messages={"required": "请填写地点"})


class ChangeForm(forms.Form):
    starts_at = moment("开始时间")
    ends_at = moment("结束时间")
    place = forms.CharField(label="地点", max_length=120, error_messages={"required": "请填写地点"})
    prepare = text("请申报单位准备", 1000, rows=4, required=False)
    reason = reason("改期或更改的原因")
    rest_days_agreed = forms.BooleanField(
        label="日期为休息日或日历未收录的，已知悉，仍按此安排", required=False
    )


def change_initial(visit: Visit) -> dict[str, Any]:
    return {
        "starts_at": timezone.localtime(visit.starts_at),
        "ends_at": timezone.localtime(visit.ends_at),
        "place": visit.place,
        "prepare": visit.prepare,
    }


class ReasonForm(forms.Form):
    reason = reason("原因")


class MemberForm(forms.Form):
    member = forms.ChoiceField(label="增加成员", error_messages={"required": "请选择成员"})
    lead = forms.BooleanField(label="任组长", required=False)

    def __init__(self, *args: Any, people: dict[str, Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            ("", "请选择"),
            *(
                (key, f"{one.name}（{one.expert.employer_name if one.expert else '本单位'}）")
                for key, one in people.items()
            ),
        ]

    @property
    def chosen(self) -> Member:
        return self.people[self.cleaned_data["member"]]


class ScanForm(forms.Form):
    file = forms.FileField(
        label="签字后的扫描件",
        help_text="PDF、JPG 或 PNG，不超过 20 MB；按页码顺序扫成一个文件，系统逐页核对核验码",
        error_messages={"required": "请选择文件", "empty": "文件是空的，请选择有内容的文件"},
    )
    note = forms.CharField(
        label="二维码无法识别的页如何核对",
        max_length=300,
        required=False,
        help_text="只有系统提示二维码无法识别时才填写",
    )


# The lead and the applicant ---------------------------------------------------------------------


class ConcludeForm(forms.Form):
    result = forms.ChoiceField(
        label="结论",
        choices=Report.Result.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择结论"},
    )
    opinion = text("评估意见", 2000, rows=8)
    due = dayfields.DateField(
        label="整改期限",
        required=False,
        widget=DayInput(),
        help_text="只有“整改后复查”填写；届时另行安排第二次现场评估",
    )


class AskForm(forms.Form):
    wished = forms.CharField(
        label="希望的时间",
        max_length=60,
        help_text="如：6月3日上午，或该周的其他工作日",
        error_messages={"required": "请填写希望的时间"},
    )
    reason = reason("理由")


class RemarkForm(forms.Form):
    text = text("陈述", 1000, rows=5, help="只能提交一次，提交后不能修改")
