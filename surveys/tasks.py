from celery import shared_task
from django.utils import timezone

from surveys import services


@shared_task(ignore_result=True, expires=55)
def send_surveys() -> None:
    """Queue the letters and reminders that are due. A second run finds none left."""
    at = timezone.now()
    services.send_waiting(at=at)
    services.fire_due(at=at)
