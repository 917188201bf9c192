"""Reading for the office's desk: the funnel, units behind, what waits, what fired."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.urls import reverse

from accounts.models import Organisation, User
from applications import rounds
from applications.models import Application
from applications.workflow import Status, moves
from calls import services as calls
from calls.models import Call, Extension, LevelDate
from calls.phases import Phase
from calls.programme import Step
from documents.models import Document
from notifications.models import Message
from office import board
from office.models import ReminderRule
from recommenders import register
from recommenders.models import Allotment, Confirmation, OverQuotaRequest, RankedList, SealedScan
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


@dataclass(frozen=True, slots=True)
class Stage:
    """One line of the funnel. ``share`` is a percentage of the first line, 0–100."""

    title: str
    count: int
    share: float
    of_last: float | None
    statuses: str
    note: str = ""


def funnel(call: Call) -> list[Stage]:
    """How many came how far; each number is the list of those who came at least that far."""
    counts = dict(
        Application.objects.filter(call=call).values_list("status").annotate(n=Count("pk"))
    )
    left = Application.objects.filter(
        call=call, status=Status.WITHDRAWN, version_number__gt=0
    ).count()
    s = Status
    table = moves(call.steps)
    stages: list[tuple[str, tuple[Status, ...], str]] = [
        ("草稿", (s.DRAFT, s.LAPSED), "只计数，不看内容"),
        ("已提交", (s.SUBMITTED, s.RETURNED), ""),
    ]
    if "recommend" in table:
        stages.append(("已推荐", (s.RECOMMENDED,), ""))
    if "accept" in table:
        stages.append(("形式审查通过", (s.ACCEPTED,), ""))
    if "start_review" in table:
        stages.append(("评审", (s.IN_REVIEW,), ""))
    stages.append(("入围", (s.FINALIST,), ""))
    reached = [sum(counts.get(status, 0) for status in group) for _, group, _ in stages]
    ended = counts.get(s.NOT_SELECTED, 0) + counts.get(s.NOT_ACCEPTED, 0) + left
    # whoever came to a later stage passed the earlier ones
    for index in range(len(reached) - 2, -1, -1):
        reached[index] += reached[index + 1]
    for index in range(2):
        reached[index] += ended
    first = reached[0] or 1
    found = []
    for index, (title, group, note) in enumerate(stages):
        previous = reached[index - 1] if index else None
        found.append(
            Stage(
                title,
                reached[index],
                round(100 * reached[index] / first, 1),
                round(100 * reached[index] / previous, 1) if previous else None,
                ",".join(group),
                note,
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class Unit:
    """A recommending unit's line: filed, used and limit, the state of its list."""

    organisation: Organisation
    submitted: int
    used: int
    limit: int | None
    state: str
    shape: str
    word: str
    changed_at: datetime | None


SHAPES = {
    L.OPEN: ("doing", "编制中"),
    L.FROZEN: ("wait", "待盖章"),
    L.SEALED: ("done", "盖章件已核对"),
    L.DELIVERED: ("done", "已报送"),
}


def units(call: Call) -> list[Unit]:
    """Every recommending unit of a call, in five queries whatever their number."""
    allotments: dict[int, list[int | None]] = {}
    for unit, limit in Allotment.objects.filter(call=call, pool="").values_list(
        "organisation", "limit"
    ):
        allotments.setdefault(unit, []).append(limit)
    used = dict(
        Confirmation.objects.filter(allotment__call=call, released_at=None)
        .values_list("allotment__organisation")
        .annotate(n=Count("pk"))
    )
    submitted = dict(
        Application.objects.filter(call=call, version_number__gt=0)
        .exclude(status=Status.WITHDRAWN)
        .values_list("recommender")
        .annotate(n=Count("pk"))
    )
    lists = {one.organisation_id: one for one in RankedList.objects.filter(call=call)}
    found = []
    for organisation in Organisation.objects.filter(pk__in=allotments).order_by("key", "pk"):
        limits = allotments[organisation.pk]
        ranked = lists.get(organisation.pk)
        begun = ranked is not None and ranked.changed_at is not None
        shape, word = SHAPES[L(ranked.state)] if ranked and begun else ("todo", "未开始")
        found.append(
            Unit(
                organisation,
                submitted.get(organisation.pk, 0),
                used.get(organisation.pk, 0),
                None if None in limits else sum(limit or 0 for limit in limits),
                ranked.state if ranked else "",
                shape,
                word,
                ranked.changed_at if ranked else None,
            )
        )
    found.sort(key=lambda unit: -unit.submitted)
    return found


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for the office: how many, and where it is dealt with."""

    title: str
    count: int
    url: str


def waiting(call: Call, at: datetime) -> list[Waiting]:
    """What waits for a decision of the office in this call."""
    requests = OverQuotaRequest.objects.filter(
        allotment__call=call, state=OverQuotaRequest.State.PENDING
    ).count()
    scans = SealedScan.objects.filter(
        list_version__list__call=call, state=SealedScan.State.MANUAL_PENDING
    ).count()
    extensions = Extension.objects.filter(call=call, state=Extension.State.PROPOSED).count()
    table = moves(call.steps)
    check = (
        Application.objects.filter(call=call, status=table["accept"].sources[0]).count()
        if "accept" in table and call.phase(at) is Phase.PROCESSING
        else 0
    )
    corrected = rounds.waiting().filter(application__call=call, by_office=True).count()
    listed = reverse("office:applications")
    late = call.paper_until is not None and call.time(at) >= call.paper_until
    paper = len(paper_missing(call)) if late else 0
    every = [
        Waiting("纸质材料逾期未收齐", paper, reverse("recommenders:paper", args=[call.code])),
        Waiting("超额申请待审批", requests, reverse("recommenders:over_quota")),
        Waiting("扫描件待复核", scans, reverse("recommenders:office_lists", args=[call.code])),
        Waiting("延期待批准", extensions, reverse("office:deadlines")),
        Waiting("修改待核对", corrected, f"{listed}?call={call.code}&correction=office"),
        Waiting("待形式审查", check, reverse("outcomes:formal_check", args=[call.code])),
    ]
    return [one for one in every if one.count]


def machinery() -> dict[str, int]:
    """Work that waits and work that failed, for the line “系统”."""
    documents = Document.objects.aggregate(
        waiting=Count("pk", filter=Q(state__in=["waiting", "rendering"], voided_at=None)),
        failed=Count("pk", filter=Q(state="failed")),
    )
    letters = Message.objects.aggregate(
        waiting=Count("pk", filter=Q(state=Message.State.WAITING)),
        failed=Count("pk", filter=Q(state=Message.State.FAILED)),
    )
    return {
        "documents_waiting": documents["waiting"],
        "documents_failed": documents["failed"],
        "letters_waiting": letters["waiting"],
        "letters_failed": letters["failed"],
    }


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


def _warning(value: datetime, key: str) -> str:
    day = board.last_day(value) if key != "filing_from" else value
    note = calls.day_note(day.astimezone(CHINA).date())
    return f"落在{note}" if note and len(note) < 20 else (note or "")


def _reminder(rule: ReminderRule, *, past: bool) -> str:
    if rule.fired_at is None:
        return f"提前 {rule.days_before} 天：{'没有发出' if past else '待发'}"
    if rule.skipped:
        return f"提前 {rule.days_before} 天：已并入后一次"
    return f"提前 {rule.days_before} 天：已发 {rule.letters} 封"
