from celery import shared_task
from django.utils import timezone

from audit import checking, services


@shared_task(ignore_result=True, expires=30, while_sealed=True)
def chain_entries() -> None:
    """Link what has been written since the last run. A second run finds nothing left."""
    while services.chain() == services.LINKS_AT_ONCE:
        pass


@shared_task(ignore_result=True, expires=55, while_sealed=True)
def run_checks() -> None:
    """Do the verification that was asked for, if there is one."""
    checking.run_waiting(at=timezone.now())
