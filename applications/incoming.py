"""Files that come in parts: begin, send parts at the offset that is wanted, finish.

A lost connection costs one part: the browser asks how far we are and goes on, also after the page
or the browser was closed, as long as the same file is chosen again (told by its hash). What is not
finished within a day is swept. Parts are transport: the filing changes, and the audit trail with
it, when the file is whole and has been judged like any other.
"""

from __future__ import annotations

import contextlib
import hashlib
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.crypto import get_random_string

from applications import attachments
from applications.models import Application, Attachment, Upload
from audit.services import Actor
from core.errors import Refusal
from documents import storage, uploads

PART = 1024 * 1024
"""How large the parts are that browsers send, in bytes; twice as much is taken."""
MOST_OPEN = 20
FOLDER = "uploads"
LIFE = timedelta(days=1)


class Elsewhere(Refusal):
    """A part that does not begin where we are; ``offset`` is where we are."""

    def __init__(self, offset: int) -> None:
        super().__init__("wrong-offset", f"已收到 {offset} 字节，请从这里继续。")
        self.offset = offset


def begin(
    application: Application,
    *,
    key: str,
    name: str,
    size: int,
    sha256: str,
    actor: Actor,
    at: datetime,
    replaces: Attachment | None = None,
) -> Upload:
    """Start a file, or find the one that was started and not finished.

    What can be said before a byte is sent is said here: ``Refusal`` as of ``check_upload`` for the
    name and the size, ``too-many``, ``already-there`` by the hash, ``too-many-open``, and those of
    ``must_be_writable``.
    """
    kind = attachments.wanted(application, key)
    attachments.must_be_open(application, key, at=at)
    safe = uploads.check_announced(
        name, size, allow=kind.types, most_bytes=kind.max_mb * 1024 * 1024
    )
    there = application.attachments.filter(key=key, removed_at=None)
    if replaces is not None:
        there = there.exclude(pk=replaces.pk)
    if sha256 and there.filter(blob=sha256).exists():
        raise Refusal(
            "already-there", f"“{kind.title}”里已有内容完全相同的文件，不用再传。", status=422
        )
    if there.count() >= kind.max_files:
        raise Refusal("too-many", attachments.too_many(kind, there.count()), status=422)
    with transaction.atomic():
        mine = Upload.objects.select_for_update().filter(
            application=application, started_by=actor.person, attachment=None
        )
        if sha256:
            same = mine.filter(key=key, size=size, sha256=sha256).order_by("-pk").first()
            if same is not None:
                same.name, same.replaces, same.touched_at = safe, replaces, at
                same.save(update_fields=["name", "replaces", "touched_at"])
                return same
        if mine.count() >= MOST_OPEN:
            raise Refusal(
                "too-many-open",
                f"还有 {MOST_OPEN} 个文件没有传完，请先完成或取消后再添加。",
                status=422,
            )
        return Upload.objects.create(
            application=application,
            key=key,
            name=safe,
            size=size,
            sha256=sha256,
            replaces=replaces,
            started_by_id=actor.person,
            started_at=at,
            touched_at=at,
        )


def receive(upload: Upload, *, offset: int, data: bytes, at: datetime) -> int:
    """Keep one part; how many bytes have arrived now.

    Raises ``Elsewhere`` when the part does not begin where we are (sent twice, or after a loss),
    ``Refusal`` ``bad-part`` (422) when it is empty, too large or longer than was announced.
    """
    if not 0 < len(data) <= 2 * PART or offset + len(data) > upload.size:
        raise Refusal("bad-part", "这一部分的大小不对，请重新上传这份文件。", status=422)
    if upload.attachment_id or offset != upload.received:
        raise Elsewhere(upload.size if upload.attachment_id else upload.received)
    name = f"{offset}-{get_random_string(8)}"
    path = _path(upload, name)
    storage.write(path, data)
    kept = False
    try:
        with transaction.atomic():
            now = Upload.objects.select_for_update().filter(pk=upload.pk).first()
            if now is None:
                raise Refusal("upload-gone", "这次上传已经取消，请重新选择文件。", status=410)
            if now.received != offset or now.attachment_id:
                raise Elsewhere(now.received)
            now.parts = [*now.parts, [name, len(data), hashlib.sha256(data).hexdigest()]]
            now.received, now.touched_at = offset + len(data), at
            now.save(update_fields=["parts", "received", "touched_at"])
            kept = True
    finally:
        if not kept:
            storage.delete(path)
    return now.received


def finish(upload: Upload, *, actor: Actor, at: datetime) -> Attachment:
    """Put the parts together, judge the file, and make it part of the filing.

    Finishing again gives the same attachment. A file that is refused is given up, with its parts.
    Raises ``Elsewhere`` while parts are missing, ``changed-on-the-way`` (422) when the bytes are
    not those that were announced, and the refusals of ``attachments.attach``.
    """
    if upload.attachment is not None:
        return upload.attachment
    if upload.received != upload.size:
        raise Elsewhere(upload.received)
    application = upload.application
    try:
        kind = attachments.wanted(application, upload.key)
        attachments.must_be_open(application, upload.key, at=at)
        stored = attachments.keep(kind, name=upload.name, data=_whole(upload), at=at)
        with transaction.atomic():
            now = Upload.objects.select_for_update().get(pk=upload.pk)
            if now.attachment is not None:
                return now.attachment
            made = attachments.add(
                application, kind, stored, actor=actor, at=at, replaces=now.replaces
            )
            Upload.objects.filter(pk=upload.pk).update(attachment=made, touched_at=at, parts=[])
    except Refusal as refusal:
        if refusal.status == 422:
            cancel(upload)
        raise
    except Upload.DoesNotExist:
        raise Refusal("upload-gone", "这次上传已经取消，请重新选择文件。", status=410) from None
    _drop(upload)
    return made


def _whole(upload: Upload) -> bytes:
    data = b"".join(
        storage.read(_path(upload, name), sha256=sha256) for name, _, sha256 in upload.parts
    )
    right = not upload.sha256 or hashlib.sha256(data).hexdigest() == upload.sha256
    if len(data) != upload.size or not right:
        raise Refusal(
            "changed-on-the-way",
            f"文件“{upload.name}”在传输中变了，没有保存。请重新上传。",
            status=422,
        )
    return data


def cancel(upload: Upload) -> None:
    """Give up a file that is on its way; one that has arrived stays."""
    gone, _ = Upload.objects.filter(pk=upload.pk, attachment=None).delete()
    if gone:
        _drop(upload)


def sweep(*, at: datetime, limit: int = 200) -> int:
    """Forget what nobody has touched for a day, with its parts; how many there were."""
    old = list(Upload.objects.filter(touched_at__lt=at - LIFE).order_by("pk")[:limit])
    for upload in old:
        if Upload.objects.filter(pk=upload.pk, touched_at=upload.touched_at).delete()[0]:
            _drop(upload)
    _sweep_strays()
    return len(old)


def _sweep_strays() -> None:
    """Parts whose row is gone: what a process left that died between storing and saying so."""
    try:
        folders, _ = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    known = set(Upload.objects.filter(public_id__in=folders).values_list("public_id", flat=True))
    for folder in set(folders) - known:
        for name in default_storage.listdir(f"{FOLDER}/{folder}")[1]:
            storage.delete(f"{FOLDER}/{folder}/{name}")
        with contextlib.suppress(OSError):
            default_storage.delete(f"{FOLDER}/{folder}")


def _drop(upload: Upload) -> None:
    for name, _, _ in upload.parts:
        storage.delete(_path(upload, name))


def _path(upload: Upload, part: str) -> str:
    return f"{FOLDER}/{upload.public_id}/{part}"
