"""News from below: an application leaves the line, so nobody visits it any more."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.models import Application
from applications.signals import moved
from audit.services import Actor
from visits import services
from visits.models import Visit
from visits.stages import AHEAD

ENDING = {"withdraw": "申报单位已撤回申报", "not_accept": "形式审查未通过", "decline": "未入选"}


@receiver(moved, sender=Application)
def call_off(
    sender: type, application: Application, move: str, actor: Actor, at: datetime, **kwargs: Any
) -> None:
    """Inside the move's transaction: what lies ahead is cancelled, people are told."""
    if move not in ENDING:
        return
    for visit in Visit.objects.filter(application=application, state__in=AHEAD):
        services.cancel(visit, reason=ENDING[move], actor=actor, at=at)
