"""The one door to rounds, tasks and experts: what the membership a person acts in may see.

Deny wins: an expert's task does not exist for them unless it is sent out, its round is open,
and no conflict stands between them and the application, whichever pool recorded it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Membership
from accounts.policy import memberships_of
from reviews.models import Assignment, Expert, Intake, Review, Round, RoundApplication, barring
from reviews.stages import RoundState

Request = Any
"""An ``HttpRequest`` that our middleware and policy have given ``arrived_at`` and ``acting``."""

HIDDEN = "没有这个页面，或您不能查看。"
ORGANISERS = (*roles.OFFICE, *roles.RECOMMENDER)
READERS = (*ORGANISERS, roles.Role.AUDITOR)


def organiser_id(acting: Membership | None) -> int | None:
    """Whose rounds: None stands for the ministry's office, a number for a recommender."""
    if acting is None or acting.role not in ORGANISERS:
        raise Http404(HIDDEN)
    return None if acting.role in roles.OFFICE else acting.organisation_id


def reads_only(acting: Membership | None) -> bool:
    """Whether a page is shown without its acts, and experts under their numbers."""
    return acting is not None and acting.role == roles.Role.AUDITOR


def rounds(acting: Membership | None) -> QuerySet[Round]:
    """Those of the organiser; the auditor reads all."""
    if reads_only(acting):
        return Round.objects.all()
    return Round.objects.filter(organisation=organiser_id(acting))


def round(request: Request, public_id: str) -> Round:
    """A round its organiser may run (or the auditor read); to others it does not exist."""
    found = (
        rounds(request.acting)
        .select_related("call", "organisation", "pool")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def pool_experts(acting: Membership | None) -> QuerySet[Expert]:
    """The experts of the organiser's own pool."""
    owner = organiser_id(acting)
    return Expert.objects.filter(pool__kind="pool", pool__parent=owner)


def pool_expert(request: Request, pk: int) -> Expert:
    found = pool_experts(request.acting).filter(pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def intakes(acting: Membership | None) -> QuerySet[Intake]:
    """Lists brought into the organiser's own pool, newest first."""
    return Intake.objects.filter(organisation=organiser_id(acting)).defer("lines")


def intake(request: Request, public_id: str) -> Intake:
    found = (
        intakes(request.acting)
        .select_related("acting__user", "organisation")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def task_of_round(round: Round, public_id: str) -> Assignment:
    """A task as its organiser sees it; the round came through ``round``."""
    found = (
        round.assignments.select_related("expert", "application", "round")
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def entry_of_round(round: Round, number: int) -> RoundApplication:
    """An application of a round by its number there; the round came through ``round``."""
    found = (
        round.entries.select_related(
            "application__organisation", "application__direction", "application__subfield", "round"
        )
        .filter(number=number)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def my_roles(request: Request) -> list[Expert]:
    """The pool entries the signed-in person stands for now; an ended membership ends its entry."""
    pools = [m.organisation_id for m in memberships_of(request) if m.role in roles.EXPERT]
    return list(Expert.objects.filter(user=request.user.pk, pool__in=pools).order_by("pk"))


def my_tasks(request: Request) -> QuerySet[Assignment]:
    """Tasks on the expert's desk: sent out, in an open round, without any conflict."""
    return (
        Assignment.objects.filter(
            expert__in=my_roles(request),
            state=Assignment.State.DEPLOYED,
            round__state=RoundState.OPEN,
        )
        .exclude(barring())
        .select_related("round__call", "application__organisation", "application__direction")
        .select_related("expert")
    )


def my_task(request: Request, public_id: str) -> Assignment:
    """One task of the expert; recused, replaced, foreign and absent ones give the same answer."""
    found = my_tasks(request).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def review_of_round(round: Round, public_id: str) -> Review:
    found = (
        Review.objects.filter(assignment__round=round, assignment__public_id=public_id)
        .select_related("assignment__expert")
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def led_rounds(request: Request) -> QuerySet[Round]:
    """Rounds whose progress the signed-in person watches as lead (组长) of their pool."""
    pools = [m.organisation_id for m in memberships_of(request) if m.role == roles.Role.PANEL_LEAD]
    return (
        Round.objects.filter(pool__in=pools, state__in=(RoundState.OPEN, RoundState.CLOSED))
        .select_related("call")
        .order_by("-pk")
    )


def led_round(request: Request, public_id: str) -> Round:
    found = led_rounds(request).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found
