"""What happens to a list, and concerns the tasks of the units on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from audit.services import Actor
from fulfilment import services
from outcomes.models import Decision, Publication
from outcomes.signals import announced, taken_down


@receiver(announced, sender=Publication)
def start_tasks(
    sender: type,
    publication: Publication,
    decisions: Sequence[Decision],
    actor: Actor,
    at: datetime,
    **kwargs: Any,
) -> None:
    """The clock of each unit on the list begins with its publication."""
    if not publication.is_award:
        services.start(publication, decisions, actor=actor, at=at)


@receiver(taken_down, sender=Publication)
def stop_tasks(
    sender: type, publication: Publication, reason: str, actor: Actor, at: datetime, **kwargs: Any
) -> None:
    if not publication.is_award:
        services.void(publication, reason=reason, actor=actor, at=at)
        services.void_dispatch(publication, reason=reason, actor=actor, at=at)
