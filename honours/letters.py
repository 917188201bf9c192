"""Which letter goes to whom about certificates and archives."""

from datetime import datetime

from accounts.models import Membership, User
from accounts.roles import FILING
from honours.models import Certificate
from notifications import services as notifications


def _people(organisation_id: int, *, at: datetime) -> list[User]:
    held = Membership.objects.active(at).filter(organisation=organisation_id, role__in=FILING)
    return held.order_by("pk").people()


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
