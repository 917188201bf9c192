"""The parts of `dev.py drill` that know the database.

python -m tests.benchmarks.drilling make COUNT KB    filings, a file and a waiting letter for each
python -m tests.benchmarks.drilling tick             every task once; as JSON: what was sent
"""

import hashlib
import json
import os
import sys
from datetime import UTC, datetime

import django

django.setup()

from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402

from applications.models import Application  # noqa: E402
from audit import services as audit  # noqa: E402
from audit.models import Entry  # noqa: E402
from calls.models import Call  # noqa: E402
from documents.models import Blob  # noqa: E402
from notifications.models import Message  # noqa: E402
from portal.celery import app  # noqa: E402
from tests import season  # noqa: E402
from tests.benchmarks import bulk  # noqa: E402
from tests.world import AT  # noqa: E402

SKIPPED = {"documents.tasks.render_documents", "applications.tasks.compare_texts"}
"""They send nothing and would take hours for so many filings."""


def make(count: int, kb: int) -> None:
    at = datetime.now(UTC)
    played = season.begin()
    season.file(played, "样本")
    like = played.again(0)
    Call.objects.filter(pk=like.call_id).update(rehearsal=False)
    for numbers in bulk.chunks(1, count - 1):
        made = bulk.submitted(like, numbers, at=AT)
        Blob.objects.bulk_create(stored(kb * 1024, at=at) for _ in made)
        letters(made, at=at)
    while audit.chain() == audit.LINKS_AT_ONCE:  # a tail of thousands would break R8
        pass
    print(json.dumps(counted()))


def letters(made: list[Application], *, at: datetime) -> None:
    """The letter of each submission, waiting, as ``applications.letters`` would have written it."""
    entries = dict(
        Entry.objects.filter(
            action="applications.submit",
            subject__in=[f"applications.application:{one.pk}" for one in made],
        ).values_list("subject", "pk")
    )
    Message.objects.bulk_create(
        Message(
            key=f"application.submit:{entries[f'applications.application:{one.pk}']}:drill",
            user_id=one.created_by_id,
            email=one.created_by.email,
            kind="submit",
            subject="申报已提交",
            body=one.title,
            created_at=at,
            not_before=at,
        )
        for one in made
    )


def stored(size: int, *, at: datetime) -> Blob:
    data = os.urandom(size)
    blob = Blob(
        sha256=hashlib.sha256(data).hexdigest(),
        size=size,
        media_type="application/octet-stream",
        created_at=at,
    )
    default_storage.save(blob.path, ContentFile(data))
    return blob


def counted() -> dict[str, int]:
    return {
        "filings": Application.objects.count(),
        "files": Blob.objects.count(),
        "letters": Message.objects.filter(state=Message.State.WAITING).count(),
    }


def tick() -> None:
    app.loader.import_default_modules()
    for name in sorted({one["task"] for one in app.conf.beat_schedule.values()} - SKIPPED):
        app.tasks[name]()
    sent = Message.objects.filter(state=Message.State.SENT).count()
    print(json.dumps({**counted(), "waiting": counted()["letters"], "sent": sent}))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(int(sys.argv[2]), int(sys.argv[3]))
    else:
        tick()
