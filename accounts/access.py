"""The only door through which a view gets a person, an invitation or a unit: invisible is 404."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import Absence, Link, Membership, Organisation, SavedView, User

EXPIRED_SHOWN = timedelta(days=30)
"""How long an expired invitation stays in the list, to be sent again."""


def unit_of(acting: Membership | None) -> Organisation:
    """The unit in which the person acts."""
    if acting is None:
        raise Http404
    return acting.organisation


def colleagues(acting: Membership | None, *, at: datetime) -> QuerySet[Membership]:
    """The memberships in force in one's own unit."""
    return (
        Membership.objects.active(at)
        .filter(organisation=unit_of(acting))
        .select_related("user")
        .order_by("role", "user__name", "pk")
    )


def colleague(acting: Membership | None, pk: int, *, at: datetime) -> Membership:
    found = colleagues(acting, at=at).select_related("user", "organisation").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def invitations(acting: Membership | None, *, at: datetime) -> QuerySet[Link]:
    """Invitations of one's own unit that were neither used nor revoked; those that expired a
    while ago are left out."""
    return Link.objects.filter(
        organisation=unit_of(acting),
        purpose=Link.Purpose.ACTIVATE,
        used_at=None,
        revoked_at=None,
        expires_at__gt=at - EXPIRED_SHOWN,
    ).order_by("-created_at")


def invitation(acting: Membership | None, pk: int, *, at: datetime) -> Link:
    found = invitations(acting, at=at).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def saved_view(user: User, pk: int) -> SavedView:
    """A saved view of one's own, also one that was removed and may be taken back."""
    found = SavedView.objects.filter(user=user, pk=pk).first()
    if found is None:
        raise Http404
    return found


def absences(acting: Membership | None) -> QuerySet[Absence]:
    """Leave in one's own unit, the latest first."""
    return Absence.objects.filter(membership__organisation=unit_of(acting)).select_related(
        "membership__user", "membership__organisation", "cover__user"
    )


def absence(acting: Membership | None, pk: int) -> Absence:
    found = absences(acting).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
