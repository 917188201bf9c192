from typing import Any

from django.conf import settings
from django.db import models


def person(verbose_name: str, **options: Any) -> models.ForeignKey:
    """Somebody who did something: never deleted while what they did is kept."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=verbose_name,
        on_delete=models.PROTECT,
        related_name="+",
        **options,
    )
