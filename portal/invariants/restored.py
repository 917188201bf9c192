"""A place that came out of a backup."""

from collections.abc import Iterator

from audit.models import Restoration
from notifications.models import Attempt
from portal.invariants.base import check

Found = Iterator[tuple[str, str]]


@check("R12")
def nothing_was_sent_while_sealed() -> Found:
    """R12: between its restoration and its unsealing a place sends no letter."""
    for one in Restoration.objects.all():
        tries = Attempt.objects.filter(at__gt=one.restored_at)
        if one.unsealed_at is not None:
            tries = tries.filter(at__lt=one.unsealed_at)
        if count := tries.count():
            yield f"audit.restoration:{one.pk}", f"封存期间发送了 {count} 次"
