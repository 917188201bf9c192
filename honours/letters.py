"""Which letter goes to whom about certificates and archives."""

from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import FILING
from honours.models import Certificate
from notifications import services as notifications


def _people(organisation_id: int, *, at: datetime) -> list[User]:
    rows = (
        Membership.objects.active(at)
        .filter(organisation=organisation_id, role__in=FILING)
        .select_related("user")
        .order_by("pk")
    )
    return list({row.user_id: row.user for row in rows}.values())


def certificate_ended(certificate: Certificate, *, at: datetime) -> None:
    """Tell the unit that its certificate no longer holds, and which one does."""
    for user in _people(certificate.application.organisation_id, at=at):
        notifications.enqueue(
            key=f"honours.certificate_ended:{certificate.pk}",
            to=user,
            template="honours/letters/certificate_ended.txt",
            context={"certificate": certificate, "application": certificate.application},
            at=at,
        )
