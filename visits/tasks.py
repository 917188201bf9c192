from celery import shared_task
from django.utils import timezone

from visits import services


@shared_task(ignore_result=True, expires=590)
def remind_visits() -> None:
    """Queue the reminders of visits that are due. A second run finds none left."""
    services.remind(at=timezone.now())
