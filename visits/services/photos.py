"""Photographs: judged, kept as they came, captioned, ordered, removed and put back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import previews, uploads, viruses
from documents import services as documents
from visits.models import Photo, Seat, Visit
from visits.services import filling

MOST = 60
"""Photographs of one visit."""
MOST_BYTES = uploads.MOST_BYTES
MOST_PAGES = 50
PRINTED = 900
"""Pixels across of the picture in the report: 300 dpi at 75 mm, about 100 KB."""


def add(seat: Seat, *, name: str, data: bytes, actor: Actor, at: datetime) -> Photo:
    """Judge a file in the child process, keep its bytes and the picture for the report, add it at
    the end.

    Raises ``Refusal``: those of ``check_upload``, ``infected-file``, ``too-many``,
    ``already-there`` (422), ``concluded``, ``undeclared``, ``preview-busy`` (503).
    """
    checked = uploads.check_upload(data, name, most_bytes=MOST_BYTES, most_pages=MOST_PAGES)
    found = viruses.check_upload(data, checked.name)
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    if found is not None:
        viruses.note(blob, found, at=at)
    drawn = previews.still(blob, width=PRINTED)
    picture = documents.store(drawn, media_type="image/jpeg", at=at) if drawn else None
    with transaction.atomic():
        visit = _open(seat, at=at)
        there = list(visit.photos.filter(removed_at=None))
        if len(there) >= MOST:
            raise Refusal("too-many", f"一次现场评估最多 {MOST} 份照片，请先移除一些。", status=422)
        if any(one.blob_id == blob.pk for one in there):
            raise Refusal(
                "already-there", f"“{checked.name}”与已上传的一份完全相同，不用再传。", status=422
            )
        made = Photo.objects.create(
            visit=visit,
            name=checked.name,
            blob=blob,
            picture=picture,
            pages=checked.pages,
            position=max((one.position for one in there), default=0) + 1,
            uploaded_at=at,
            uploaded_by_id=actor.person,
        )
        audit.record(
            actor=actor,
            action="visits.add_photo",
            subject=visit,
            at=at,
            name=checked.name,
            sha256=blob.sha256,
        )
    return made


@transaction.atomic
def caption(seat: Seat, photo: Photo, *, text: str, actor: Actor, at: datetime) -> None:
    visit = _open(seat, at=at)
    text = " ".join(text.split())
    if len(text) > 100:
        raise Refusal("too-long", "照片说明不超过 100 字，请删减。", status=422)
    Photo.objects.filter(pk=photo.pk, visit=visit).update(caption=text)
    audit.record(
        actor=actor,
        action="visits.caption",
        subject=visit,
        at=at,
        photo=photo.public_id,
        text=text,
    )


@transaction.atomic
def shift(seat: Seat, photo: Photo, *, by: int, actor: Actor, at: datetime) -> None:
    """Move one place up (-1) or down (+1); at the end nothing changes."""
    visit = _open(seat, at=at)
    there = list(visit.photos.filter(removed_at=None).order_by("position", "pk"))
    place = next((n for n, one in enumerate(there) if one.pk == photo.pk), None)
    if place is None or not 0 <= place + by < len(there):
        return
    there.insert(place + by, there.pop(place))
    for position, one in enumerate(there, start=1):
        if one.position != position:
            Photo.objects.filter(pk=one.pk).update(position=position)
    audit.record(
        actor=actor,
        action="visits.order_photos",
        subject=visit,
        at=at,
        order=[one.public_id for one in there],
    )


@transaction.atomic
def remove(seat: Seat, photo: Photo, *, actor: Actor, at: datetime) -> None:
    """Take a photograph out; it stays, so that it can be put back."""
    visit = _open(seat, at=at)
    if not Photo.objects.filter(pk=photo.pk, removed_at=None).update(removed_at=at):
        raise Refusal("already-removed", "这份照片已经移除。")
    audit.record(
        actor=actor, action="visits.remove_photo", subject=visit, at=at, photo=photo.public_id
    )


@transaction.atomic
def restore(seat: Seat, photo: Photo, *, actor: Actor, at: datetime) -> None:
    """Put a removed one back. Raises ``Refusal`` ``already-there``, ``too-many``."""
    visit = _open(seat, at=at)
    there = visit.photos.filter(removed_at=None)
    if there.filter(blob=photo.blob_id).exists():
        raise Refusal("already-there", "内容相同的照片已在清单中，不用恢复。")
    if there.count() >= MOST:
        raise Refusal("too-many", f"一次现场评估最多 {MOST} 份照片，现在已满。", status=422)
    if Photo.objects.filter(pk=photo.pk, removed_at__isnull=False).update(removed_at=None):
        audit.record(
            actor=actor,
            action="visits.restore_photo",
            subject=visit,
            at=at,
            photo=photo.public_id,
        )


def _open(seat: Seat, *, at: datetime) -> Visit:
    """The locked visit, if its photographs may change now."""
    seat, visit = filling.held(seat)
    if seat.declared_at is None:
        raise Refusal("undeclared", "请先申明有无回避情形，再上传。")
    if filling.before_the_day(visit, at=at):
        raise Refusal("too-early", "评估当日起可以上传照片。")
    return visit
