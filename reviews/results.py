"""Reading a closed round: who stood where, and where it would stand otherwise."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from calls.programme.parts import CapScope
from reviews import leaning, queries, sensitivity
from reviews.aggregation import Method
from reviews.leaning import Lean
from reviews.models import Expert, Result, Round
from reviews.pages import results_of
from reviews.sensitivity import Sway

SHORT = {
    Method.MEAN: "平均",
    Method.TRIMMED: "去高低分",
    Method.MEDIAN: "中位数",
    Method.Z_SCORE: "标准化",
}
"""Methods as heads of narrow columns."""
REACH = 20
"""Points to either side on the plot of the experts."""


@dataclass(frozen=True, slots=True)
class Line:
    """One application of the table and the plot; ``low`` to ``high`` hold every rank it takes."""

    result: Result
    sway: Sway
    low: int
    high: int
    methods: list[int]
    deciding: list[str]


@dataclass(frozen=True, slots=True)
class Swaying:
    """One direction. ``line``: how many are taken there; ``steady``: lines that move nowhere."""

    lines: list[Line]
    methods: list[str]
    line: int | None
    steady: int
    unsure: int
    """Applications that one expert would move across the line."""


def swaying(round: Round, direction: int) -> Swaying:
    """Three queries, whatever the number of applications."""
    held = {one.application_id: one for one in results_of(round, direction)}
    ranks = {key: one.rank for key, one in held.items() if one.rank is not None}
    line = cap(round)
    found = sensitivity.sways(
        ranks, queries.submitted_scores(round), method=Method(round.method), line=line
    )
    names = pseudonyms(round)
    lines = [_line(held[one.application], one, names) for one in found]
    return Swaying(
        lines,
        [SHORT[method] for method in Method],
        line,
        sum(one.sway.steady for one in lines),
        sum(bool(one.deciding) for one in lines),
    )


@dataclass(frozen=True, slots=True)
class Leaning:
    """One expert of the table and the plot. ``name``: the number experts go under; places on a
    scale from 0 (as strict as can be drawn) over ``REACH`` (as the others) to twice that."""

    name: str
    person: str
    own: Lean
    at: str
    low: str | None
    high: str | None


def leanings(round: Round, *, named: bool = True) -> list[Leaning]:
    """Three queries, whatever the number of experts and scores. ``named``: with the people."""
    found = leaning.leans(queries.submitted_scores(round))
    names = pseudonyms(round)
    people = dict(Expert.objects.filter(pool=round.pool_id).values_list("pk", "name"))
    return [
        Leaning(
            names[one.expert],
            people[one.expert] if named else "",
            one,
            _place(one.lean) or "",
            _place(one.low),
            _place(one.high),
        )
        for one in found
    ]


def _place(points: Decimal | None) -> str | None:
    """Where so many points stand on the plot; what is further out stands at its edge."""
    if points is None:
        return None
    return f"{min(max(points + REACH, Decimal(0)), Decimal(2 * REACH)):.2f}"


def _line(result: Result, sway: Sway, names: Mapping[int, str]) -> Line:
    every = [sway.low, sway.high, *sway.methods.values()]
    every += [one for one in (result.rank_low, result.rank_high) if one is not None]
    return Line(
        result,
        sway,
        min(every),
        max(every),
        [sway.methods[method] for method in Method],
        [names[expert] for expert in sway.deciding],
    )


def cap(round: Round) -> int | None:
    """How many are taken per direction by the programme; None where it sets no such cap."""
    programme = round.call.programme
    scope = CapScope.DIRECTION if programme.directions else CapScope.CALL
    tiers = [tier.key for tier in programme.decision.tiers] if programme.decision else []
    for one in programme.caps:
        if tiers and one.tier == tiers[0] and one.scope == scope:
            return int(one.limit)
    return None


def pseudonyms(round: Round) -> dict[int, str]:
    """What experts are called in everything a round hands out: a number drawn by its mask."""
    experts = sorted(
        round.assignments.order_by().values_list("expert_id", flat=True).distinct(),
        key=lambda expert: hashlib.sha256(f"{round.mask}|{expert}".encode()).digest(),
    )
    width = max(len(str(len(experts))), 2)
    return {expert: f"专家{number:0{width}d}" for number, expert in enumerate(experts, start=1)}
