"""The pulse of the recommendation. Each run finds its work in rows; a second finds none."""

from celery import shared_task
from django.utils import timezone

from recommenders import services
from recommenders.filings import CHINA


@shared_task(ignore_result=True, expires=55)
def sweep_recommendations() -> None:
    """Allot units that came later; end or flag what the recommendation deadline leaves behind."""
    at = timezone.now()
    services.allot_missing(at=at)
    services.close_unrecommended(at=at)
    services.remind_paper_due(at=at)
    services.apply_due_transfers(today=at.astimezone(CHINA).date(), at=at)
