"""The pulse that draws waiting documents."""

from celery import shared_task
from django.utils import timezone

from documents import previews, sealing, services


@shared_task(ignore_result=True, expires=55)
def render_documents() -> None:
    """Draw what is waiting, seal what is drawn. Any number of these may run at once; a second
    finds nothing left."""
    at = timezone.now()
    services.render_waiting(at=at, limit=20)
    sealing.sign_waiting(at=at, limit=20)


@shared_task(ignore_result=True, expires=1800)
def sweep_previews() -> None:
    """Keep the folder of page previews within its size."""
    previews.sweep()
