"""What organisers and members type on the pages of a meeting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from core import dayfields
from panels import voting
from panels.models import Meeting
from reviews.forms import CHOOSE, MOMENT, MOMENT_FORMATS, NUMBER, REQUIRED
from reviews.models import Round
from reviews.pages import Group
from reviews.scoring import Sheet


class MeetingForm(forms.Form):
    """The arrangements of a meeting; times in the call's own time."""

    title = forms.CharField(label="会议名称", max_length=60, error_messages=REQUIRED)
    starts_at = dayfields.DateTimeField(
        label="会议时间",
        input_formats=MOMENT_FORMATS,
        error_messages=MOMENT,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    place = forms.CharField(label="地点", max_length=80, error_messages=REQUIRED)
    directions = forms.MultipleChoiceField(
        label="审议方向",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=CHOOSE,
        help_text="不选为全部。分组开会的，每个方向只列入一个会议",
    )
    motions_text = forms.CharField(
        label="表决意见",
        max_length=120,
        error_messages=REQUIRED,
        help_text="2 至 6 种，用分号隔开；依据文件未规定的，由组织方确定",
    )
    secret = forms.BooleanField(
        label="无记名表决", required=False, help_text="只记票数，任何人都查不到谁投了什么"
    )
    rule = forms.ChoiceField(
        label="通过办法",
        choices=[(rule.value, label) for rule, label in voting.RULES.items()],
        error_messages=CHOOSE,
    )
    quorum = forms.IntegerField(
        label="法定人数",
        min_value=1,
        max_value=99,
        error_messages=NUMBER,
        help_text="在场成员少于这个数，不能表决",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "data-unit": "人"}),
    )

    def __init__(self, *args: Any, groups: list[Group], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(groups) > 1:
            self.fields["directions"].choices = [  # type: ignore[attr-defined]
                (str(one.key), f"{one.title}（{one.applications} 项）") for one in groups
            ]
        else:
            del self.fields["directions"]

    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        text = data.pop("motions_text").replace(";", "；").replace("、", "；")
        data["motions"] = [one.strip() for one in text.split("；") if one.strip()]
        if "directions" in data:
            data["directions"] = [int(one) for one in data["directions"]]
        return data


def first_values(round: Round, at: datetime) -> dict[str, Any]:
    """A sensible beginning: tomorrow at nine in the call's time."""
    now = timezone.localtime(round.call.time(at))
    day = (now + timedelta(days=1)).replace(hour=9, minute=0, second=0, microsecond=0)
    return {
        "title": "会议评审",
        "starts_at": day,
        "motions_text": "；".join(voting.DEFAULT_MOTIONS),
        "secret": True,
        "rule": voting.Rule.MOST.value,
        "quorum": min(round.min_reviews, 99),
    }


def kept_values(meeting: Meeting) -> dict[str, Any]:
    return {
        "title": meeting.title,
        "starts_at": timezone.localtime(meeting.starts_at),
        "place": meeting.place,
        "motions_text": "；".join(one["title"] for one in meeting.motions),
        "secret": meeting.secret,
        "rule": meeting.rule,
        "quorum": meeting.quorum,
    }


def typed_scores(form: Sheet, posted: QueryDict) -> dict[str, Any]:
    """The figures of a re-score; what is no figure is handed on and refused by the rule."""
    found: dict[str, Any] = {}
    for criterion in form.criteria:
        typed = posted.get(f"score-{criterion.key}", "").strip()
        if typed:
            figure = typed.isascii() and typed.isdigit() and len(typed) < 5
            found[criterion.key] = int(typed) if figure else typed
    return found
