from celery import shared_task
from django.utils import timezone

from fulfilment import services


@shared_task(ignore_result=True, expires=55)
def send_task_reminders() -> None:
    """Queue the reminders of reports and milestones that are due. A second run finds none left."""
    services.fire_due(at=timezone.now())
