"""A restored database is sealed: no task runs in it until somebody says that it is the real one.

The mark is a row. ``portal.celery.SealedTask`` asks for it before every task, and tasks are the
only senders: letters, short messages, reminders and the steps of the clock.
"""

from datetime import datetime

from django.db import transaction

from audit import services
from audit.models import Entry, Head, Restoration
from audit.services import Actor
from core.errors import Refusal


def sealed() -> Restoration | None:
    """The restoration that nobody has unsealed yet; None in a place at work."""
    return Restoration.objects.filter(unsealed_at=None).first()


def must_be_sealed() -> Restoration:
    """What is sealed here, held until the transaction ends. Raises ``Refusal`` ``not-sealed``."""
    found = Restoration.objects.select_for_update().filter(unsealed_at=None).first()
    if found is None:
        raise Refusal("not-sealed", "这里没有封存，不需要启封。")
    return found


def last_backup() -> Entry | None:
    """What the trail says of the newest backup that was taken of this place."""
    return Entry.objects.filter(action="audit.backup").order_by("-pk").first()


def note_backup(*, name: str, size: int, files: int, at: datetime) -> None:
    """Write into the trail that a copy of everything was taken: its name, its bytes, its files."""
    services.record(
        actor=Actor("backup"),
        action="audit.backup",
        subject=Head.objects.get_or_create(pk=1)[0],
        at=at,
        name=name,
        bytes=size,
        files=files,
    )


def note_restore(*, name: str, rows: int, files: int, at: datetime) -> None:
    """Write into the trail of a restored place where it comes from."""
    mark = sealed()
    assert mark is not None, "the mark comes with the rows"
    services.record(
        actor=Actor("restore"),
        action="audit.restore",
        subject=mark,
        at=at,
        name=name,
        backup_at=mark.backup_at,
        rows=rows,
        files=files,
    )


@transaction.atomic
def unseal(*, by: str, reason: str, at: datetime, **data: int | str) -> None:
    """From now on tasks run. ``data`` goes into the trail. Raises ``Refusal`` when not sealed."""
    by, reason = by.strip(), reason.strip()
    if not 2 <= len(by) <= 100 or not 2 <= len(reason) <= 200:
        raise Refusal("reason-missing", "请写明启封人和理由，各不少于 2 字。", status=422)
    must_be_sealed()
    for one in Restoration.objects.select_for_update().filter(unsealed_at=None):
        one.unsealed_at, one.unsealed_by, one.reason = at, by, reason
        one.save(update_fields=["unsealed_at", "unsealed_by", "reason"])
        services.record(
            actor=Actor(by), action="audit.unseal", subject=one, at=at, reason=reason, **data
        )
