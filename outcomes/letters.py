"""Which letter goes to whom about what is published, and about objections."""

from datetime import datetime

from accounts.models import Membership
from accounts.roles import FILING, OFFICE
from notifications import services as notifications
from outcomes.models import Award, Decision, Objection, Publication


def announced(
    publication: Publication, decisions: list[Decision] | list[Award], *, at: datetime
) -> None:
    """Tell the filing people of every unit on the list that it is announced."""
    people: dict[int, list] = {}
    for membership in (
        Membership.objects.active(at)
        .filter(
            organisation__in={one.application.organisation_id for one in decisions},
            role__in=FILING,
        )
        .select_related("user")
    ):
        people.setdefault(membership.organisation_id, []).append(membership.user)
    for decision in decisions:
        application = decision.application
        for user in {one.pk: one for one in people.get(application.organisation_id, [])}.values():
            notifications.enqueue(
                key=f"outcomes.announced:{publication.pk}:{application.pk}",
                to=user,
                template="outcomes/letters/awarded.txt"
                if publication.is_award
                else "outcomes/letters/announced.txt",
                context={"publication": publication, "application": application},
                at=at,
            )


def objection_received(objection: Objection, *, at: datetime) -> None:
    """Tell the office that there is one; the letter does not say from whom."""
    office = Membership.objects.active(at).filter(role__in=OFFICE).order_by("pk")
    for user in office.people():
        notifications.enqueue(
            key=f"outcomes.objection:{objection.pk}",
            to=user,
            template="outcomes/letters/objection.txt",
            context={"objection": objection, "publication": objection.publication},
            at=at,
        )


def revoked(decision: Decision, *, reason: str, at: datetime) -> None:
    """Tell the unit that its selection was taken back."""
    held = Membership.objects.active(at).filter(
        organisation=decision.application.organisation_id, role__in=FILING
    )
    for user in held.people():
        notifications.enqueue(
            key=f"outcomes.revoked:{decision.pk}",
            to=user,
            template="outcomes/letters/revoked.txt",
            context={"application": decision.application, "reason": reason},
            at=at,
        )


def award_revoked(award: Award, *, reason: str, at: datetime) -> None:
    """Tell the unit that its award was taken back."""
    held = Membership.objects.active(at).filter(
        organisation=award.application.organisation_id, role__in=FILING
    )
    for user in held.people():
        notifications.enqueue(
            key=f"outcomes.award_revoked:{award.pk}",
            to=user,
            template="outcomes/letters/award_revoked.txt",
            context={"application": award.application, "reason": reason},
            at=at,
        )
