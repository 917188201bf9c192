"""Each expert's share of a round: how many tasks, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Count, Q

from reviews.models import Assignment, Expert, Review, Round

State = Assignment.State
SHOWN = 50
"""So many experts are named on the page of a round; the pool's own page has them all."""


class Share(NamedTuple):
    """One expert's tasks in a round. ``ready``: takes part in reviews and has an account."""

    expert: int
    ready: bool
    proposed: int
    out: int
    undeclared: int
    submitted: int
    recused: int
    replaced: int

    @property
    def held(self) -> int:
        return self.proposed + self.out


def ready_experts(round: Round) -> frozenset[int]:
    """Those of the pool who take part in reviews and have an account."""
    ready = Expert.objects.filter(pool=round.pool_id, available=True, user__isnull=False)
    return frozenset(ready.order_by().values_list("pk", flat=True))


def shares(round: Round, ready: Collection[int]) -> list[Share]:
    """The experts that have or had tasks in the round, those with most first.

    One statement, which counts the tasks in their index and does not touch the rows.
    """
    rows = (
        round.assignments.order_by()
        .values_list("expert_id")
        .annotate(
            proposed=Count("pk", filter=Q(state=State.PROPOSED)),
            out=Count("pk", filter=Q(state=State.DEPLOYED)),
            undeclared=Count("pk", filter=Q(state=State.DEPLOYED, declared_at__isnull=True)),
            submitted=Count(
                "pk", filter=Q(state=State.DEPLOYED, review__state=Review.State.SUBMITTED)
            ),
            recused=Count("pk", filter=Q(state=State.RECUSED)),
            replaced=Count("pk", filter=Q(state=State.REPLACED)),
        )
    )
    found = [Share(expert, expert in ready, *figures) for expert, *figures in rows]
    return sorted(found, key=lambda one: (-one.held, one.expert))


def sums(found: Sequence[Share]) -> dict[str, int]:
    """Tasks of the round by what became of them."""
    names = ("proposed", "out", "undeclared", "submitted", "recused", "replaced")
    return {name: sum(getattr(one, name) for one in found) for name in names}


class Busy(NamedTuple):
    """An expert of the list beside the chart."""

    name: str
    employer: str
    capacity: int
    share: Share


def named(found: Sequence[Share], names: Mapping[int, str] | None = None) -> list[Busy]:
    """The experts with most tasks; ``SHOWN`` at most. Under ``names`` nothing else is told."""
    busiest = [one for one in found if one.held][:SHOWN]
    experts = Expert.objects.in_bulk([one.expert for one in busiest])
    return [
        Busy(
            names[one.expert] if names else experts[one.expert].name,
            "" if names else experts[one.expert].employer_name,
            experts[one.expert].capacity,
            one,
        )
        for one in busiest
    ]


def histogram(found: Sequence[Share], ready: Collection[int]) -> list[dict[str, int]]:
    """How many ready experts hold how many tasks, with the share of the tallest bar in per cent."""
    held = Counter(one.held for one in found if one.ready)
    held[0] += len(ready) - sum(held.values())
    tallest = max(held.values(), default=0) or 1
    return [
        {"tasks": tasks, "experts": count, "share": 100 * count // tallest}
        for tasks, count in sorted(held.items())
        if count
    ]
