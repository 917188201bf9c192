from celery import shared_task
from django.utils import timezone

from notifications import services


@shared_task(ignore_result=True, expires=55)
def send_messages() -> None:
    """Send the letters that are due. Started every few seconds; a second run finds none left."""
    services.send_waiting(at=timezone.now())
