"""Forms of the tasks. What a rule forbids the services say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.models import Organisation
from calls.models import Call
from core import dayfields
from fulfilment import terms
from fulfilment.models import Acceptance, Change, Target, Task
from fulfilment.planform import MOST, OPERATORS, to_agree

SPARE = 3


def text(label: str, chars: int, *, rows: int = 4, required: bool = True, help: str = "") -> Any:
    return forms.CharField(
        label=label,
        max_length=chars,
        required=required,
        help_text=help,
        widget=forms.Textarea(attrs={"rows": rows, "data-max-chars": str(chars)}),
        error_messages={
            "required": f"请填写{label}。",
            "max_length": f"{label}不能超过 {chars} 字。",
        },
    )


def line(label: str, chars: int, *, required: bool = True, help: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=chars,
        required=required,
        help_text=help,
        error_messages={"required": f"请填写{label}。"},
    )


def day(label: str, *, required: bool = True, help: str = "") -> dayfields.DateField:
    return dayfields.DateField(
        label=label,
        required=required,
        help_text=help,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": f"请填写{label}。",
            "invalid": "请按 2022-08-05 的样式填写日期。",
        },
    )


class FilterForm(forms.Form):
    call = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label="项目、单位或编号", required=False)
    direction = forms.ChoiceField(label="方向", required=False)
    region = forms.ChoiceField(label="地区", required=False)
    state = forms.ChoiceField(label="状态", required=False)

    def __init__(self, *args: Any, call: Call, states: dict[str, str], regions: Any, **kw: Any):
        super().__init__(*args, **kw)
        choices: dict[str, list[tuple[str, str]]] = {
            "direction": [("", "全部方向"), *call.directions.values_list("key", "title")],
            "region": [("", "全部地区"), *regions],
            "state": list(states.items()),
        }
        for name, found in choices.items():
            self.fields[name].choices = found  # type: ignore[attr-defined]


class PlanForm(forms.Form):
    """The plan's own fields; milestones are read row by row (``rows``)."""

    finish_on = day("计划完成日", required=False)
    approach = text("实施安排", 3000, rows=6, required=False)

    def __init__(self, *args: Any, task: Task, targets: Sequence[Target], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.own = to_agree(targets)
        until = task.limit_on or task.due_on
        if until is not None:
            self.fields["finish_on"].help_text = f"最晚 {terms.words(until)}；不填即为现在的到期日"
        for one in self.own:
            self.fields[f"op-{one.key}"] = forms.ChoiceField(
                label=f"{one.name}（目标 {one.target} {one.unit}）".replace(" ）", "）"),
                required=False,
                choices=[("", "请选择"), *OPERATORS.items()],
            )

    @property
    def operators(self) -> dict[str, str]:
        return {
            one.key: self.cleaned_data[f"op-{one.key}"]
            for one in self.own
            if self.cleaned_data.get(f"op-{one.key}")
        }


def milestones(posted: Any) -> list[dict[str, Any]]:
    """The rows of the table of milestones that hold something, by their day."""
    found = []
    for number in range(MOST + SPARE):
        row = {
            "title": posted.get(f"title-{number}", ""),
            "due_on": posted.get(f"due-{number}", ""),
            "deliverable": posted.get(f"deliverable-{number}", ""),
            "targets": posted.getlist(f"targets-{number}"),
        }
        if any(str(value).strip() for value in (row["title"], row["due_on"], row["deliverable"])):
            found.append(row)
    return sorted(found, key=lambda row: str(row["due_on"]) or "9")


class DecisionForm(forms.Form):
    comment = text("意见", 1000, rows=3, required=False, help="退回时必填")


class ReturnForm(forms.Form):
    note = text("退回意见", 1000, rows=3)


class ChangeForm(forms.Form):
    kind = forms.ChoiceField(label="变更事项", widget=forms.RadioSelect)
    target = forms.ChoiceField(label="哪个指标", required=False)
    milestone = forms.ChoiceField(label="哪个节点", required=False)
    before = text("现在的安排", 1000, rows=2, required=False, help="只有实施内容、资金预算需要填写")
    after = text(
        "变更为",
        1000,
        rows=3,
        required=False,
        help="日期写成 2023-08-05；参与单位每行一个：单位全称 统一社会信用代码",
    )
    reason = text("理由", 2000, rows=5)

    def __init__(self, *args: Any, task: Task, **kw: Any) -> None:
        super().__init__(*args, **kw)
        kinds = [
            (value, "延期" if value == Change.Kind.TERM else label)
            for value, label in Change.Kind.choices
        ]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]
        self.fields["target"].choices = [  # type: ignore[attr-defined]
            ("", "不涉及指标"),
            *((one.key, f"{one.name}：现在 {one.target} {one.unit}") for one in task.targets.all()),
        ]
        self.fields["milestone"].choices = [  # type: ignore[attr-defined]
            ("", "不涉及节点"),
            *(
                (str(one.pk), f"{one.title}：现在 {terms.words(one.due_on)}")
                for one in task.milestones.all()
            ),
        ]

    @property
    def subject(self) -> str:
        kind = self.cleaned_data.get("kind")
        if kind == Change.Kind.TARGET:
            return str(self.cleaned_data.get("target") or "")
        if kind == Change.Kind.MILESTONE:
            return str(self.cleaned_data.get("milestone") or "")
        return ""


class AskForm(forms.Form):
    due_on = day("截止日")
    ask = text("报告的要求", 500, rows=4)


class TermForm(forms.Form):
    due_on = day("到期日")
    basis = line("依据", 300, help="例如通知的文号和条款")


class ReasonForm(forms.Form):
    reason = text("理由", 500, rows=3)


class AcceptanceForm(forms.Form):
    held_on = day("验收日期")
    place = line("验收方式与地点", 100, help="例如现场验收会")
    experts = text("专家", 1000, rows=5, help="每行一人：姓名 单位")
    opinion = text("专家意见", 2000, rows=6)
    result = forms.ChoiceField(
        label="结论", choices=Acceptance.Result.choices, widget=forms.RadioSelect
    )

    def clean_experts(self) -> list[dict[str, str]]:
        found = []
        for row in self.cleaned_data["experts"].splitlines():
            name, _, unit = row.strip().replace("　", " ").partition(" ")
            if name:
                found.append({"name": name, "unit": unit.strip()})
        return found


class RecogniseForm(forms.Form):
    number = line("认定文件文号", 60)


class PlaqueForm(forms.Form):
    day = day("授牌日期")


class DispatchForm(forms.Form):
    """What the office adds to a letter whose text follows from the way of the call."""

    title = forms.CharField(label="标题", max_length=150)
    mark = forms.CharField(
        label="发文机关代字",
        max_length=20,
        help_text="按本机关公文登记填写，不含年份和序号；下达时按代字和年份顺次编号",
    )
    text = text("补充要求", 1500, rows=4)

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["text"].required = False


class DeliberationForm(forms.Form):
    held_on = day("会议日期")
    minutes = text("会议纪要", 3000, rows=6)

    def __init__(self, *args: Any, names: Sequence[str], **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.names = names
        offices = Organisation.objects.filter(kind=Organisation.Kind.OFFICE).order_by("pk")
        for number, name in enumerate(names):
            self.fields[f"office-{number}"] = forms.ModelChoiceField(
                label=f"会签：{name}", queryset=offices, empty_label="请选择系统中的单位"
            )

    @property
    def offices(self) -> dict[str, Organisation]:
        return {
            name: self.cleaned_data[f"office-{number}"] for number, name in enumerate(self.names)
        }
