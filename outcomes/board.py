"""The decision board: places with their slots, the ranked rows of one, and what is missing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Q

from applications.models import Application
from applications.workflow import Status
from calls.models import Call, SubField
from calls.programme import ALL_SUBFIELDS, CapScope, Step, Tier, TierStage
from core.figures import whole_or
from outcomes import queries, rules
from outcomes.models import Decision, SlotGroup, SlotRequest, StepRecord
from panels.models import PanelResult

SEEN = ("call", "direction", "subfield", "organisation", "recommender", "decision")


@dataclass(slots=True)
class Meter:
    """How much of one tier is used in one place; without a cap ``limit`` is None."""

    tier: str
    title: str
    limit: int | None = None
    soft: bool = False
    source: str = ""
    used: int = 0
    granted: int = 0

    @property
    def free(self) -> int:
        return 0 if self.limit is None else max(self.limit + self.granted - self.used, 0)


@dataclass(slots=True)
class Place:
    """One place of the board: a direction, a sub-field, or the whole call (key ``all``)."""

    key: str
    title: str
    note: str = ""
    waiting: int = 0
    staged: int = 0
    meters: list[Meter] = field(default_factory=list)

    @property
    def first(self) -> Meter | None:
        return self.meters[0] if self.meters else None


@dataclass(slots=True)
class Line:
    """One application on the board."""

    application: Application
    rank: int | None = None
    score: Decimal | None = None
    interval: tuple[int, int] | None = None
    reviews: int = 0
    flags: tuple[str, ...] = ()
    tied: bool = False
    room: int = 0
    below: bool = False
    reserve: int = 0
    cut: str = ""
    missing: tuple[str, ...] = ()
    decision: Decision | None = None
    asked: bool = False
    open: bool = True
    tier_title: str = ""
    panel: PanelResult | None = None
    before: tuple[Decimal | None, int | None] | None = None
    """Score and rank of the round, where the meeting's stand in their place."""

    @property
    def mark(self) -> tuple[str, str]:
        """The shape and the words of where its decision stands."""
        return mark_of(self.decision, self.tier_title, tied=self.tied)


@dataclass(frozen=True, slots=True)
class Vacancy:
    title: str
    tier: str
    free: int


def mark_of(decision: Decision | None, tier: str, *, tied: bool = False) -> tuple[str, str]:
    """The shape and the words of a decision, as the status mark takes them."""
    if decision is None:
        return ("fix", "待定") if tied else ("todo", "未拟定")
    if decision.state == Decision.State.REVOKED:
        return ("void", "已取消")
    if decision.is_select:
        return ("done", f"拟{tier}" if decision.is_pending else tier)
    return ("no", "拟不入选" if decision.is_pending else "不入选")


def unit_of(call: Call, stage: TierStage = TierStage.SELECTION) -> CapScope:
    """By what the board is divided: as finely as its caps are, else by direction if it has any."""
    tiers = {tier.key for tier in call.programme.tiers_of(stage)}
    scopes = {cap.scope for cap in call.programme.caps if cap.tier in tiers}
    if CapScope.SUBFIELD in scopes:
        return CapScope.SUBFIELD
    if CapScope.DIRECTION in scopes or call.programme.directions or call.directions.exists():
        return CapScope.DIRECTION
    return CapScope.CALL


def selection_tiers(call: Call) -> tuple[Tier, ...]:
    return call.programme.tiers_of(TierStage.SELECTION)


def place_key(application: Application, unit: CapScope) -> str:
    if unit is CapScope.SUBFIELD:
        return f"s{application.subfield_id or 0}"
    if unit is CapScope.DIRECTION:
        return f"d{application.direction_id or 0}"
    return "all"


def places(call: Call) -> list[Place]:
    """Every place with its slots and counts, in a fixed number of queries."""
    unit = unit_of(call)
    tiers = selection_tiers(call)
    found = {place.key: place for place in empty_places(call, unit, TierStage.SELECTION)}
    rows = (
        Application.objects.filter(call=call, status__in=_shown_statuses(call))
        .select_related("decision")
        .only(
            "direction_id",
            "subfield_id",
            "status",
            "decision__tier",
            "decision__state",
            "decision__outcome",
            "decision__application_id",
        )
    )
    waits = queries.waiting_status(call)
    for application in rows:
        place = found.setdefault(
            place_key(application, unit),
            Place(
                place_key(application, unit),
                "未选方向",
                meters=[Meter(tier.key, tier.title) for tier in tiers],
            ),
        )
        place.waiting += application.status == waits
        decision = getattr(application, "decision", None)
        if decision is None or decision.state == Decision.State.REVOKED:
            continue
        place.staged += decision.is_pending
        for meter in place.meters:
            meter.used += decision.is_select and decision.tier == meter.tier
    return list(found.values())


def empty_places(call: Call, unit: CapScope, stage: TierStage) -> list[Place]:
    """The places of a board with the meters of the stage's tiers, nothing used yet."""
    caps = caps_at(call, unit, stage)
    found = _places(call, unit)
    for place in found:
        place.meters = [
            caps.get((place.key, tier.key)) or Meter(tier.key, tier.title)
            for tier in call.programme.tiers_of(stage)
        ]
    return found


def _places(call: Call, unit: CapScope) -> list[Place]:
    if unit is CapScope.CALL:
        return [Place("all", "全部申报")]
    if unit is CapScope.DIRECTION:
        return [Place(f"d{one.pk}", one.title) for one in call.directions.all()]
    return [
        Place(
            f"s{one.pk}",
            one.direction.title if one.key == ALL_SUBFIELDS else one.title,
            note="整个方向" if one.key == ALL_SUBFIELDS else one.direction.title,
        )
        for one in SubField.objects.filter(direction__call=call)
        .select_related("direction")
        .order_by("direction__order", "direction", "order", "pk")
    ]


def caps_at(call: Call, unit: CapScope, stage: TierStage) -> dict[tuple[str, str], Meter]:
    """Meters of the caps of a stage that stand at the board's own unit."""
    titles = {tier.key: tier.title for tier in call.programme.tiers_of(stage)}
    found: dict[tuple[str, str], Meter] = {}
    rows = SlotGroup.objects.filter(call=call, kind=unit.value, tier__in=titles)
    granted: dict[int, int] = defaultdict(int)
    for pk in SlotGroup.objects.filter(call=call, slots__granted_for__isnull=False).values_list(
        "pk", flat=True
    ):
        granted[pk] += 1
    for group in rows:
        key = {
            "call": "all",
            "direction": f"d{group.direction_id}",
            "subfield": f"s{group.subfield_id}",
        }[group.kind]
        found[key, group.tier] = Meter(
            group.tier,
            titles[group.tier],
            group.limit,
            group.soft,
            group.source,
            granted=granted[group.pk],
        )
    return found


def _shown_statuses(call: Call) -> tuple[str, ...]:
    return (queries.waiting_status(call), Status.FINALIST, Status.NOT_SELECTED)


def call_meters(call: Call) -> list[Meter]:
    """Caps over the whole call, where the board itself is divided more finely."""
    if unit_of(call) is CapScope.CALL:
        return []
    found = list(caps_at(call, CapScope.CALL, TierStage.SELECTION).values())
    for meter in found:
        meter.used = (
            Decision.objects.filter(application__call=call, outcome="select", tier=meter.tier)
            .exclude(state=Decision.State.REVOKED)
            .count()
        )
    return found


def lines(call: Call, key: str) -> list[Line]:
    """The applications of a place, best first; those without a rank last. Fixed queries."""
    decided = Q(status=queries.waiting_status(call)) | Q(decision__isnull=False)
    here = list(
        Application.objects.filter(decided, _here(key), call=call, status__in=_shown_statuses(call))
        .select_related(*SEEN)
        .order_by("number", "pk")
    )
    ranked = {row.application.pk: row for row in queries.ranking(call)}
    records = queries.latest_records(here)
    asked = set(
        SlotRequest.objects.filter(
            application__in=[one.pk for one in here], state=SlotRequest.State.PENDING
        ).values_list("application_id", flat=True)
    )
    found = [_line(call, one, ranked.get(one.pk), records, asked) for one in here]
    _add_panel(call, found)
    found.sort(key=lambda line: (line.rank is None, line.rank or 0, line.application.number))
    return found


def _add_panel(call: Call, found: list[Line]) -> None:
    """After a meeting its score and rank are shown, with those of the round beside them."""
    held, talked = queries.panel_results(call), queries.under_discussion(call)
    asked = Step.PANEL in call.steps
    for line in found:
        panel = held.get(line.application.pk)
        if panel is not None:
            line.panel, line.before = panel, (line.score, line.rank)
            line.score, line.rank = panel.score, panel.rank
            line.flags = tuple(panel.flag_words)
        elif line.application.pk in talked:
            line.missing = (*line.missing, "会议评审未结束")
        elif asked and line.open:
            line.flags = (*line.flags, "未经会议评审")


def _here(key: str) -> Q:
    """The condition for a place's key."""
    pk = whole_or(key[1:], 0)
    if key.startswith("d"):
        return Q(direction=pk) if pk else Q(direction__isnull=True)
    if key.startswith("s"):
        return Q(subfield=pk) if pk else Q(subfield__isnull=True)
    return Q()


def _line(
    call: Call,
    application: Application,
    row: queries.reviews.Row | None,
    records: dict[tuple[int, str], StepRecord],
    asked: set[int],
) -> Line:
    missing = []
    decision = getattr(application, "decision", None)
    tier = call.programme.tier(decision.tier) if decision and decision.tier else None
    for step in rules.before_decision(call.steps):
        record = records.get((application.pk, step))
        title = call.programme.step_title(step)
        if record is None:
            missing.append(f"未登记{title}")
        elif record.is_in_the_way:
            missing.append(f"{title}{record.get_result_display()}")
    return Line(
        application=application,
        rank=row.rank if row else None,
        score=row.score if row else None,
        interval=row.interval if row else None,
        reviews=row.reviews if row else 0,
        flags=row.flag_words if row else (),
        missing=tuple(missing),
        decision=decision,
        tier_title=tier.title if tier else "",
        asked=application.pk in asked,
        open=application.status == queries.waiting_status(call),
    )


def draw_cut(rows: Sequence[Line], meter: Meter | None) -> rules.Cut | None:
    """Mark the cap line, ties across it and the rows below it. Returns where it stands."""
    ranked = [line for line in rows if line.rank is not None]
    if meter is None or meter.limit is None or not ranked:
        return None
    found = rules.cut([line.rank for line in ranked], meter.limit)
    if found is None:
        return None
    for index, line in enumerate(ranked):
        line.tied = index in found.tied
        line.room = meter.limit - min(found.tied, default=0)
        line.below = index >= found.after
    words = f"上限 {meter.limit} 个"
    for number, line in enumerate((line for line in ranked if line.below), start=1):
        line.reserve = number
    if not found.tied and (apart := _apart(ranked, found.after)):
        words += f"，线上线下相差 {apart} 分"
    if found.tied:
        words += "：并列跨线，须复议或空缺"
    if found.after < len(ranked):
        ranked[found.after].cut = words
    return found


def _apart(ranked: Sequence[Line], after: int) -> str:
    """How far the first below the line is from the last above it, in points."""
    if not 0 < after < len(ranked):
        return ""
    above, below = ranked[after - 1].score, ranked[after].score
    return f"{above - below:.2f}" if above is not None and below is not None else ""


def vacancies(call: Call) -> list[Vacancy]:
    """Capped places whose slots would stay empty after everything staged is applied."""
    found = []
    for place in [*places(call), Place("", "本批次", meters=call_meters(call))]:
        for meter in place.meters:
            if meter.free:
                found.append(Vacancy(place.title, meter.title, meter.free))
    return found
