"""Who is told of a check, a rename, a merger."""

from datetime import datetime
from typing import Any

from accounts import regions
from accounts.models import Link, Membership, Organisation
from accounts.roles import APPLICANT, RECOMMENDER, Role
from notifications import services as notifications
from units.models import Change, Verification


def _tell(
    unit: Organisation, roles: tuple[Role, ...], *, key: str, at: datetime, **context: Any
) -> None:
    people = (
        Membership.objects.active(at)
        .filter(organisation=unit, role__in=roles)
        .select_related("user")
    )
    template = f"units/letters/{key.partition(':')[0]}.txt"
    for user in {membership.user for membership in people}:
        notifications.enqueue(
            key=f"unit.{key}", to=user, template=template, context={"unit": unit, **context}, at=at
        )


def verified(standing: Verification, *, at: datetime) -> None:
    key = f"verified:{standing.proof_id}"
    _tell(standing.organisation, (Role.UNIT_ADMIN,), key=key, at=at)


def returned(standing: Verification, *, at: datetime) -> None:
    key = f"returned:{standing.proof_id}"
    _tell(standing.organisation, (Role.UNIT_ADMIN,), key=key, at=at, reason=standing.reason)


def renamed(change: Change, unit: Organisation, *, before: str, at: datetime) -> None:
    key = f"renamed:{change.pk}"
    _tell(unit, (*APPLICANT, *RECOMMENDER), key=key, at=at, change=change, before=before)


def merged(change: Change, *, at: datetime) -> None:
    """The people of the unit that ends, and the administrators of the one it became part of."""
    key = f"merged:{change.pk}"
    _tell(change.organisation, APPLICANT, key=key, at=at, change=change)
    assert change.into is not None
    key = f"took_in:{change.pk}"
    _tell(change.into, (Role.UNIT_ADMIN,), key=key, at=at, change=change)


def new_administrator(
    unit: Organisation, *, link: Link, name: str, reason: str, at: datetime
) -> None:
    """Everybody in the unit, so that a wrong appointment is noticed."""
    key = f"new_administrator:{link.pk}"
    _tell(unit, APPLICANT, key=key, at=at, name=name, reason=reason)


def relocated(unit: Organisation, *, at: datetime, reason: str) -> None:
    key = f"relocated:{unit.pk}:{unit.region}:{at.isoformat()}"
    name = regions.name_of(unit.region)
    _tell(unit, APPLICANT, key=key, at=at, region=name, reason=reason)
