"""Choosing an expert by hand for one application: what follows is shown before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from reviews import assignment as rule
from reviews import queries
from reviews.models import Assignment, Conflict, Expert, Round, RoundApplication


@dataclass(frozen=True, slots=True)
class Standing:
    """The assignment as it is: pairs, their mean field match, and what a point of load costs."""

    pairs: int
    matched: int

    @property
    def mean(self) -> float | None:
        return self.matched / self.pairs if self.pairs else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An expert, and what adding them would do.

    ``load``: tasks afterwards, those of other unfinished rounds included. ``mean``: the mean field
    match of the whole assignment afterwards. ``change``: what the minimised sum grows by, in points
    of match (negative: the assignment gets better). ``barred``: why it cannot be, or nothing.
    """

    expert: Expert
    match: int
    load: int
    mean: float
    change: float
    barred: str
    conflict: bool


def standing(round: Round) -> Standing:
    """The field match of all pairs that stand, added up by kind of application. Two statements."""
    found = (
        round.assignments.order_by()
        .filter(state__in=queries.LIVE)
        .values_list("application__direction__title", "application__subfield__title", "expert_id")
        .annotate(held=Count("pk"))
    )
    fields = dict(Expert.objects.filter(pool=round.pool_id).values_list("pk", "fields"))
    known: dict[tuple[str | None, str | None, tuple[str, ...]], int] = {}
    pairs = matched = 0
    for direction, subfield, expert, held in found:
        kind = (direction, subfield, tuple(fields[expert]))
        if kind not in known:
            topics = tuple(one for one in (direction, subfield) if one is not None)
            known[kind] = rule.match(topics, kind[2])
        pairs += held
        matched += held * known[kind]
    return Standing(pairs, matched)


def candidates(
    entry: RoundApplication,
    *,
    instead: Assignment | None,
    now: Standing,
    at: datetime,
    q: str = "",
) -> list[Candidate]:
    """The pool's experts who can be asked, best first; those who cannot be given it, last.

    ``instead``: the task whose expert would be replaced. A fixed number of statements.
    """
    round, application = entry.round, entry.application
    experts = queries.able_experts(round, at=at)
    if q:
        experts = experts.filter(Q(name__icontains=q) | Q(employer_name__icontains=q))
    topics = queries.topics(application)
    here = dict(
        round.assignments.order_by()
        .filter(state__in=queries.LIVE)
        .values_list("expert_id")
        .annotate(held=Count("pk"))
    )
    elsewhere = queries.loads_elsewhere(round)
    held = dict(round.assignments.filter(application=application).values_list("expert_id", "state"))
    conflicts = _conflicts(application.pk)
    pairs, matched, saved = now.pairs, now.matched, 0.0
    if instead is not None and instead.state in queries.LIVE:
        lost = rule.match(topics, tuple(instead.expert.fields))
        pairs, matched = pairs - 1, matched - lost
        saved = _cost(lost, here.get(instead.expert_id, 1) - 1)
    found = []
    for expert in experts:
        match = rule.match(topics, tuple(expert.fields))
        load = here.get(expert.pk, 0)
        conflict = conflicts.get((expert.pk, None)) or conflicts.get((None, expert.user_id), "")
        every = load + elsewhere.get(expert.pk, 0)
        found.append(
            Candidate(
                expert=expert,
                match=match,
                load=every + 1,
                mean=(matched + match) / (pairs + 1),
                change=_cost(match, load) - saved,
                barred=_barred(held.get(expert.pk), conflict, every, expert.capacity),
                conflict=bool(conflict),
            )
        )
    return sorted(found, key=lambda one: (bool(one.barred), one.change, one.expert.pk))


def _cost(match: int, load: int) -> float:
    """What one more pair costs in points of match, by the rule of the proposal."""
    return rule.MATCH - match + load * rule.LEVELLING / rule.SCALE


def _conflicts(application: int) -> dict[tuple[int | None, int | None], str]:
    """Reasons by expert and, since a person may stand in several pools, by account."""
    found: dict[tuple[int | None, int | None], str] = {}
    rows: Sequence[tuple[int, int | None, str]] = list(
        Conflict.objects.filter(application=application, state__in=queries.BARRING)
        .order_by("pk")
        .values_list("expert_id", "expert__user_id", "reason")
    )
    for expert, user, reason in rows:
        found.setdefault((expert, None), reason)
        if user is not None:
            found.setdefault((None, user), reason)
    return found


def _barred(held: str | None, conflict: str, load: int, capacity: int) -> str:
    if conflict:
        return f"须回避：{conflict}"
    if held in queries.LIVE:
        return "已在该项目的评审专家中"
    if held == Assignment.State.RECUSED:
        return "已回避该项目"
    if held == Assignment.State.REPLACED:
        return "已从该项目更换"
    if load >= capacity:
        return f"评审量已满（上限 {capacity} 项）"
    return ""
