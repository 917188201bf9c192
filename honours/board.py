"""The award board: places with their slots, the finalists of one, what is staged and missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from calls.programme import CapScope, Step, TierStage
from fulfilment.states import State
from honours import standing
from outcomes import board as deciding
from outcomes import rules
from outcomes.board import Meter, Place, Vacancy, place_key
from outcomes.models import Award, SlotRequest

AWARD = TierStage.AWARD


@dataclass(slots=True)
class Line:
    """One finalist on the board."""

    application: Application
    standing: standing.Standing
    award: Award | None = None
    rank: int | None = None
    gap: Decimal | None = None
    tier_title: str = ""
    asked: bool = False
    tied: bool = False
    room: int = 0
    below: bool = False
    reserve: int = 0
    cut: str = ""

    @property
    def open(self) -> bool:
        """Whether it can be staged or taken back."""
        return self.award is None or self.award.is_pending

    @property
    def mark(self) -> tuple[str, str]:
        return mark_of(self.award, self.tier_title, tied=self.tied)


def mark_of(award: Award | None, tier: str, *, tied: bool = False) -> tuple[str, str]:
    """The shape and the words of an award, as the status mark takes them."""
    if award is None:
        return ("fix", "待定") if tied else ("todo", "未拟定")
    if award.state == Award.State.REVOKED:
        return ("void", "已取消")
    if award.is_select:
        return ("done", f"拟{tier}" if award.is_pending else tier)
    return ("no", "拟不授予" if award.is_pending else "不授予")


def finalists(call: Call) -> Any:
    """Whom the award is about: selected, and announced where the programme announces."""
    found = Application.objects.filter(call=call, status=Status.FINALIST)
    if Step.ANNOUNCEMENT in call.steps:
        found = found.filter(decision__announcement__isnull=False)
    return found.select_related(
        "organisation", "recommender", "direction", "subfield", "award", "task"
    ).order_by("direction__order", "number", "pk")


def pending(call: Call) -> list[Award]:
    """What is staged, in the order people read it."""
    return list(
        Award.objects.filter(application__call=call, state=Award.State.PENDING)
        .select_related(
            "application__organisation",
            "application__direction",
            "application__subfield",
            "application__recommender",
            "application__call",
            "proposed_by",
        )
        .order_by("application__direction__order", "application__direction", "application__number")
    )


def undecided(call: Call) -> list[int]:
    """Finalists whose work is done and that nobody staged, by their keys."""
    waiting = finalists(call).filter(award__isnull=True)
    if Step.TASK in call.steps:
        waiting = waiting.filter(task__state__in=[State.READY, State.ENDED])
    return list(waiting.values_list("pk", flat=True))


def fingerprint_of(call: Call, staged: Sequence[Award] | None = None) -> str:
    """The fingerprint of everything that applying would do and would leave undone."""
    found = pending(call) if staged is None else staged
    rows: list[dict[str, Any]] = [
        {
            "id": one.application_id,
            "outcome": one.outcome,
            "tier": one.tier,
            "reason": one.reason,
            "exception": one.exception,
        }
        for one in found
    ]
    rows += [{"id": pk, "outcome": "undecided"} for pk in undecided(call)]
    return rules.list_hash(rows)


def places(call: Call) -> list[Place]:
    """Every place with its slots and counts, in a fixed number of queries."""
    unit = deciding.unit_of(call, AWARD)
    found = {place.key: place for place in deciding.empty_places(call, unit, AWARD)}
    tiers = call.programme.tiers_of(AWARD)
    for application in finalists(call):
        key = place_key(application, unit)
        place = found.setdefault(
            key,
            Place(key, "未选方向", meters=[Meter(tier.key, tier.title) for tier in tiers]),
        )
        award = getattr(application, "award", None)
        place.waiting += award is None or award.is_pending
        if award is None or award.state == Award.State.REVOKED:
            continue
        place.staged += award.is_pending
        for meter in place.meters:
            meter.used += award.is_select and award.tier == meter.tier
    return list(found.values())


def call_meters(call: Call) -> list[Meter]:
    """Caps over the whole call, where the board itself is divided more finely."""
    if deciding.unit_of(call, AWARD) is CapScope.CALL:
        return []
    found = list(deciding.caps_at(call, CapScope.CALL, AWARD).values())
    for meter in found:
        meter.used = (
            Award.objects.filter(application__call=call, outcome="win", tier=meter.tier)
            .exclude(state=Award.State.REVOKED)
            .count()
        )
    return found


def vacancies(call: Call) -> list[Vacancy]:
    """Capped places whose slots would stay empty after everything staged is applied."""
    return [
        Vacancy(place.title, meter.title, meter.free)
        for place in [*places(call), Place("", "本批次", meters=call_meters(call))]
        for meter in place.meters
        if meter.free
    ]


def lines(call: Call, key: str) -> list[Line]:
    """The finalists of a place, best result first; those without one last. Fixed queries."""
    unit = deciding.unit_of(call, AWARD)
    here = [one for one in finalists(call) if place_key(one, unit) == key]
    standings = standing.of(call, here)
    titles = {tier.key: tier.title for tier in call.programme.tiers}
    asked = set(
        SlotRequest.objects.filter(
            application__in=[one.pk for one in here], state=SlotRequest.State.PENDING
        ).values_list("application_id", flat=True)
    )
    found = []
    for one in here:
        award = getattr(one, "award", None)
        found.append(
            Line(
                one,
                standings[one.pk],
                award=award,
                tier_title=titles.get(award.tier, "") if award else "",
                asked=one.pk in asked,
            )
        )
    found.sort(key=_order)
    _rank(found)
    return found


def _order(line: Line) -> tuple[bool, bool, Decimal, str]:
    total = line.standing.total
    return (
        bool(line.standing.barred),
        total is None,
        -(total or Decimal(0)),
        line.application.number,
    )


def _rank(rows: Sequence[Line]) -> None:
    """Ranks within the place: equal totals share one, and the next is left out. ``gap`` is how
    far a line is below the one above it, in points."""
    ranked = [one for one in rows if one.standing.total is not None and not one.standing.barred]
    totals = [one.standing.total for one in ranked]
    for number, line in enumerate(ranked):
        line.rank = totals.index(line.standing.total) + 1
        above = totals[number - 1] if number else None
        own = line.standing.total
        line.gap = above - own if above is not None and own is not None else None


def draw_cut(rows: Sequence[Line], meter: Meter | None) -> rules.Cut | None:
    """Mark the cap line, ties across it, the rows below and their place in the reserve."""
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
        line.reserve = index - found.after + 1 if line.below else 0
    if found.after < len(ranked):
        first = ranked[found.after]
        words = f"上限 {meter.limit} 个"
        if found.tied:
            words += "：并列跨线，须复议或空缺"
        elif first.gap is not None:
            words += f"，线上线下相差 {first.gap:.2f} 分"
        first.cut = words
    return found
