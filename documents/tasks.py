"""The pulse that draws waiting documents."""

from celery import shared_task
from django.utils import timezone

from documents import previews, services


@shared_task(ignore_result=True, expires=55)
def render_documents() -> None:
    """Draw what is waiting. Any number of these may run at once; a second finds nothing left."""
    services.render_waiting(at=timezone.now(), limit=20)


@shared_task(ignore_result=True, expires=1800)
def sweep_previews() -> None:
    """Keep the folder of page previews within its size."""
    previews.sweep()
