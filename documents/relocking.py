"""Everything that the database keeps locked, put under the first key of ``JIEBANG_SEAL_KEY``."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Authenticator
from audit import services as audit
from audit.services import Actor
from core import locking
from documents.models import SigningKey


def shut() -> list[str]:
    """What no key opens, by its name in the trail."""
    return [audit.label(row) for row, kept in _kept() if not _opens(kept)]


@transaction.atomic
def relock(*, actor: Actor, at: datetime) -> int:
    """How many were locked anew. Raises ``locking.Locked`` and changes nothing when one is shut."""
    rows = []
    for row, kept in _kept(lock=True):
        again = locking.relock(kept)
        if isinstance(row, Authenticator):
            row.secret = again.decode()
            row.save(update_fields=["secret"])
        else:
            row.wrapped = again
            row.save(update_fields=["wrapped"])
        rows.append((row, dict[str, Any]()))
    audit.record_each(actor=actor, action="documents.relock", of=rows, at=at)
    return len(rows)


def _kept(*, lock: bool = False) -> list[tuple[Authenticator | SigningKey, bytes]]:
    devices = Authenticator.objects.order_by("pk")
    keys = SigningKey.objects.exclude(wrapped=None).order_by("pk")
    if lock:
        devices, keys = devices.select_for_update(), keys.select_for_update()
    return [
        *((one, one.secret.encode()) for one in devices),
        *((one, bytes(one.wrapped or b"")) for one in keys),
    ]


def _opens(kept: bytes) -> bool:
    try:
        locking.unlock(kept)
    except locking.Locked:
        return False
    return True
