"""Rounds of correction that wait for whoever returned the filing. Reading only."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from applications.models import Correction
from applications.workflow import Status

JUDGED_IN = (Status.SUBMITTED, Status.RECOMMENDED)
"""Where a filing can still be returned again. What went on from there was taken as it was."""


def waiting() -> QuerySet[Correction]:
    """Rounds that the applicant has answered and nobody has judged."""
    return Correction.objects.filter(
        state=Correction.State.SUBMITTED, application__status__in=JUDGED_IN
    )


def waiting_for_office() -> Coalesce:
    """How many of a call wait for the office, to be read along with calls."""
    found = waiting().filter(application__call=OuterRef("pk"), by_office=True).order_by()
    counted = found.values("application__call").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), 0)


def waiting_for(unit: int) -> QuerySet[Correction]:
    """Those a recommending unit returned; the office judges its own."""
    return waiting().filter(organisation=unit, by_office=False)


def per_call(unit: int) -> dict[int, int]:
    """How many wait for a recommending unit in each call that has any."""
    found = waiting_for(unit).order_by().values_list("application__call")
    return dict(found.annotate(n=Count("pk")))
