"""任务书: drawn from the accepted plan, signed by the unit and then by the office."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.roles import Role
from audit import services as audit
from audit.services import Actor
from calls.programme import Step
from core.errors import Refusal
from documents import services as documents
from fulfilment import letters, papers
from fulfilment.models import Plan, Task, TaskBook
from fulfilment.services import moving
from outcomes import services as outcomes


def is_needed(task: Task) -> bool:
    return Step.CONTRACT in task.application.call.steps


def make(task: Task, plan: Plan, *, at: datetime) -> TaskBook | None:
    """Draw the book of a plan that was just accepted; a later plan draws it anew, unsigned.

    The caller holds the task. Its number is taken last, and kept when it is drawn again.
    """
    if not is_needed(task):
        return None
    held = TaskBook.objects.filter(task=task).select_related("document").first()
    number = held.number if held else _number(task)
    document = documents.request_document(
        kind="task_book",
        subject=plan,
        snapshot=papers.book(task, plan, number=number, at=at),
        title=f"任务书：{task.title}",
        at=at,
        organisation=task.application.organisation,
        number=number,
    )
    if held is None:
        return TaskBook.objects.create(
            task=task,
            plan=plan,
            number=number,
            document=document,
            made_at=task.application.call.time(at),
        )
    if held.document_id != document.pk:
        documents.void(held.document, reason="计划变动，任务书重新生成", at=at)
    held.plan, held.document = plan, document
    held.made_at = task.application.call.time(at)
    held.unit_signed_by = held.unit_signed_at = None
    held.office_signed_by = held.office_signed_at = None
    held.save()
    return held


def _number(task: Task) -> str:
    call = task.application.call
    prefix = call.number_prefix
    return f"{prefix}-RWS-{documents.next_number(f'task-book:{call.pk}'):04d}"


@transaction.atomic
def sign_book(book: TaskBook, *, actor: Actor, at: datetime) -> TaskBook:
    """The unit's administrator signs, then an approver of the office; then it is in force.

    Raises ``Refusal`` ``not-yours`` (403), ``signed``, ``unit-first``.
    """
    task = moving.locked(book.task)
    book = TaskBook.objects.select_for_update(of=("self",)).get(pk=book.pk)
    moving.must_run(task)
    now = task.application.call.time(at)
    unit = (
        actor.role == Role.UNIT_ADMIN and actor.organisation_id == task.application.organisation_id
    )
    if unit:
        if book.unit_signed_at is not None:
            raise Refusal("signed", "本单位已经签署，等待主管部门签署。")
        book.unit_signed_by_id, book.unit_signed_at = actor.person, now
    else:
        if actor.role != Role.OFFICE_APPROVER:
            raise Refusal(
                "not-yours", "任务书由承担单位管理员和主管部门审批人签署，请切换身份。", status=403
            )
        if book.office_signed_at is not None:
            raise Refusal("signed", "主管部门已经签署。")
        if book.unit_signed_at is None:
            raise Refusal("unit-first", "请等承担单位先签署。")
        book.office_signed_by_id, book.office_signed_at = actor.person, now
    book.save()
    moving.tell(task, what="签署任务书", text=book.number, actor=actor, at=at)
    audit.record(
        actor=actor,
        action="fulfilment.sign_book",
        subject=task,
        at=at,
        number=book.number,
        side="unit" if unit else "office",
        fingerprint=book.document.fingerprint,
    )
    if book.is_signed:
        outcomes.record(
            task.application.call,
            [task.application.public_id],
            step=Step.CONTRACT,
            result="pass",
            note=f"任务书 {book.number}，双方已签署",
            by_machinery=True,
            actor=actor,
            at=at,
        )
        letters.book_signed(book, at=at)
    return book
