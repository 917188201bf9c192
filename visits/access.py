"""The one door to visits, seats and photographs.

Deny wins: a seat does not exist for its person once it ended, its visit was cancelled, the role
is gone, or a conflict stands between them and the applicant, whoever recorded it and when.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Membership
from accounts.policy import memberships_of
from visits.models import Photo, Report, Seat, Visit, barring
from visits.stages import VisitState

Request = Any
"""An ``HttpRequest`` that our middleware and policy have given ``arrived_at`` and ``acting``."""

HIDDEN = "没有这个页面，或您不能查看。"
ORGANISERS = (*roles.OFFICE, *roles.RECOMMENDER)
READERS = (*ORGANISERS, roles.Role.AUDITOR)
TEAM = (*roles.EXPERT, *roles.OFFICE, *roles.RECOMMENDER)
NEEDED = ("call", "organisation", "application__organisation", "application__direction", "version")


def owner_of(acting: Membership | None) -> int | None:
    """Whose visits are organised: None stands for the ministry's office."""
    if acting is None or acting.role not in ORGANISERS:
        raise Http404(HIDDEN)
    return None if acting.role in roles.OFFICE else acting.organisation_id


def visits(acting: Membership | None) -> QuerySet[Visit]:
    """Those a reader may see: an organiser its own, the auditor all."""
    if acting is not None and acting.role == roles.Role.AUDITOR:
        return Visit.objects.all()
    return Visit.objects.filter(organisation=owner_of(acting))


def visit(request: Request, public_id: str) -> Visit:
    found = visits(request.acting).select_related(*NEEDED).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def seat_of_visit(visit: Visit, public_id: str) -> Seat:
    """A seat as the organiser sees it; the visit came through ``visit``."""
    found = visit.seats.select_related("user", "expert").filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def report_of(visit: Visit) -> Report:
    """The report in force."""
    found = (
        visit.reports.select_related("document", "scan", "frozen_by", "scan_by")
        .filter(voided_at=None)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def photo_of_visit(visit: Visit, public_id: str, *, removed: bool = False) -> Photo:
    found = visit.photos.select_related("blob").filter(public_id=public_id).first()
    if found is None or (found.removed_at is not None and not removed):
        raise Http404(HIDDEN)
    return found


# The team ---------------------------------------------------------------------------------------


def my_seats(request: Request) -> QuerySet[Seat]:
    """Seats of the person: in force, in a role they still hold, and without any conflict."""
    held = memberships_of(request)
    pools = [one.organisation_id for one in held if one.role in roles.EXPERT]
    units = [one.organisation_id for one in held if one.role in roles.RECOMMENDER]
    official = Q(expert=None, visit__organisation__in=units)
    if any(one.role in roles.OFFICE for one in held):
        official |= Q(expert=None, visit__organisation=None)
    return (
        Seat.objects.filter(Q(expert__pool__in=pools) | official, user=request.user.pk)
        .filter(state=Seat.State.ACTIVE)
        .exclude(visit__state=VisitState.CANCELLED)
        .exclude(barring())
        .select_related("user", "expert", *(f"visit__{name}" for name in NEEDED))
        .order_by("visit__starts_at", "pk")
    )


def my_seat(request: Request, public_id: str, *, declared: bool = True) -> Seat:
    """One seat of the person; without the declaration nothing of the site can be read."""
    found = my_seats(request).filter(public_id=public_id).first()
    if found is None or (declared and found.declared_at is None):
        raise Http404(HIDDEN)
    return found


# The applicant ----------------------------------------------------------------------------------


def invited(acting: Membership | None) -> QuerySet[Visit]:
    """Visits to the unit in which the person acts."""
    if acting is None or acting.role not in roles.APPLICANT:
        raise Http404(HIDDEN)
    return (
        Visit.objects.filter(application__organisation=acting.organisation_id)
        .select_related(*NEEDED)
        .order_by("-starts_at", "-pk")
    )


def invitation(request: Request, public_id: str) -> Visit:
    found = invited(request.acting).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found
