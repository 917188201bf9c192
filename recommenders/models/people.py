"""Who did it."""

from typing import Any

from django.conf import settings
from django.db import models


def person(verbose_name: str, **options: Any) -> models.ForeignKey:
    """A foreign key to the person who did something, kept for good."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        on_delete=models.PROTECT,
        related_name="+",
        **options,
    )
