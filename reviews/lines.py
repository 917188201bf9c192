"""The lines of the organiser's page: each application of a round with its tasks. Two statements.

A page holds up to 250 applications with five tasks and more each, so that only the columns that are
shown are read, and no models are made of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.safestring import SafeString

from applications.workflow import Status
from core.templatetags.jiebang import mark
from reviews.models import Assignment, Review, Round, RoundApplication
from reviews.queries import LIVE
from reviews.stages import RoundState

LATER = "手工调整或回避后不足，请增补专家"


# Drawn once: a page shows a thousand of them.
ENDED = {
    Assignment.State.RECUSED.value: mark("void", "已回避"),
    Assignment.State.REPLACED.value: mark("void", "已更换"),
}
PROPOSED = mark("todo", "拟分配")
SUBMITTED, BEGUN = mark("done", "已提交"), mark("doing", "评分中")
DECLARED, UNDECLARED = mark("todo", "未评分"), mark("wait", "未申明")


class Held(NamedTuple):
    """A task on a line. ``review``: the state of its score, nothing before one was begun.

    ``address``: of the task's page; before the tasks are sent out, of the act that removes it.
    """

    expert: str
    state: str
    declared_at: datetime | None
    review: str | None
    address: str

    @property
    def mark(self) -> SafeString:
        """How far it is."""
        if self.state in ENDED:
            return ENDED[self.state]
        if self.state == Assignment.State.PROPOSED:
            return PROPOSED
        if self.review:
            return SUBMITTED if self.review == Review.State.SUBMITTED else BEGUN
        return DECLARED if self.declared_at else UNDECLARED


@dataclass(frozen=True, slots=True)
class Line:
    """An application of the round. ``shortfall``: why it has fewer experts than it wants;
    ``choosing``: the address where one more is chosen."""

    number: int
    title: str
    unit: str
    filed_as: str
    direction: str
    withdrawn: bool
    tasks: list[Held]
    given: int
    wanted: int
    shortfall: str
    choosing: str

    @property
    def label(self) -> str:
        return RoundApplication.label_of(self.number)


def lines(
    round: Round, entries: QuerySet[RoundApplication], names: Mapping[int, str] | None = None
) -> list[Line]:
    """The lines of these entries, which may be a slice, in their order.

    With ``names`` the experts stand under those instead of their own.
    """
    rows = list(
        entries.values_list(
            "application_id",
            "number",
            "application__title",
            "application__organisation__name",
            "application__number",
            "application__direction__title",
            "application__status",
        )
    )
    by_application = held(round, [row[0] for row in rows], names)
    reasons = round.proposal.get("shortfalls", {})
    wanted = round.experts_per_application
    before, after = _around("reviews:choose", round, 0)
    found = []
    for key, number, title, unit, filed_as, direction, status in rows:
        tasks = by_application[key]
        given = standing(tasks)
        withdrawn = status == Status.WITHDRAWN
        short = given < wanted and round.state != RoundState.DRAFT and not withdrawn
        found.append(
            Line(
                number=number,
                title=title,
                unit=unit,
                filed_as=filed_as or "",
                direction=direction or "",
                withdrawn=withdrawn,
                tasks=tasks,
                given=given,
                wanted=wanted,
                shortfall=reasons.get(str(key), LATER) if short else "",
                choosing=f"{before}{number}{after}",
            )
        )
    return found


def held(
    round: Round, applications: list[int], names: Mapping[int, str] | None = None
) -> dict[int, list[Held]]:
    """By application its tasks, in the order in which they were given. One statement."""
    out = round.state not in (RoundState.DRAFT, RoundState.ASSIGNING)
    before, after = _around("reviews:task" if out else "reviews:remove", round, "0")
    found: dict[int, list[Held]] = defaultdict(list)
    for key, public_id, expert, state, declared_at, review in (
        round.assignments.filter(application__in=applications)
        .order_by("pk")
        .values_list(
            "application_id",
            "public_id",
            "expert_id" if names else "expert__name",
            "state",
            "declared_at",
            "review__state",
        )
    ):
        if names:
            expert = names[expert]
        found[key].append(Held(expert, state, declared_at, review, f"{before}{public_id}{after}"))
    return found


def standing(tasks: Iterable[Held]) -> int:
    """How many of them stand: proposed or sent out."""
    return sum(1 for task in tasks if task.state in LIVE)


def _around(name: str, round: Round, last: int | str) -> tuple[str, str]:
    """The address of a page below the round, in two parts around its last argument: resolved once
    for the many that differ in it alone."""
    before, _, after = reverse(name, args=[round.public_id, last]).rpartition(f"/{last}/")
    return f"{before}/", f"/{after}"
