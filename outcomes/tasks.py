from celery import shared_task
from django.utils import timezone

from audit.services import CLOCK
from core.errors import Refusal
from outcomes import services
from outcomes.models import Publication


@shared_task(ignore_result=True, expires=55)
def sweep_publicity() -> None:
    """End the publicities whose last day is over. A second run finds nothing left."""
    at = timezone.now()
    running = Publication.objects.filter(
        kind=Publication.Kind.PUBLICITY, state=Publication.State.PUBLISHED
    ).select_related("call")
    for publication in running:
        if publication.until is None or publication.call.time(at) < publication.until:
            continue
        try:
            services.end_publicity(publication, actor=CLOCK, at=at)
        except Refusal:
            continue  # somebody was quicker
