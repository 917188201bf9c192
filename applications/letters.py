"""Which letter goes to whom when an application moves."""

from datetime import datetime

from accounts.models import Membership
from accounts.roles import FILING
from applications.models import Application
from notifications import services as notifications

TO_APPLICANT = frozenset(
    {
        "submit",
        "correct",
        "return",
        "stand",
        "stand_recommended",
        "recommend",
        "expire",
        "accept",
        "not_accept",
        "select",
        "decline",
        "withdraw",
        "lapse",
    }
)


def announce(
    move: str, application: Application, *, occasion: int, note: str, at: datetime
) -> None:
    """Queue the letter of a move for the filing people of the applicant."""
    if move not in TO_APPLICANT:
        return
    people = (
        Membership.objects.active(at)
        .filter(organisation=application.organisation_id, role__in=FILING)
        .select_related("user")
    )
    for user in {membership.user for membership in people}:
        notifications.enqueue(
            key=f"application.{move}:{occasion}",
            to=user,
            template=f"applications/letters/{move}.txt",
            context={"application": application, "note": note},
            at=at,
        )
