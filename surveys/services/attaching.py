"""Files beside an answer: added and taken away until it is submitted."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads
from surveys.models import File, Request
from surveys.services.answering import locked, must_be_writable


def attach(
    request: Request, *, key: str, name: str, data: bytes, actor: Actor, at: datetime
) -> File:
    """Check a file and keep it beside the answer.

    Raises those of ``check_upload``, ``unknown-kind``, ``too-many`` and ``already-there`` (422),
    and as ``must_be_writable``.
    """
    kind = request.survey.spec.attachment(key)
    if kind is None:
        raise Refusal("unknown-kind", "这项调查不需要这类材料，请刷新页面后再上传。", status=422)
    must_be_writable(request, at=at)
    checked = uploads.check_upload(
        data, name, allow=kind.types, most_bytes=kind.max_mb * 1024 * 1024
    )
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    with transaction.atomic():
        request = locked(request)
        must_be_writable(request, at=at)
        there = list(request.files.filter(key=key, removed_at=None))
        if any(one.blob_id == blob.pk for one in there):
            raise Refusal(
                "already-there", f"“{kind.title}”里已有内容完全相同的文件，不用再传。", status=422
            )
        if len(there) >= kind.max_files:
            raise Refusal(
                "too-many",
                f"“{kind.title}”最多 {kind.max_files} 份，请先移除一份再传。",
                status=422,
            )
        made = File.objects.create(
            request=request,
            key=key,
            name=checked.name,
            blob=blob,
            pages=checked.pages,
            uploaded_at=at,
            uploaded_by=actor.name[:120],
        )
        audit.record(
            actor=actor,
            action="surveys.attach",
            subject=request,
            at=at,
            key=key,
            name=checked.name,
            sha256=blob.sha256,
        )
    return made


@transaction.atomic
def detach(request: Request, file: File, *, actor: Actor, at: datetime) -> None:
    """Take a file away. Raises ``already-removed`` and as ``must_be_writable``."""
    request = locked(request)
    must_be_writable(request, at=at)
    done = File.objects.filter(pk=file.pk, request=request, removed_at=None).update(removed_at=at)
    if not done:
        raise Refusal("already-removed", "这份文件已经移除。")
    audit.record(actor=actor, action="surveys.detach", subject=request, at=at, file=file.public_id)
