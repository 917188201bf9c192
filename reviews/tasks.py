from celery import shared_task
from django.utils import timezone

from reviews import services


@shared_task(ignore_result=True, expires=590)
def remind_experts() -> None:
    """Remind experts who are behind. A second run finds nobody left to remind."""
    services.remind_behind(at=timezone.now())
