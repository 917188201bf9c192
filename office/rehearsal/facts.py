"""What of the house counts for a rehearsal: read from the real database, never written."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from accounts.models import RECOMMENDER_KINDS, Membership, Organisation
from accounts.roles import OFFICE, RECOMMENDER
from calls import services as calls
from calls.models import Call
from reviews.models import Expert


def of(call: Call, *, at: datetime) -> dict[str, Any]:
    """The payload of a rehearsal: rules and dates of the call, calendar, counts of people."""
    return {
        "rules": call.rules,
        "dates": {
            name: getattr(call, name).isoformat() if getattr(call, name) else None
            for name in calls.DATES
        },
        "calendar": {day.isoformat(): working for day, working in calls.overrides().items()},
        "facts": {
            "recommenders": recommenders(at=at),
            "experts": Expert.objects.filter(pool__key="pool").count(),
            "office": {
                str(role): Membership.objects.active(at).filter(role=role).count()
                for role in OFFICE
            },
        },
    }


def recommenders(*, at: datetime) -> dict[str, dict[str, int]]:
    """By kind: ``units``, and how many of them have ``one`` or ``two`` people who recommend."""
    serving = Q(
        memberships__role__in=RECOMMENDER,
        memberships__valid_until=None,
        memberships__valid_from__lte=at,
    )
    found: dict[str, dict[str, int]] = {}
    units = Organisation.objects.filter(kind__in=RECOMMENDER_KINDS).annotate(
        people=Count("memberships__user", filter=serving, distinct=True)
    )
    for kind, people in units.values_list("kind", "people"):
        one = found.setdefault(str(kind), {"units": 0, "one": 0, "two": 0})
        one["units"] += 1
        one["one"] += people >= 1
        one["two"] += people >= 2
    return found
