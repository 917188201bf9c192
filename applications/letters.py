"""Which letter goes to whom when an application moves."""

from collections.abc import Collection
from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import FILING
from applications.models import Application, Correction
from core.prepared import Prepared, Slot
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
    move: str,
    application: Application,
    *,
    occasion: int,
    note: str,
    at: datetime,
    people: Collection[User] | None = None,
) -> None:
    """Queue the letter of a move for the filing people of the applicant, looked up if not given."""
    if move not in TO_APPLICANT:
        return
    notifications.enqueue(
        key=f"application.{move}:{occasion}",
        to=filing_people(application, at) if people is None else people,
        template=f"applications/letters/{move}.txt",
        context={"application": application, "note": note},
        at=at,
    )


def corrected(correction: Correction, *, at: datetime) -> None:
    """To whoever returned the filing: it was submitted again and waits to be judged."""
    _of_correction(correction, "corrected", [correction.by], at=at)


def correction_accepted(correction: Correction, *, at: datetime) -> None:
    """To the filing people: nothing more is asked."""
    people = filing_people(correction.application, at)
    _of_correction(correction, "correction_accepted", people, at=at)


def _of_correction(
    correction: Correction, name: str, people: Collection[User], *, at: datetime
) -> None:
    notifications.enqueue(
        key=f"application.{name}:{correction.pk}",
        to=people,
        template=f"applications/letters/{name}.txt",
        context={"correction": correction, "application": correction.application},
        at=at,
    )


def filing_people(application: Application, at: datetime) -> set[User]:
    return {membership.user for membership in filing_memberships(application, at)}


def filing_memberships(application: Application, at: datetime) -> list[Membership]:
    """Who may work on the filing now, with the person of each."""
    return _filing(at=at, unit=application.organisation_id)


_filing = Prepared(
    lambda: (
        Membership.objects.active(Slot("at"))  # type: ignore[arg-type]
        .filter(organisation_id=Slot("unit"), role__in=FILING)
        .select_related("user")
    )
)
