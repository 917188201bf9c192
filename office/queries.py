"""Reading for the office's desk: the funnel, units behind, what waits, what fired."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count

from accounts.models import Organisation, User
from calls import services as calls
from calls.models import Call, Extension, LevelDate
from calls.programme import Step
from office import board
from office.models import ReminderRule
from recommenders import register
from recommenders.models import Allotment, RankedList
from reviews.models import Assignment, Review

L = RankedList.State
CHINA = ZoneInfo("Asia/Shanghai")


# Who is behind ---------------------------------------------------------------------------------


def units_behind(call: Call, key: str) -> set[int]:
    """Recommending units that have not submitted their list, or not matched their sealed scan."""
    units = set(Allotment.objects.filter(call=call).values_list("organisation", flat=True))
    lists = RankedList.objects.filter(call=call)
    if key == "scan_until":
        return set(lists.filter(state=L.FROZEN).values_list("organisation", flat=True))
    return units - set(lists.exclude(state=L.OPEN).values_list("organisation", flat=True))


def paper_missing(call: Call) -> dict[int, str]:
    """Units whose paper has not all come to the ministry, and how much is missing, in words."""
    office = Organisation.objects.filter(kind=Organisation.Kind.OFFICE).order_by("pk").first()
    if office is None:
        return {}
    found = register.senders(call, office, register.expected(call, office))
    return {
        one.organisation.pk: f"{len(one.missing)} 项材料共 {one.copies - one.arrived} 份"
        for one in found
        if one.missing
    }


def experts_behind(call: Call) -> list[tuple[User, int]]:
    """Experts with tasks not yet scored, and how many."""
    open_tasks = (
        Assignment.objects.filter(
            round__call=call, state=Assignment.State.DEPLOYED, expert__user__isnull=False
        )
        .exclude(review__state=Review.State.SUBMITTED)
        .values_list("expert__user")
        .annotate(left=Count("pk"))
    )
    left = dict(open_tasks)
    return [(user, left[user.pk]) for user in User.objects.filter(pk__in=left).order_by("pk")]


# Cockpit ---------------------------------------------------------------------------------------


SHAPES = {
    L.OPEN: ("doing", "编制中"),
    L.FROZEN: ("wait", "待盖章"),
    L.SEALED: ("done", "盖章件已核对"),
    L.DELIVERED: ("done", "已报送"),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the office: how many, and where it is dealt with."""

    title: str
    count: int
    url: str


# Deadline board --------------------------------------------------------------------------------


def deadline_rows(open_calls: Iterable[Call], at: datetime) -> list[board.Row]:
    """All dates of all calls and levels, with their reminders; in the order of each call's time."""
    found: list[board.Row] = []
    for call in open_calls:
        rules: dict[str, list[ReminderRule]] = {}
        for rule in ReminderRule.objects.filter(call=call):
            rules.setdefault(rule.key, []).append(rule)
        rows = [
            board.Row(
                at=value,
                title=title,
                who=who,
                then=then,
                call=call.title,
                call_code=call.code,
                warning=_warning(value, key),
                letters=f"remind_{key.removesuffix('_until')}",
                reminders=tuple(
                    _reminder(rule, past=value <= call.time(at)) for rule in rules.get(key, [])
                ),
            )
            for key, (title, who, then) in board.DATES.items()
            if (value := getattr(call, key)) and _concerns(call, key)
        ]
        rows += [
            board.Row(
                at=level.until,
                title=f"{level.organisation.name}：{level.get_key_display()}",
                who="本级及下级单位",
                then="关闭本级办理",
                call=call.title,
                call_code=call.code,
                note=f"纸质 {level.copies} 份" if level.copies else level.note,
                warning=_warning(level.until, "level"),
            )
            for level in LevelDate.objects.filter(call=call).select_related("organisation")
        ]
        rows += [
            board.Row(
                at=extension.until,
                title=f"{extension.organisation.name}：{extension.get_key_display()}延期",
                who="该单位",
                then="关闭该单位办理",
                call=call.title,
                call_code=call.code,
                note=f"{extension.get_state_display()}，理由：{extension.reason}",
            )
            for extension in Extension.objects.filter(
                call=call, state=Extension.State.APPROVED
            ).select_related("organisation")
        ]
        found += board.arrange(rows, call.time(at))
    return found


def _concerns(call: Call, key: str) -> bool:
    if key in ("recommendation_until", "scan_until", "paper_until"):
        return Step.RECOMMENDATION in call.steps
    if key == "review_until":
        return bool({Step.REVIEW, Step.PANEL} & set(call.steps))
    return True


def day_warning(moment: datetime) -> str:
    """What is unfortunate about the day of a deadline, in few words; empty when nothing is."""
    day = moment.astimezone(CHINA).date()
    note = calls.day_note(day)
    if note is None:
        return ""
    return f"落在{note}" if len(note) < 20 else f"{day.year}年节假日安排未收录"


def _warning(value: datetime, key: str) -> str:
    day = board.last_day(value) if key != "filing_from" else value
    return day_warning(day)


def _reminder(rule: ReminderRule, *, past: bool) -> str:
    if rule.fired_at is None:
        return f"{rule.words}：{'没有发出' if past else '待发'}"
    if rule.skipped:
        return f"{rule.words}：已并入后一次"
    return f"{rule.words}：已发 {rule.letters} 封"
