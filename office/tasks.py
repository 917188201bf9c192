from celery import shared_task
from django.utils import timezone

from office import answering, extended, reminders, retention
from office.rehearsal import keeping


@shared_task(ignore_result=True, expires=55)
def send_reminders() -> None:
    """Queue the reminders that are due. Started each minute; a second run finds none left."""
    at = timezone.now()
    reminders.fire_due(at=at)
    extended.fire(at=at)
    answering.remind_unanswered(at=at)


@shared_task(ignore_result=True, expires=55)
def purge_approved() -> None:
    """Clear the personal data that two administrators let go. A second run finds none left."""
    retention.run_approved(at=timezone.now())


@shared_task(ignore_result=True, expires=55)
def play_rehearsals() -> None:
    """Play a call that the office wants rehearsed. One at a time; a second run finds none."""
    keeping.run_waiting(at=timezone.now())
