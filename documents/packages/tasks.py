"""The pulse of packages."""

from celery import shared_task
from django.utils import timezone

from documents.packages import services


@shared_task(ignore_result=True, expires=55)
def build_packages() -> None:
    """Build what is asked for. Any number of these may run at once."""
    services.build_waiting(at=timezone.now())


@shared_task(ignore_result=True, expires=550)
def sweep_packages() -> None:
    """Let go what was kept long enough; a second run finds nothing left."""
    services.sweep(at=timezone.now())
