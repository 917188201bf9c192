"""Adding and removing files of a filing. Files come before the submission, which carries none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from applications import queries, readiness, services
from applications.models import Application, Attachment
from audit import services as audit
from audit.services import Actor
from calls import programme as programmes
from core.errors import Refusal
from documents import services as documents
from documents import uploads, viruses
from documents.models import Blob

MOST_REUSABLE = 20


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that was judged and is kept: what may become an attachment."""

    name: str
    pages: int
    blob: Blob


def wanted(application: Application, key: str) -> programmes.Attachment:
    """The kind of 证明材料 with this key. Raises ``Refusal`` ``unknown-kind``."""
    found = readiness.wanted_files(queries.material(application))
    kind = next((one for one in found if one.key == key), None)
    if kind is None:
        raise Refusal("unknown-kind", "本次申报不需要这类材料，请刷新页面后再上传。", status=422)
    return kind


def must_be_open(application: Application, key: str, *, at: datetime) -> None:
    """Refuse a change of this kind after the deadline or outside a return's fields."""
    services.must_be_writable(application, at=at, section=readiness.FILES, fields=(key,))


# Adding ----------------------------------------------------------------------------------------


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
    damaged), ``infected-file``, ``too-many``, ``already-there``, and those of
    ``must_be_writable``.
    """
    kind = wanted(application, key)
    must_be_open(application, key, at=at)
    stored = keep(kind, name=name, data=data, at=at)
    with transaction.atomic():
        return add(application, kind, stored, actor=actor, at=at, replaces=replaces)


def keep(kind: programmes.Attachment, *, name: str, data: bytes, at: datetime) -> Stored:
    """Judge a file and store its bytes. A scanner that is away is asked again later."""
    checked = uploads.check_upload(
        data, name, allow=kind.types, most_bytes=kind.max_mb * 1024 * 1024
    )
    found = viruses.check_upload(data, checked.name)
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    if found is not None:
        viruses.note(blob, found, at=at)
    return Stored(checked.name, checked.pages, blob)


def add(
    application: Application,
    kind: programmes.Attachment,
    stored: Stored,
    *,
    actor: Actor,
    at: datetime,
    replaces: Attachment | None = None,
) -> Attachment:
    """Make a stored file part of the filing, in the caller's transaction."""
    application = services.locked(application)
    must_be_open(application, kind.key, at=at)
    there = [
        item
        for item in application.attachments.filter(key=kind.key, removed_at=None)
        if replaces is None or item.pk != replaces.pk
    ]
    if any(item.blob_id == stored.blob.pk for item in there):
        raise Refusal(
            "already-there", f"“{kind.title}”里已有内容完全相同的文件，不用再传。", status=422
        )
    if len(there) >= kind.max_files:
        raise Refusal("too-many", too_many(kind, len(there)), status=422)
    assert actor.user_id is not None, "files are added by people"
    made = Attachment.objects.create(
        application=application,
        key=kind.key,
        name=stored.name,
        blob=stored.blob,
        pages=stored.pages,
        uploaded_at=at,
        uploaded_by_id=actor.user_id,
        replaces=replaces,
        position=max((one.position for one in there), default=0),
    )
    if replaces is not None:
        _take_place(application, made, replaces)
        _remove(application, replaces, at=at)
        application.indicator_rows.filter(evidence=replaces).update(evidence=made)
    audit.record(
        actor=actor,
        action="applications.attach",
        subject=application,
        at=at,
        key=kind.key,
        name=stored.name,
        sha256=stored.blob.sha256,
        replaces=replaces.public_id if replaces else "",
    )
    return made


def _take_place(application: Application, made: Attachment, replaces: Attachment) -> None:
    """The new file stands where the one it replaces stood."""
    there = list(
        application.attachments.filter(key=made.key, removed_at=None)
        .exclude(pk=made.pk)
        .order_by("position", "pk")
    )
    _number([made if item.pk == replaces.pk else item for item in there])


def _number(order: list[Attachment]) -> None:
    for position, item in enumerate(order, start=1):
        if item.position != position:
            item.position = position
            Attachment.objects.filter(pk=item.pk).update(position=position)


def too_many(kind: programmes.Attachment, there: int) -> str:
    return f"“{kind.title}”最多 {kind.max_files} 份，已有 {there} 份。请先移除一份，或用“替换”。"


# Using again what the unit filed before --------------------------------------------------------


def reusable(application: Application, kind: programmes.Attachment) -> list[Attachment]:
    """Files of the same kind in the unit's other filings, the newest of each content first.

    What this filing already holds, and what this call would not take, is left out.
    """
    held = application.attachments.filter(key=kind.key, removed_at=None).values("blob_id")
    found: dict[str, Attachment] = {}
    for item in _earlier(application, kind).exclude(blob_id__in=held)[: MOST_REUSABLE * 3]:
        found.setdefault(item.blob_id, item)
    return list(found.values())[:MOST_REUSABLE]


def _earlier(application: Application, kind: programmes.Attachment) -> QuerySet[Attachment]:
    types = [uploads.MEDIA_TYPES[one] for one in kind.types]
    return (
        Attachment.objects.filter(
            application__organisation=application.organisation_id,
            key=kind.key,
            removed_at=None,
            blob__media_type__in=types,
            blob__size__lte=kind.max_mb * 1024 * 1024,
        )
        .exclude(application=application)
        .exclude(blob__virus_check__found__gt="")
        .select_related("blob", "application__call")
        .order_by("-uploaded_at", "-pk")
    )


def reuse(
    application: Application, *, key: str, source: str, actor: Actor, at: datetime
) -> Attachment:
    """Take a file of an earlier filing of the same unit; its bytes are not stored again.

    Raises ``Refusal`` ``not-reusable`` (422) for any other file, and those of ``add``.
    """
    kind = wanted(application, key)
    with transaction.atomic():
        item = _earlier(application, kind).filter(public_id=source).first()
        if item is None:
            raise Refusal(
                "not-reusable", "这份文件不能在这里再用，请刷新页面，或直接上传。", status=422
            )
        stored = Stored(item.name, item.pages, item.blob)
        return add(application, kind, stored, actor=actor, at=at)


# Removing, and taking back ---------------------------------------------------------------------


@transaction.atomic
def remove(application: Application, attachment: Attachment, *, actor: Actor, at: datetime) -> None:
    """Take a file out of the filing. The file stays, so that it can be put back."""
    application = services.locked(application)
    must_be_open(application, attachment.key, at=at)
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
    must_be_open(application, attachment.key, at=at)
    kind = wanted(application, attachment.key)
    there = application.attachments.filter(key=attachment.key, removed_at=None)
    if there.count() >= kind.max_files:
        raise Refusal(
            "too-many", f"“{kind.title}”最多 {kind.max_files} 份，现在已满，不能恢复。", status=422
        )
    if _put_back(application, attachment):
        audit.record(
            actor=actor,
            action="applications.reattach",
            subject=application,
            at=at,
            name=attachment.name,
            file=attachment.public_id,
        )


def _put_back(application: Application, attachment: Attachment) -> bool:
    twin = application.attachments.filter(
        key=attachment.key, blob=attachment.blob_id, removed_at=None
    )
    if twin.exclude(pk=attachment.pk).exists():
        raise Refusal("already-there", f"“{attachment.name}”的内容已在清单中，不用恢复。")
    back = Attachment.objects.filter(
        pk=attachment.pk, application=application, removed_at__isnull=False
    ).update(removed_at=None)
    return bool(back)


@transaction.atomic
def undo_replacing(
    application: Application, attachment: Attachment, *, actor: Actor, at: datetime
) -> Attachment:
    """The file that was replaced comes back, the one in its place goes; pins to pages follow.

    Raises ``Refusal`` ``nothing-to-undo`` when this file replaced none that could come back.
    """
    application = services.locked(application)
    must_be_open(application, attachment.key, at=at)
    attachment = Attachment.objects.select_related("replaces").get(pk=attachment.pk)
    before = attachment.replaces
    if before is None or before.removed_at is None or attachment.removed_at is not None:
        raise Refusal("nothing-to-undo", "这次替换已经撤销，或原文件已经恢复。")
    _remove(application, attachment, at=at)
    _put_back(application, before)
    Attachment.objects.filter(pk=before.pk).update(position=attachment.position)
    Attachment.objects.filter(pk=attachment.pk).update(replaces=None)
    application.indicator_rows.filter(evidence=attachment).update(evidence=before)
    audit.record(
        actor=actor,
        action="applications.undo_replacing",
        subject=application,
        at=at,
        name=before.name,
        file=before.public_id,
        instead_of=attachment.public_id,
    )
    return before


# Name and order --------------------------------------------------------------------------------


@transaction.atomic
def rename(
    application: Application, attachment: Attachment, *, name: str, actor: Actor, at: datetime
) -> str:
    """Change the name a file is shown and printed under; its extension stays what it is."""
    application = services.locked(application)
    must_be_open(application, attachment.key, at=at)
    _, dot, extension = attachment.name.rpartition(".")
    wished = name.strip()
    if dot and wished.lower().endswith(f".{extension.lower()}"):
        wished = wished[: -len(extension) - 1]
    if not wished.strip(" ."):
        raise Refusal("no-name", "请填写文件名。", status=422)
    new = uploads.safe_name(f"{wished}.{extension}" if dot else wished)
    if new == attachment.name:
        return new
    Attachment.objects.filter(pk=attachment.pk).update(name=new)
    audit.record(
        actor=actor,
        action="applications.rename_file",
        subject=application,
        at=at,
        file=attachment.public_id,
        before=attachment.name,
        name=new,
    )
    return new


@transaction.atomic
def shift(
    application: Application, attachment: Attachment, *, by: int, actor: Actor, at: datetime
) -> None:
    """Move a file one place up (-1) or down (+1) within its kind; at the end nothing changes."""
    application = services.locked(application)
    must_be_open(application, attachment.key, at=at)
    there = list(
        application.attachments.filter(key=attachment.key, removed_at=None).order_by(
            "position", "pk"
        )
    )
    place = next((n for n, item in enumerate(there) if item.pk == attachment.pk), None)
    if place is None or not 0 <= place + by < len(there):
        return
    there.insert(place + by, there.pop(place))
    _number(there)
    audit.record(
        actor=actor,
        action="applications.order_files",
        subject=application,
        at=at,
        key=attachment.key,
        order=[item.public_id for item in there],
    )


# Looking again for viruses ---------------------------------------------------------------------


def check_waiting(*, at: datetime, limit: int = 20) -> int:
    """Have the scanner look at files it has not seen; how many it looked at.

    A scanner that gives no answer ends the round: the files stay as they are and wait.
    """
    if not viruses.is_on():
        return 0
    waiting = (
        Attachment.objects.filter(removed_at=None, blob__virus_check=None)
        .select_related("blob")
        .order_by("pk")
    )
    seen: set[str] = set()
    for item in waiting[:limit]:
        if item.blob_id in seen:
            continue
        found = viruses.look(documents.read(item.blob))
        if found is None:
            break
        seen.add(item.blob_id)
        _note(item, found, at=at)
    return len(seen)


@transaction.atomic
def _note(item: Attachment, found: str, *, at: datetime) -> None:
    viruses.note(item.blob, found, at=at)
    if found:
        audit.record(
            actor=Actor("scanner"),
            action="applications.file_infected",
            subject=item.application,
            at=at,
            file=item.public_id,
            name=item.name,
            found=found,
        )
