"""When somebody takes an expert's role in a pool, the pool's entry learns who it is."""

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from accounts.models import Membership
from accounts.roles import EXPERT
from reviews.models import Expert


@receiver(post_save, sender=Membership)
def recognise(sender: type, instance: Membership, created: bool, **kwargs: Any) -> None:
    """Bind the entry with the person's address, in the transaction of the activation."""
    if created and instance.role in EXPERT:
        Expert.objects.filter(
            pool=instance.organisation_id, user__isnull=True, email__iexact=instance.user.email
        ).update(user=instance.user_id)
