"""The quota with its guards taken away, for the controls: counted naively, it must overrun."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

UNIQUE_PLACE = "confirmation_place_held_once"


@contextmanager
def lock() -> Iterator[None]:
    """Without the lock on the allotment; the database still keeps each place to one holder."""
    from recommenders import queries
    from recommenders.services import ground

    def unlocked(application: Any, *, pool: str = "") -> tuple[Any, bool]:
        return queries.allotment_for(application, pool=pool), True

    kept, ground.lock_room = ground.lock_room, unlocked  # type: ignore[assignment]
    try:
        yield
    finally:
        ground.lock_room = kept


@contextmanager
def everything() -> Iterator[None]:
    """Without the lock and the unique place: what one writes without a ledger (count, compare,
    take any place). All confirmations are deleted before the unique place comes back."""
    from django.db import connection

    from recommenders.models import Confirmation
    from recommenders.queries import PlaceNow
    from recommenders.services import confirming

    def naive(allotment: Any, application: Any) -> PlaceNow | None:
        live = Confirmation.objects.filter(allotment=allotment, released_at=None).count()
        place = allotment.places.get(number=1)
        return PlaceNow(place.pk, place.number) if live < allotment.limit else None

    kept, confirming.free_place = confirming.free_place, naive
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {UNIQUE_PLACE}")
    try:
        with lock():
            yield
    finally:
        confirming.free_place = kept
        Confirmation.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE UNIQUE INDEX {UNIQUE_PLACE}"
                " ON recommenders_confirmation (place_id) WHERE released_at IS NULL"
            )
