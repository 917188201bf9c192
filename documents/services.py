"""Storing bytes, asking for documents, drawing them, voiding them, and their numbers."""

import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from celery import current_app
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction
from django.db.models import Q

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from core.failpoints import failpoint
from documents import rendering, storage, typography
from documents.fingerprints import fingerprint, sha256
from documents.kinds import KINDS
from documents.models import Blob, Document

RENDERER = Actor("renderer")
LEASE = timedelta(minutes=3)
PATIENCE = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
ATTEMPTS = len(PATIENCE) + 1

log = logging.getLogger(__name__)


# ── bytes ────────────────────────────────────────────────────────────────────────────────────


def store(data: bytes, *, media_type: str, at: datetime, name: str = "") -> Blob:
    """Keep these bytes under their hash; storing the same bytes again changes nothing.

    The bytes are written and read back before the row is, so a row never points at nothing.
    ``name`` is not kept: what a file is called stands on its owner's row. Call it before the
    transaction of the act where files are large. Raises ``Refusal`` for empty content.
    """
    if not data:
        raise Refusal("empty-file", f"文件{name}是空的，请选择有内容的文件。", status=422)
    blob = Blob(sha256=sha256(data), size=len(data), media_type=media_type, created_at=at)
    storage.write(blob.path, data)
    found, _ = Blob.objects.get_or_create(
        sha256=blob.sha256,
        defaults={"size": blob.size, "media_type": media_type, "created_at": at},
    )
    return found


def read(blob: Blob) -> bytes:
    """The bytes, verified against their hash. Raises ``DamagedFile`` when they are not those."""
    return storage.read(blob.path, sha256=blob.sha256)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


_NEXT = """
    INSERT INTO documents_counter (series, value) VALUES (%s, 1)
    ON CONFLICT (series) DO UPDATE SET value = documents_counter.value + 1
    RETURNING value
"""
"""Makes the counter or takes its next value; either way its row is locked from here on."""


def next_number(series: str) -> int:
    """The next number of a series, from 1, without gaps.

    Call it as the last statement of the transaction whose act it numbers: the counter row stays
    locked until that transaction ends, so whoever takes a number makes the others wait, and a
    rolled-back act gives its number back.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [series])
        return int(cursor.fetchone()[0])


# ── documents ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Asked:
    """One document that is asked for; ``snapshot`` as in ``documents.snapshots``."""

    kind: str
    title: str
    snapshot: Mapping[str, Any]


def of(subject: models.Model, kind: str | None = None) -> models.QuerySet[Document]:
    """The documents about this subject, newest first; of one kind when it is named."""
    found = Document.objects.filter(subject=audit.label(subject)).select_related(
        "pdf", "replaced_by"
    )
    return found.filter(kind=kind) if kind else found


@transaction.atomic
def request_document(
    *,
    kind: str,
    subject: models.Model,
    snapshot: Mapping[str, Any],
    title: str,
    at: datetime,
    organisation: Organisation | None = None,
    number: str = "",
    version: int = 1,
    actor: Actor = RENDERER,
) -> Document:
    """Ask for a document, in the caller's transaction. A worker draws it afterwards.

    ``snapshot`` has the shape of its kind in ``documents.snapshots``. Asking twice with the same
    content gives the same document. The number and the version of the snapshot, where it has
    them, are those of the row.
    """
    document = _waiting(
        Asked(kind, title, snapshot),
        subject=subject,
        organisation=organisation,
        number=number,
        version=version,
        at=at,
    )
    same = {
        "kind": document.kind,
        "subject": document.subject,
        "fingerprint": document.fingerprint,
    }
    existing = Document.objects.filter(**same, voided_at__isnull=True).first()
    if existing:
        return existing
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError:
        twin = Document.objects.filter(**same, voided_at__isnull=True).first()
        if twin is None:
            raise
        return twin
    audit.record(
        actor=actor, action="documents.request", subject=document, at=at, **_trail(document)
    )
    nudge()
    return document


def request_first(
    asked: Sequence[Asked],
    *,
    subject: models.Model,
    at: datetime,
    organisation: Organisation | None = None,
    number: str = "",
    version: int = 1,
    actor: Actor = RENDERER,
) -> list[Document]:
    """Ask for the first documents of a subject that was made in this very transaction.

    Nobody else can have asked for them, so nothing is looked up; otherwise as
    ``request_document`` for each of them. Call it inside a transaction.
    """
    made = [
        _waiting(
            one,
            subject=subject,
            organisation=organisation,
            number=number,
            version=version,
            at=at,
        )
        for one in asked
    ]
    Document.objects.bulk_create(made)
    audit.record_each(
        actor=actor,
        action="documents.request",
        of=[(document, _trail(document)) for document in made],
        at=at,
    )
    nudge()
    return made


def _waiting(
    asked: Asked,
    *,
    subject: models.Model,
    organisation: Organisation | None,
    number: str,
    version: int,
    at: datetime,
) -> Document:
    """The row of a document that waits to be drawn, not yet saved."""
    if asked.kind not in KINDS:
        raise ValueError(f"unknown kind of document: {asked.kind}")
    frozen = dict(asked.snapshot)
    return Document(
        kind=asked.kind,
        subject=audit.label(subject),
        fingerprint=fingerprint(frozen),
        title=asked.title,
        organisation=organisation,
        snapshot=frozen,
        host=str(frozen.get("host") or urlsplit(settings.JIEBANG_BASE_URL).netloc),
        number=number or str(frozen.get("number") or ""),
        version=int(frozen.get("version") or version),
        created_at=at,
        not_before=at,
    )


def _trail(document: Document) -> dict[str, str]:
    """What the trail keeps of a request."""
    return {
        "kind": document.kind,
        "about": document.subject,
        "fingerprint": document.fingerprint,
        "code": document.code,
    }


@transaction.atomic
def void(
    document: Document,
    *,
    reason: str,
    at: datetime,
    replaced_by: Document | None = None,
    actor: Actor = RENDERER,
) -> Document:
    """Say that this paper no longer holds. Its code then answers 作废 with the reason.

    Voiding again changes nothing, except that a replacement not yet named may be added.
    """
    locked = Document.objects.select_for_update().get(pk=document.pk)
    if locked.voided_at and (replaced_by is None or locked.replaced_by_id):
        return locked
    if locked.voided_at is None:
        locked.voided_at, locked.void_reason = at, reason[:300]
    locked.replaced_by = replaced_by
    locked.save(update_fields=["voided_at", "void_reason", "replaced_by"])
    audit.record(
        actor=actor,
        action="documents.void",
        subject=locked,
        at=at,
        reason=reason,
        replaced_by=replaced_by.pk if replaced_by else None,
    )
    return locked


def nudge() -> None:
    """Wake a worker when the caller's transaction has ended."""
    transaction.on_commit(_nudge, robust=True)


def _nudge() -> None:
    """Tell a worker that there is work. Only a hint: the pulse finds the row anyway."""
    failpoint("work.committed")
    try:
        current_app.send_task("documents.tasks.render_documents", expires=55, retry=False)
    except Exception as error:  # the broker may be away in any way it likes
        log.info("no nudge to the renderer: %s", error)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def render_waiting(*, at: datetime, limit: int = 20) -> int:
    """Draw up to ``limit`` waiting documents; how many became ready.

    Any number of these may run at once, in any number of processes. Each row is claimed by a
    conditional update with an expiry; what a killed worker leaves behind is claimed again.
    """
    started, ready = time.monotonic(), 0
    for _ in range(limit):
        now = at + timedelta(seconds=time.monotonic() - started)
        document = _claim(at=now)
        if document is None:
            break
        claim = document.claimed_until
        failpoint("paper.claimed")
        try:
            data = draw(document)
            pages = rendering.page_count(data)
        except Exception as error:
            log.exception("document %s could not be drawn", document.pk)
            _postpone(document, claim=claim, at=now, error=error)
            continue
        failpoint("paper.drawn")
        now = at + timedelta(seconds=time.monotonic() - started)
        try:
            blob = store(data, media_type="application/pdf", at=now, name=document.file_name)
        except Exception as error:  # the storage may be away in any way it likes
            log.exception("document %s could not be stored", document.pk)
            _postpone(document, claim=claim, at=now, error=error)
            continue
        failpoint("paper.stored")
        ready += _finish(document, blob, pages=pages, claim=claim, at=now)
        failpoint("paper.ready")
    return ready


def draw(document: Document) -> bytes:
    """The PDF of a document, from its frozen snapshot alone. Repeats are byte-equal."""
    return rendering.render(
        KINDS[document.kind].template,
        document.snapshot,
        code=document.code,
        fingerprint=document.shown_fingerprint,
        base_host=document.host,
        number=document.number,
        version=document.version,
        dated=document.created_at,
        title=KINDS[document.kind].label,
        seals=_seals(document.snapshot),
        pictures=_pictures(document.snapshot),
    )


def draft(*, kind: str, snapshot: Mapping[str, Any]) -> bytes:
    """A draft PDF at once, for looking at: 草稿 on each page, no code, no fingerprint, no seal
    place. Nothing is stored. Raises ``Refusal`` naming characters that cannot be printed."""
    if missing := typography.unprintable(snapshot):
        raise Refusal("unprintable", unprintable_words(missing), status=422)
    return rendering.render(
        KINDS[kind].template,
        snapshot,
        code="",
        fingerprint="",
        base_host="",
        title=KINDS[kind].label,
        draft=True,
    )


def unprintable_words(missing: list[str]) -> str:
    """What to tell somebody whose text holds characters that no shipped face has."""
    shown = "、".join(f"{c}（U+{ord(c):04X}）" for c in missing)
    return f"以下字符没有可用的印刷字形，请改用规范字或其他写法：{shown}。"


def _seals(snapshot: Mapping[str, Any]) -> dict[str, bytes]:
    """The images of the registered seals a snapshot names, by their hash."""
    seal = snapshot.get("seal")
    if (
        not seal
        or seal.get("electronic")
        or seal.get("demo")
        or seal["sha256"] == rendering.demo_seal_sha256()
    ):
        return {}
    return {seal["sha256"]: read(Blob.objects.get(sha256=seal["sha256"]))}


def _pictures(snapshot: Mapping[str, Any]) -> dict[str, bytes]:
    """The photographs that a snapshot prints, by their hash."""
    named = {one["picture"] for one in snapshot.get("photos", ()) if one.get("picture")}
    return {blob.sha256: read(blob) for blob in Blob.objects.filter(sha256__in=named)}


def _due(at: datetime) -> models.QuerySet[Document]:
    waiting = Q(state=Document.State.WAITING, not_before__lte=at)
    abandoned = Q(state=Document.State.RENDERING, claimed_until__lt=at)
    return Document.objects.filter(waiting | abandoned, voided_at__isnull=True)


def _claim(*, at: datetime) -> Document | None:
    """The next document to draw, ours until the lease ends; None when nothing is due."""
    order = "-pk" if settings.JIEBANG_DEMO else "pk"
    while (pk := _due(at).order_by(order).values_list("pk", flat=True).first()) is not None:
        with transaction.atomic():
            taken = (
                _due(at)
                .filter(pk=pk, attempts__lt=ATTEMPTS)
                .update(
                    state=Document.State.RENDERING,
                    claimed_until=at + LEASE,
                    attempts=models.F("attempts") + 1,
                )
            )
            if not taken:
                _give_up(pk, at=at)
                continue
            document = Document.objects.get(pk=pk)
            audit.record(
                actor=RENDERER,
                action="documents.claim",
                subject=document,
                at=at,
                attempt=document.attempts,
            )
        return document
    return None


def _give_up(pk: int, *, at: datetime) -> None:
    """The worker died over this one as often as we are willing to try."""
    error = f"生成进程 {ATTEMPTS} 次中断"
    if (
        _due(at)
        .filter(pk=pk, attempts__gte=ATTEMPTS)
        .update(state=Document.State.FAILED, claimed_until=None, last_error=error)
    ):
        audit.record(
            actor=RENDERER,
            action="documents.failed",
            subject=Document.objects.get(pk=pk),
            at=at,
            error=error,
        )


def _finish(
    document: Document, blob: Blob, *, pages: int, claim: datetime | None, at: datetime
) -> bool:
    """Make it the PDF, unless the claim ran out and another worker has it now."""
    with transaction.atomic():
        held = Document.objects.filter(
            pk=document.pk, state=Document.State.RENDERING, claimed_until=claim
        ).update(
            state=Document.State.READY,
            claimed_until=None,
            pdf=blob,
            file_sha256=blob.sha256,
            pages=pages,
            ready_at=at,
            last_error="",
            template_version=rendering.template_version(KINDS[document.kind].template),
        )
        if held:
            audit.record(
                actor=RENDERER,
                action="documents.ready",
                subject=document,
                at=at,
                file_sha256=blob.sha256,
                pages=pages,
            )
    return bool(held)


@transaction.atomic
def _postpone(
    document: Document, *, claim: datetime | None, at: datetime, error: Exception
) -> None:
    """Try again later; after the last attempt the document has failed and says why."""
    last = document.attempts >= ATTEMPTS
    words = f"{type(error).__name__}: {error}"[:2000]
    held = Document.objects.filter(
        pk=document.pk, state=Document.State.RENDERING, claimed_until=claim
    ).update(
        state=Document.State.FAILED if last else Document.State.WAITING,
        claimed_until=None,
        last_error=words,
        not_before=at if last else at + PATIENCE[document.attempts - 1],
    )
    if held:
        audit.record(
            actor=RENDERER,
            action="documents.failed" if last else "documents.postpone",
            subject=document,
            at=at,
            error=words,
            attempt=document.attempts,
        )


@transaction.atomic
def retry(document: Document, *, actor: Actor, at: datetime) -> None:
    """Put a failed document back into the queue. Raises ``Refusal`` when it has not failed."""
    held = Document.objects.filter(pk=document.pk, state=Document.State.FAILED).update(
        state=Document.State.WAITING, attempts=0, not_before=at
    )
    if not held:
        raise Refusal("not-failed", "这份文件没有失败，不需要重新生成。")
    audit.record(actor=actor, action="documents.retry", subject=document, at=at)
    nudge()
