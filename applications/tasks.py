from celery import shared_task
from django.utils import timezone

from applications import attachments, incoming, queries, services
from applications.services import comparing
from audit.services import CLOCK
from core.errors import Refusal


@shared_task(ignore_result=True, expires=55)
def sweep_deadlines() -> None:
    """Move what the clock must move. Started each minute; a second run finds nothing left."""
    at = timezone.now()
    for application, name in queries.overdue(at):
        try:
            services.move(application, name, actor=CLOCK, at=at)
        except Refusal:
            continue  # someone was quicker: submitted, withdrawn, or moved by another worker


@shared_task(ignore_result=True, expires=55)
def check_files() -> None:
    """Files that came while the virus scanner was away are looked at when it is back."""
    attachments.check_waiting(at=timezone.now())


@shared_task(ignore_result=True, expires=1800)
def sweep_uploads() -> None:
    """Forget files that were begun and never finished."""
    incoming.sweep(at=timezone.now())


@shared_task(ignore_result=True, expires=300)
def compare_texts() -> None:
    """Compare the texts of what was submitted since the last run, for staff."""
    comparing.compare_waiting(at=timezone.now())
