"""Files of evidence of a report, a change or an acceptance."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from documents import services as documents
from documents import uploads, viruses
from fulfilment.models import Acceptance, Change, Report, TaskFile
from fulfilment.services import ground, moving, reporting

MOST_FILES = 20


def attach(
    owner: Report | Change | Acceptance, *, name: str, data: bytes, actor: Actor, at: datetime
) -> TaskFile:
    """Take a file. Raises ``Refusal`` of ``uploads.check_upload``, ``too-many-files`` (422),
    and that its owner cannot be written any more."""
    checked = uploads.check_upload(data, name)
    found = viruses.check_upload(data, checked.name)
    blob = documents.store(data, media_type=checked.media_type, at=at, name=checked.name)
    if found is not None:
        viruses.note(blob, found, at=at)
    with transaction.atomic():
        task = moving.locked(owner.task)
        _must_be_writable(owner, actor)
        if owner.files.filter(removed_at=None).count() >= MOST_FILES:
            raise Refusal("too-many-files", f"文件不超过 {MOST_FILES} 个。", status=422)
        key = {Report: "report", Change: "change", Acceptance: "acceptance"}[type(owner)]
        made = TaskFile.objects.create(
            task=task,
            **{key: owner},
            blob=blob,
            name=checked.name,
            pages=checked.pages,
            uploaded_at=task.application.call.time(at),
            uploaded_by_id=actor.person,
        )
        audit.record(
            actor=actor,
            action="fulfilment.attach",
            subject=task,
            at=at,
            name=checked.name,
            sha256=blob.sha256,
        )
    return made


@transaction.atomic
def detach(file: TaskFile, *, actor: Actor, at: datetime) -> None:
    """Take a file out of a draft; what was submitted with it keeps it."""
    owner = file.report or file.change or file.acceptance
    assert owner is not None
    task = moving.locked(owner.task)
    _must_be_writable(owner, actor)
    file.removed_at = task.application.call.time(at)
    file.save(update_fields=["removed_at"])
    audit.record(actor=actor, action="fulfilment.detach", subject=task, at=at, name=file.name)


def _must_be_writable(owner: Report | Change | Acceptance, actor: Actor) -> None:
    if isinstance(owner, Acceptance):
        ground.must_be_office(actor)
        if owner.state != Acceptance.State.PROPOSED:
            raise Refusal("decided", "验收结论已经确认，不能再加材料。")
        return
    if isinstance(owner, Change):
        if owner.by_office:
            ground.must_be_office(actor)
        else:
            ground.must_be_unit(owner.task, actor)
        if not owner.is_open:
            raise Refusal("decided", "这项变更已经办结，不能再加材料。")
        return
    ground.must_be_unit(owner.task, actor)
    report = Report.objects.select_for_update().get(pk=owner.pk)
    report.task = owner.task
    reporting.must_be_open(owner.task, report)
    open_parts = {one["part"] for one in report.named}
    if report.state == Report.State.RETURNED and open_parts and "files" not in open_parts:
        raise Refusal("not-returned", "退回意见没有点名证明材料，材料不能改动。")
