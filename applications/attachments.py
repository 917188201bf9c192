"""Adding and removing files of a filing. Files come before the submission, which carries none."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from applications import queries, readiness, services
from applications.models import Application, Attachment
from audit import services as audit
from audit.services import Actor
from calls import programme as programmes
from core.errors import Refusal
from documents import services as documents
from documents import uploads


def wanted(application: Application, key: str) -> programmes.Attachment:
    """The kind of 证明材料 with this key. Raises ``Refusal`` ``unknown-kind``."""
    found = readiness.wanted_files(queries.material(application))
    kind = next((one for one in found if one.key == key), None)
    if kind is None:
        raise Refusal("unknown-kind", "本次申报不需要这类材料，请刷新页面后再上传。", status=422)
    return kind


def attach(
    application: Application,
    *,
    key: str,
    name: str,
    data: bytes,
    actor: Actor,
    at: datetime,
    replaces: Attachment | None = None,
) -> Attachment:
    """Check a file and keep it with the filing; ``replaces`` is removed in the same act.

    Raises ``Refusal``: those of ``check_upload`` (empty, too large, wrong type, encrypted,
    damaged), ``too-many``, ``already-there``, and those of ``must_be_writable``.
    """
    kind = wanted(application, key)
    services.must_be_writable(application, at=at, section=readiness.FILES, fields=(key,))
    checked = uploads.check_upload(
        data, name, allow=kind.types, most_bytes=kind.max_mb * 1024 * 1024
    )
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    with transaction.atomic():
        application = services.locked(application)
        services.must_be_writable(application, at=at, section=readiness.FILES, fields=(key,))
        there = [
            item
            for item in application.attachments.filter(key=key, removed_at=None)
            if replaces is None or item.pk != replaces.pk
        ]
        if any(item.blob_id == blob.pk for item in there):
            raise Refusal(
                "already-there", f"“{kind.title}”里已有内容完全相同的文件，不用再传。", status=422
            )
        if len(there) >= kind.max_files:
            raise Refusal(
                "too-many",
                f"“{kind.title}”最多 {kind.max_files} 份，已有 {len(there)} 份。"
                "请先移除一份，或用“替换”。",
                status=422,
            )
        assert actor.user_id is not None, "files are added by people"
        made = Attachment.objects.create(
            application=application,
            key=key,
            name=checked.name,
            blob=blob,
            pages=checked.pages,
            uploaded_at=at,
            uploaded_by_id=actor.user_id,
        )
        if replaces is not None:
            _remove(application, replaces, at=at)
            application.indicator_rows.filter(evidence=replaces).update(evidence=made)
        audit.record(
            actor=actor,
            action="applications.attach",
            subject=application,
            at=at,
            key=key,
            name=checked.name,
            sha256=blob.sha256,
            replaces=replaces.public_id if replaces else "",
        )
    return made


@transaction.atomic
def remove(application: Application, attachment: Attachment, *, actor: Actor, at: datetime) -> None:
    """Take a file out of the filing. The file stays, so that it can be put back."""
    application = services.locked(application)
    services.must_be_writable(application, at=at, section=readiness.FILES, fields=(attachment.key,))
    _remove(application, attachment, at=at)
    audit.record(
        actor=actor,
        action="applications.detach",
        subject=application,
        at=at,
        name=attachment.name,
        file=attachment.public_id,
    )


def _remove(application: Application, attachment: Attachment, *, at: datetime) -> None:
    removed = Attachment.objects.filter(
        pk=attachment.pk, application=application, removed_at=None
    ).update(removed_at=at)
    if not removed:
        raise Refusal("already-removed", "这份文件已经移除。")


@transaction.atomic
def restore(
    application: Application, attachment: Attachment, *, actor: Actor, at: datetime
) -> None:
    """Put a removed file back. Raises ``Refusal`` ``too-many`` when its place is taken."""
    application = services.locked(application)
    services.must_be_writable(application, at=at, section=readiness.FILES, fields=(attachment.key,))
    kind = wanted(application, attachment.key)
    there = application.attachments.filter(key=attachment.key, removed_at=None)
    if there.count() >= kind.max_files:
        raise Refusal(
            "too-many", f"“{kind.title}”最多 {kind.max_files} 份，现在已满，不能恢复。", status=422
        )
    back = Attachment.objects.filter(
        pk=attachment.pk, application=application, removed_at__isnull=False
    ).update(removed_at=None)
    if back:
        audit.record(
            actor=actor,
            action="applications.reattach",
            subject=application,
            at=at,
            name=attachment.name,
            file=attachment.public_id,
        )
