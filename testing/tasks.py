from celery import shared_task
from django.utils import timezone

from testing.services import reminding


@shared_task(ignore_result=True, expires=55)
def remind_agencies() -> None:
    """Remind agencies of their dates. Started each minute; a second run finds nothing left."""
    reminding.fire_due(at=timezone.now())
