from celery import shared_task
from django.utils import timezone

from reviews import services


@shared_task(ignore_result=True, expires=590)
def remind_experts() -> None:
    """Remind experts who are behind. A second run finds nobody left to remind."""
    services.remind_behind(at=timezone.now())


@shared_task(ignore_result=True, expires=55)
def take_in_experts() -> None:
    """Take in the lists that wait. Any number of these may run at once."""
    services.take_in_waiting(at=timezone.now())
