"""News from below: an expert's role taken, an application withdrawn."""

from datetime import datetime
from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Membership
from accounts.roles import EXPERT
from applications.models import Application
from applications.signals import moved
from reviews import services
from reviews.models import Expert


@receiver(post_save, sender=Membership)
def recognise(sender: type, instance: Membership, created: bool, **kwargs: Any) -> None:
    """Bind the entry with the person's address, in the transaction of the activation."""
    if created and instance.role in EXPERT:
        Expert.objects.filter(
            pool=instance.organisation_id, user__isnull=True, email__iexact=instance.user.email
        ).update(user=instance.user_id)


@receiver(moved)
def leave_the_desks(
    sender: type, application: Application, move: str, at: datetime, **kwargs: Any
) -> None:
    """Inside the move's transaction: what is withdrawn is no longer reviewed."""
    if move == "withdraw":
        services.end_withdrawn(application, at=at)
