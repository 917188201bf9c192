"""What the pages of a recommender show, put together from fixed numbers of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse

from accounts import regions
from applications import rounds
from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from calls.phases import Phase
from calls.programme import Step
from recommenders import clashing, liststates, queries, scores, sheets
from recommenders.models import (
    Allotment,
    Confirmation,
    ListVersion,
    OverQuotaRequest,
    RankedList,
    Reserve,
    SealedScan,
)
from recommenders.quota import Ledger, combine
from recommenders.scores import Score


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list, of the reserve, or of what is not listed."""

    application: Application
    rank: int = 0
    note: str = ""
    region: str = ""
    pending: bool = False
    pool: str = ""
    condition: str = ""
    explained: bool = False
    score: Score | None = None
    warnings: tuple[clashing.Warning, ...] = ()


@dataclass(slots=True)
class Filters:
    q: str = ""
    direction: str = ""
    region: str = ""
    directions: list[tuple[str, str]] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)

    @property
    def active(self) -> bool:
        return bool(self.q or self.direction or self.region)

    def take(self, line: Line) -> bool:
        application = line.application
        words = f"{application.title}{application.organisation.name}{application.number}"
        return (
            (not self.q or self.q.lower() in words.lower())
            and (
                not self.direction
                or (
                    application.direction is not None
                    and application.direction.key == self.direction
                )
            )
            and (not self.region or line.region == self.region)
        )


def region_of(application: Application) -> str:
    return sheets.region_words(regions.name_of(application.organisation.region))


def lines(ranked: RankedList, *, desk: bool = False) -> tuple[list[Line], list[Line], list[Line]]:
    """Recommended, in reserve, and submitted but not listed.

    ``desk`` adds what the unit alone sees beside its lines: its own scores and the warnings of
    what it recommends.
    """
    held = list(queries.live(ranked.call_id, ranked.organisation_id))
    known = scores.of(ranked.call_id, ranked.organisation_id) if desk else {}
    warned = clashing.of_list(ranked.call, [one.application for one in held]) if desk else {}
    asked = set(
        queries.pending_requests(ranked.call, ranked.organisation_id).values_list(
            "application", flat=True
        )
    )
    above = [
        Line(
            one.application,
            one.rank,
            one.note,
            region_of(one.application),
            pool=one.allotment.pool,
            condition="" if one.condition_met_at else one.condition,
            explained=bool(one.clash_reason),
            score=known.get(one.application_id),
            warnings=tuple(warned.get(one.application_id, ())),
        )
        for one in held
    ]
    below = [
        Line(
            one.application,
            one.rank,
            one.note,
            region_of(one.application),
            one.application_id in asked,
            score=known.get(one.application_id),
        )
        for one in Reserve.objects.filter(list=ranked)
        .select_related("application__organisation", "application__direction")
        .order_by("rank", "pk")
    ]
    listed = [line.application.pk for line in below]
    rest = [
        Line(one, region=region_of(one), pending=one.pk in asked, score=known.get(one.pk))
        for one in Application.objects.filter(
            call=ranked.call_id,
            recommender=ranked.organisation_id,
            status__in=[Status.SUBMITTED, Status.RETURNED],
            version_number__gt=0,
        )
        .exclude(pk__in=listed)
        .exclude(confirmations__in=Confirmation.objects.filter(released_at__isnull=True))
        .select_related("organisation", "direction")
        .order_by("-submitted_at", "pk")
    ]
    return above, below, rest


def dropped_out(ranked: RankedList) -> list[Confirmation]:
    """Lines that fell off the list by themselves since the unit last recommended one.

    What the unit took down itself is not among them.
    """
    mine = Confirmation.objects.filter(
        allotment__call=ranked.call_id, allotment__organisation=ranked.organisation_id
    )
    last = mine.order_by("-confirmed_at").values_list("confirmed_at", flat=True).first()
    if last is None:
        return []
    return list(
        mine.filter(released_at__gte=last, application__status__in=GONE)
        .select_related("application__organisation")
        .order_by("released_at", "pk")
    )


GONE = (Status.WITHDRAWN, Status.NOT_ACCEPTED, Status.LAPSED)


def pools(ranked: RankedList) -> list[str]:
    """The side pools whose places the unit can choose for a filing; the own quota is ''."""
    found = Allotment.objects.filter(
        call=ranked.call_id, organisation=ranked.organisation_id
    ).exclude(pool="")
    return sorted(set(found.values_list("pool", flat=True)))


def filters(params: Any, every: list[Line]) -> Filters:
    directions = {
        line.application.direction.key: line.application.direction.title
        for line in every
        if line.application.direction
    }
    return Filters(
        q=params.get("q", "").strip(),
        direction=params.get("direction", ""),
        region=params.get("region", ""),
        directions=sorted(directions.items(), key=lambda pair: pair[1]),
        regions=sorted({line.region for line in every if line.region}),
    )


def meters(ranked: RankedList) -> tuple[Ledger, list[Ledger]]:
    """The sum shown on top, and each scope where there are several.

    Side pools are not counted in the unit's own quota: they stand in the rows alone.
    """
    found = [ledger for _, ledger in queries.ledgers(ranked.call, ranked.organisation_id)]
    if not found:
        return Ledger(limit=0), []
    own = [ledger for ledger in found if not ledger.pool] or found
    return combine(own), found if len(found) > 1 else []


def steps(
    ranked: RankedList,
    *,
    used: int,
    reserve: int,
    version: ListVersion | None,
    scan: SealedScan | None,
) -> list[dict[str, Any]]:
    """The rail: 排序 → 确认名单 → 打印盖章 → 扫描上传 → 报送."""
    state = ranked.state
    sealed = queries.needs_scan(ranked)
    done = {
        liststates.OPEN: 0,
        liststates.FROZEN: 2,
        liststates.SEALED: 4,
        liststates.DELIVERED: 5,
    }[state]
    if state == liststates.OPEN and used:
        done = 1
    if state == liststates.FROZEN and version and version.document and version.document.is_ready:
        done = 3
    code = ranked.call.code
    every = [
        ("排序", f"{used} 项推荐，{reserve} 项备选", reverse("recommenders:list", args=[code])),
        (
            "确认名单",
            f"第 {version.number} 版，指纹 {version.hash[:8]}"
            if version
            else "确认后锁定，生成指纹",
            reverse("recommenders:confirm", args=[code]),
        ),
        (
            "生成汇总表并打印盖章",
            "A4 横向，每页有二维码与指纹",
            reverse("recommenders:sheet", args=[code]) if version else "",
        ),
        (
            "扫描上传",
            "逐页相符" if scan else "系统逐页比对" if sealed else "本批次不作要求，可选",
            reverse("recommenders:scan", args=[code]) if version else "",
        ),
        ("报送", f"同时通知 {used} 个项目的申报单位打印盖章", ""),
    ]
    return [
        {
            "title": title,
            "note": note,
            "url": url,
            "state": "done" if n < done else "now" if n == done else "",
        }
        for n, (title, note, url) in enumerate(every)
    ]


def steps_left(found: list[dict[str, Any]]) -> int:
    return sum(step["state"] != "done" for step in found)


@dataclass(frozen=True, slots=True)
class Desk:
    """One call on the home page of a unit: how far it is, what is next, until when."""

    call: Call
    url: str
    state: str
    next: str
    until: datetime | None
    now: datetime
    ledger: Ledger | None
    filed: int
    corrected: int = 0
    """Corrections of filings it returned that wait for its judgement."""


def desks(unit_id: int, *, at: datetime) -> list[Desk]:
    """The calls in which a unit recommends or preselects, running ones first."""
    corrected = rounds.per_call(unit_id)
    found = [_list_desk(one, corrected, at=at) for one in _lists(unit_id)]
    known = {desk.call.pk for desk in found}
    below = (
        Call.objects.exclude(state=Call.State.PREPARING)
        .exclude(pk__in=known)
        .filter(Q(applications__preselector=unit_id) | Q(applications__preselector__parent=unit_id))
        .annotate(filed=Count("applications", distinct=True))
        .order_by("-pk")
    )
    for call in below:
        if Step.PRESELECTION in call.steps:
            found.append(
                Desk(
                    call,
                    reverse("recommenders:area", args=[call.code]),
                    call.phase_title(at),
                    "初审并上报本地区的申报",
                    call.recommendation_until,
                    call.time(at),
                    None,
                    call.filed,  # type: ignore[attr-defined]
                    corrected.get(call.pk, 0),
                )
            )
    return found


def _lists(unit_id: int) -> list[RankedList]:
    return list(
        RankedList.objects.filter(organisation=unit_id)
        .exclude(call__state=Call.State.PREPARING)
        .select_related("call", "organisation")
        .order_by("call__state", "-call__filing_until", "-pk")
    )


NEXT = {
    liststates.OPEN: "排序并确认名单",
    liststates.FROZEN: "打印盖章，上传扫描件",
    liststates.SEALED: "报送名单",
    liststates.DELIVERED: "已报送，按要求寄送纸质材料",
}


def _list_desk(ranked: RankedList, corrected: dict[int, int], *, at: datetime) -> Desk:
    phase = ranked.call.phase(at)
    ledger, _ = meters(ranked)
    what = NEXT[ranked.state]
    if phase in (Phase.ANNOUNCED, Phase.FILING):
        what = "申报进行中，可查看申报情况"
    elif ranked.flagged_at:
        what = "名单逾期未确认，请与主管部门联系"
    return Desk(
        ranked.call,
        reverse("recommenders:list", args=[ranked.call.code]),
        ranked.get_state_display(),
        what,
        queries.own_deadline(ranked),
        ranked.call.time(at),
        ledger,
        sum(queries.counts(ranked.call, ranked.organisation_id).values()),
        corrected.get(ranked.call_id, 0),
    )


def requests_of(ranked: RankedList) -> list[OverQuotaRequest]:
    return list(
        OverQuotaRequest.objects.filter(
            allotment__call=ranked.call_id, allotment__organisation=ranked.organisation_id
        )
        .exclude(state=OverQuotaRequest.State.CANCELLED)
        .select_related("application", "proposed_by", "decided_by")
        .order_by("-proposed_at")
    )
