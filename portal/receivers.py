"""What one room tells of another that it must not know."""

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.dispatch import receiver
from django.urls import reverse

from documents.models import Package
from documents.packages.signals import ended
from notifications import services as notifications


@receiver(ended)
def tell_who_asked(sender: Any, *, package: Package, at: datetime, **kwargs: Any) -> None:
    """A letter to whoever asked for a package: ready or failed, once for each time of asking."""
    notifications.enqueue(
        key=f"package:{package.pk}-{package.requested_at.timestamp():.0f}",
        to=package.requested_by,
        template=f"documents/letters/package_{package.state}.txt",
        context={
            "package": package,
            "notes": [line for line in package.note.splitlines() if line],
            "address": urljoin(
                settings.JIEBANG_BASE_URL, reverse("documents:package", args=[package.public_id])
            ),
        },
        at=at,
    )
