"""Work that waits or failed: documents, seals, packages, letters, rehearsals, lists of experts;
what is late; again.

A row is late when it has waited longer than ``PATIENCE`` of its kind: then a worker is stopped or
cannot keep up.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from audit.models import Restoration
from audit.services import Actor
from core.errors import Refusal
from documents import sealing
from documents import services as documents
from documents.models import Document, Package, Signing
from documents.packages import services as packages
from notifications.models import Message
from office.models import Rehearsal
from office.rehearsal import keeping
from reviews import services as reviews
from reviews.models import Intake

DOCUMENT, SEAL, PACKAGE, LETTER = "document", "seal", "package", "letter"
REHEARSAL, INTAKE = "rehearsal", "intake"
KINDS = {
    DOCUMENT: "文件生成",
    SEAL: "电子签章",
    PACKAGE: "打包",
    LETTER: "消息",
    REHEARSAL: "批次演练",
    INTAKE: "名单导入",
}
WAITING, LATE, FAILED = "waiting", "late", "failed"
STATES = {WAITING: "等待", LATE: "等待过久", FAILED: "失败"}
PATIENCE = {
    DOCUMENT: timedelta(minutes=10),
    SEAL: timedelta(minutes=10),
    PACKAGE: timedelta(minutes=30),
    LETTER: timedelta(minutes=15),
    REHEARSAL: timedelta(minutes=30),
    INTAKE: timedelta(minutes=15),
}
CREATED = {
    DOCUMENT: "created_at",
    SEAL: "requested_at",
    PACKAGE: "requested_at",
    LETTER: "not_before",
    REHEARSAL: "asked_at",
    INTAKE: "asked_at",
}
"""From when a row of the kind has waited; a letter waits from when it may go out."""


def of(kind: str, state: str, at: datetime) -> QuerySet[Any]:
    """The rows of a kind in a state; those that wait are work that is due or under way.

    Of a call's rehearsals the newest alone counts: a failure that was played again is past.
    """
    rows: QuerySet[Any]
    if kind == DOCUMENT:
        rows = Document.objects.filter(voided_at=None)
        waiting = ["waiting", "rendering"]
    elif kind == SEAL:
        rows = Signing.objects.filter(document__voided_at=None)
        waiting = ["waiting", "signing"]
    elif kind == PACKAGE:
        rows, waiting = Package.objects.all(), ["waiting", "building"]
    elif kind == REHEARSAL:
        later = Rehearsal.objects.filter(call=OuterRef("call"), pk__gt=OuterRef("pk"))
        rows = Rehearsal.objects.filter(~Exists(later)).select_related("call")
        waiting = ["waiting", "playing"]
    elif kind == INTAKE:
        rows, waiting = Intake.objects.select_related("pool").defer("lines"), list(Intake.OPEN)
    else:
        rows, waiting = Message.objects.all(), ["waiting"]
    if state == FAILED:
        return rows.filter(state="failed")
    due = {"not_before__lte": at} if kind == LETTER else {}
    rows = rows.filter(state__in=waiting, **due)
    if state == LATE:
        rows = rows.filter(**{f"{CREATED[kind]}__lt": at - PATIENCE[kind]})
    return rows


def counted(at: datetime) -> dict[str, QuerySet[Any]]:
    """Every kind and state under the name that its count bears: ``document_failed``.

    ``sealed`` is 1 where this place came out of a backup and nobody has unsealed it.
    """
    return {
        **{f"{kind}_{state}": of(kind, state, at) for kind in KINDS for state in STATES},
        "sealed": Restoration.objects.filter(unsealed_at=None),
    }


@dataclass(frozen=True, slots=True)
class Job:
    """One row for the page, whatever its kind."""

    kind: str
    pk: int
    title: str
    since: datetime
    attempts: int
    error: str
    failed: bool
    url: str = ""
    """Where it is told in full, if it has a page."""


def shown(kind: str, row: Any) -> Job:
    if kind == SEAL:
        title, error = str(row.document.title), row.last_error
    elif kind == LETTER:
        title, error = f"第 {row.pk} 封（{row.kind}）", row.last_error
    elif kind == PACKAGE:
        title, error = row.title, row.error
    elif kind == REHEARSAL:
        title, error = f"演练：{row.call.title}", row.error
    elif kind == INTAKE:
        title, error = f"{row.pool.name}：{row.name}", row.error
    else:
        title, error = f"{row.title} {row.number}".strip(), row.last_error
    since = getattr(row, CREATED[kind])
    url = reverse("office:rehearsal", args=[row.call.code, row.pk]) if kind == REHEARSAL else ""
    return Job(kind, row.pk, title, since, row.attempts, error, row.state == "failed", url)


def _rehearse(row: Rehearsal, *, actor: Actor, at: datetime) -> None:
    keeping.ask(row.call, actor=actor, at=at)


AGAIN: dict[str, Callable[..., None]] = {
    DOCUMENT: documents.retry,
    SEAL: sealing.retry,
    PACKAGE: packages.retry,
    REHEARSAL: _rehearse,
    INTAKE: reviews.resume_intake,
}
"""What puts a failed row of the kind back into its queue; letters are sent again in the outbox."""


def again(kind: str, row: Any, *, actor: Actor, at: datetime) -> None:
    """Back into the queue. Raises ``Refusal`` when the row has not failed, or for a letter."""
    if kind not in AGAIN:
        raise Refusal("not-here", "消息请在发件箱中重发。", status=422)
    AGAIN[kind](row, actor=actor, at=at)
