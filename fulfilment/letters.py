"""Which letter goes to whom about a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from accounts.models import Membership, User
from accounts.roles import FILING, Role
from fulfilment.models import (
    Acceptance,
    Change,
    Cosignature,
    Deliberation,
    Dispatch,
    DispatchSignature,
    Plan,
    Recognition,
    Report,
    ReportVersion,
    Task,
    TaskBook,
)
from notifications import services as notifications


def filing_people(units: Iterable[int], at: datetime) -> dict[int, list[User]]:
    """Who fills in for each of these units, each person once."""
    found: dict[int, dict[int, User]] = {}
    rows = Membership.objects.active(at).filter(organisation__in=set(units), role__in=FILING)
    for one in rows.select_related("user").order_by("pk"):
        found.setdefault(one.organisation_id, {})[one.user_id] = one.user
    return {unit: list(people.values()) for unit, people in found.items()}


def _to_units(
    tasks: Sequence[Task], *, occasion: str, template: str, at: datetime, **more: Any
) -> int:
    """One letter about each task to the filing people of its unit; how many that are."""
    people = filing_people([task.application.organisation_id for task in tasks], at)
    count = 0
    for task in tasks:
        count += len(people.get(task.application.organisation_id, []))
        notifications.enqueue(
            key=f"fulfilment.{occasion}:{task.pk}",
            to=people.get(task.application.organisation_id, []),
            template=f"fulfilment/letters/{template}.txt",
            context={"task": task, "application": task.application, **more},
            at=at,
        )
    return count


def started(tasks: Sequence[Task], *, at: datetime) -> None:
    """One statement for the people of all units; the occasion names the list."""
    for publication in {task.publication_id for task in tasks}:
        _to_units(
            [task for task in tasks if task.publication_id == publication],
            occasion=f"started:{publication}",
            template="started",
            at=at,
        )


def voided(tasks: Sequence[Task], *, reason: str, at: datetime) -> None:
    for task in tasks:
        _to_units(
            [task],
            occasion=f"voided:{task.publication_id}",
            template="voided",
            at=at,
            reason=reason,
        )


def plan_decided(plan: Plan, *, at: datetime) -> None:
    _to_units([plan.task], occasion=f"plan:{plan.pk}", template="plan_decided", at=at, plan=plan)


def report_asked(report: Report, *, at: datetime) -> None:
    _to_units(
        [report.task],
        occasion=f"asked:{report.pk}",
        template="report_asked",
        at=at,
        report=report,
    )


def report_received(version: ReportVersion, *, at: datetime) -> None:
    _to_units(
        [version.report.task],
        occasion=f"received:{version.pk}",
        template="report_received",
        at=at,
        report=version.report,
        version=version,
    )


def report_decided(report: Report, *, at: datetime) -> None:
    _to_units(
        [report.task],
        occasion=f"decided:{report.pk}:{report.decided_at}",
        template="report_decided",
        at=at,
        report=report,
    )


def chased(report: Report, *, today: date, at: datetime) -> None:
    _to_units(
        [report.task],
        occasion=f"chased:{report.pk}:{today}",
        template="chased",
        at=at,
        report=report,
    )


def remind(
    task: Task, *, what: str, title: str, due_on: date, offset: int, past: int, at: datetime
) -> int:
    """How many letters went out; the occasion names day and offset, so it is never doubled."""
    return _to_units(
        [task],
        occasion=f"remind:{what}:{due_on}:{offset}",
        template="remind",
        at=at,
        title=title,
        due_on=due_on,
        past=past,
        left=-past,
    )


def term_set(task: Task, *, at: datetime) -> None:
    _to_units([task], occasion=f"term:{task.due_on}", template="term_set", at=at)


def change_decided(change: Change, *, at: datetime) -> None:
    _to_units(
        [change.task],
        occasion=f"change:{change.pk}",
        template="change_decided",
        at=at,
        change=change,
    )


def book_signed(book: TaskBook, *, at: datetime) -> None:
    _to_units(
        [book.task],
        occasion=f"book:{book.document_id}",
        template="book_signed",
        at=at,
        book=book,
    )


def accepted(acceptance: Acceptance, *, at: datetime) -> None:
    _to_units(
        [acceptance.task],
        occasion=f"accepted:{acceptance.pk}",
        template="accepted",
        at=at,
        acceptance=acceptance,
    )


def recognised(recognition: Recognition, *, at: datetime) -> None:
    _to_units(
        [recognition.task],
        occasion=f"recognised:{recognition.pk}",
        template="recognised",
        at=at,
        recognition=recognition,
    )


def withdrawn(recognition: Recognition, *, at: datetime) -> None:
    _to_units(
        [recognition.task],
        occasion=f"withdrawn:{recognition.pk}",
        template="withdrawn",
        at=at,
        recognition=recognition,
    )


def to_sign(deliberation: Deliberation, *, at: datetime) -> None:
    """Tell the approvers of every office that has to sign."""
    _to_offices(deliberation.signatures.all(), "sign", at=at, deliberation=deliberation)


def to_issue(dispatch: Dispatch, *, at: datetime) -> None:
    """Tell the approvers of every office that issues the letter."""
    _to_offices(dispatch.signatures.all(), "issue", at=at, dispatch=dispatch)


def _to_offices(
    signatures: Iterable[Cosignature | DispatchSignature], act: str, *, at: datetime, **more: Any
) -> None:
    """To the approvers of each office whose signature is asked for."""
    approvers = Membership.objects.active(at).filter(role=Role.OFFICE_APPROVER)
    for one in signatures:
        notifications.enqueue(
            key=f"fulfilment.{act}:{one.pk}",
            to=approvers.filter(organisation=one.organisation_id).people(),
            template=f"fulfilment/letters/to_{act}.txt",
            context={"office": one.office, **more},
            at=at,
        )


def dispatched(dispatch: Dispatch, tasks: Sequence[Task], *, at: datetime) -> None:
    _to_units(
        tasks,
        occasion=f"dispatched:{dispatch.pk}",
        template="dispatched",
        at=at,
        dispatch=dispatch,
    )
