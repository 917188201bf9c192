"""News from below: an application leaves the line, so nobody visits it any more."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.models import Application
from applications.signals import moved, result_shown
from applications.workflow import Status
from audit.services import Actor
from visits import services
from visits.models import Visit
from visits.stages import AHEAD

ENDING = {"withdraw": "申报单位已撤回申报", "not_accept": "形式审查未通过"}


@receiver(moved, sender=Application)
def call_off(
    sender: type, application: Application, move: str, actor: Actor, at: datetime, **kwargs: Any
) -> None:
    """Inside the move's transaction: what lies ahead is cancelled, people are told."""
    if move not in ENDING:
        return
    _cancel([application], why=ENDING[move], actor=actor, at=at)


@receiver(result_shown, sender=Application)
def call_off_declined(
    sender: type, applications: list[Application], actor: Actor, at: datetime, **kwargs: Any
) -> None:
    """Not before the result is public: a visit that is called off would tell it."""
    declined = [one for one in applications if one.status == Status.NOT_SELECTED]
    _cancel(declined, why="未入选", actor=actor, at=at)


def _cancel(applications: list[Application], *, why: str, actor: Actor, at: datetime) -> None:
    for visit in Visit.objects.filter(application__in=applications, state__in=AHEAD):
        services.cancel(visit, reason=why, actor=actor, at=at)
