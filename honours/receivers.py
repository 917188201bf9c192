"""What follows from a list: the register, the library and the certificates, in one transaction."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from audit.services import Actor
from honours.services import certificates, library, winners
from outcomes.models import Publication
from outcomes.signals import announced, taken_down


@receiver(announced, sender=Publication)
def follow(
    sender: type,
    publication: Publication,
    decisions: list[Any],
    actor: Actor,
    at: datetime,
    **kwargs: Any,
) -> None:
    """A list is announced. The certificates come last: their numbers hold a counter's row."""
    library.follow(publication, decisions, actor=actor, at=at)
    if publication.is_award:
        winners.enter(publication, decisions, actor=actor, at=at)
    certificates.issue(publication, decisions, actor=actor, at=at)


@receiver(taken_down, sender=Publication)
def undo(
    sender: type,
    publication: Publication,
    decisions: list[Any],
    reason: str,
    actor: Actor,
    at: datetime,
    **kwargs: Any,
) -> None:
    """A list is taken down: what followed from it no longer holds."""
    applications = [one.application for one in decisions]
    library.close(publication, applications, at=at)
    if publication.is_award:
        winners.withdraw(publication, applications, reason=reason, actor=actor, at=at)
    certificates.end_all(publication, reason=reason, actor=actor, at=at)
