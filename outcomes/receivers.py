"""What happens elsewhere and concerns the decision: a call opens, a filing leaves the line."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver

from applications.models import Application
from applications.signals import moved
from audit.services import Actor
from calls.models import Call
from calls.signals import opened
from outcomes.services import recording, slots, staging
from visits.models import Report, Visit
from visits.signals import concluded


@receiver(opened, sender=Call)
def make_slots(sender: type, call: Call, **kwargs: Any) -> None:
    """The caps of the programme become rows as the call opens."""
    slots.ensure(call)


@receiver(concluded, sender=Visit)
def take_up(
    sender: type, visit: Visit, report: Report, actor: Actor, at: datetime, **kwargs: Any
) -> None:
    """A visit of the ministry that everybody signed is the record of its step."""
    if visit.organisation_id is not None:
        return
    note = report.opinion
    if report.due:
        note = f"整改期限 {report.due:%Y-%m-%d}。{note}"
    recording.from_visit(
        visit.application,
        result=report.result,
        note=note,
        visit=visit.public_id,
        actor=actor,
        at=at,
    )


@receiver(moved, sender=Application)
def forget(
    sender: type,
    application: Application,
    move: str,
    before: str,
    actor: Actor,
    at: datetime,
    **kwargs: Any,
) -> None:
    """What is withdrawn or leaves otherwise takes its pending decision with it."""
    staging.forget(application, move=move, before=before, actor=actor, at=at)
