"""Which reports are due, kept in step with the term."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from fulfilment import letters, terms
from fulfilment.models import Report, Task
from fulfilment.services import ground, moving

Kind, State = Report.Kind, Report.State


def wanted(task: Task) -> list[Report]:
    """The reports the programme asks of this task, not yet saved."""
    rule = task.application.call.programme.task
    spans = terms.report_spans(task.starts_on, task.due_on, rule.reports if rule else None)
    rows = [
        Report(
            task=task,
            kind=Kind.PERIODIC,
            number=span.number,
            covers_from=span.covers_from,
            covers_to=span.covers_to,
            due_on=span.due_on,
        )
        for span in spans
    ]
    last = Report(
        task=task,
        kind=Kind.FINAL,
        number=1,
        covers_from=task.starts_on if task.due_on else None,
        covers_to=task.due_on,
        due_on=terms.final_due(task.due_on, rule),
    )
    return [*rows, last]


def first(tasks: Sequence[Task]) -> None:
    """The reports of tasks that just began."""
    Report.objects.bulk_create(report for task in tasks for report in wanted(task))


def sync(task: Task) -> None:
    """After the term changed: missing reports are added, days follow, what is void is dropped.

    What was ever submitted stays as it is. The caller holds the task.
    """
    known = {
        (one.kind, one.number): one
        for one in Report.objects.select_for_update()
        .filter(task=task)
        .exclude(kind=Kind.ASKED)
        .prefetch_related("versions")
    }
    now = {(one.kind, one.number): one for one in wanted(task)}
    for key, fresh in now.items():
        held = known.get(key)
        if held is None:
            fresh.save(force_insert=True)
        elif held.state in (*Report.WAITING, State.DROPPED):
            held.covers_from, held.covers_to = fresh.covers_from, fresh.covers_to
            held.due_on = fresh.due_on
            if held.state == State.DROPPED:
                held.state = State.OPEN
            held.save(update_fields=["covers_from", "covers_to", "due_on", "state"])
    for key, held in known.items():
        if key not in now and held.state == State.OPEN and not held.versions.all():
            held.state = State.DROPPED
            held.save(update_fields=["state"])


@transaction.atomic
def ask_report(task: Task, *, due_on: date, ask: str, actor: Actor, at: datetime) -> Report:
    """The office asks for a report of its own. Raises ``day-past``, ``reason-short`` (422)."""
    ground.must_be_office(actor)
    task = moving.locked(task)
    moving.must_run(task)
    ask = ground.reason_of(ask, what="报告的要求")
    if due_on < ground.day(task, at):
        raise Refusal("day-past", "截止日已经过去，请改为当日或以后的日期。", status=422)
    most = task.reports.filter(kind=Kind.ASKED).aggregate(n=Max("number"))["n"] or 0
    report = Report.objects.create(
        task=task, kind=Kind.ASKED, number=most + 1, due_on=due_on, ask=ask[:500]
    )
    moving.tell(task, what="要求报告", text=f"{terms.words(due_on)}前：{ask}", actor=actor, at=at)
    audit.record(
        actor=actor, action="fulfilment.ask_report", subject=task, at=at, due_on=str(due_on)
    )
    letters.report_asked(report, at=at)
    return report


@transaction.atomic
def set_term(
    tasks: Iterable[Task], *, due_on: date, basis: str, actor: Actor, at: datetime
) -> list[Task]:
    """Set the last day where the programme states no length. Raises ``term-known``, ``day-past``.

    Whoever approves at the office does it, with the basis; a later change is a change request.
    """
    ground.must_approve(actor)
    basis = ground.reason_of(basis, what="期限的依据")
    found = []
    for one in tasks:
        task = moving.locked(one)
        moving.must_run(task)
        if task.due_on is not None:
            raise Refusal("term-known", f"《{task.title}》的期限已经确定，请用变更办理。")
        if due_on <= task.starts_on:
            raise Refusal("day-past", "到期日须在起始日之后。", status=422)
        task.due_on = due_on
        task.save(update_fields=["due_on"])
        sync(task)
        moving.tell(
            task, what="确定期限", text=f"至{terms.words(due_on)}：{basis}", actor=actor, at=at
        )
        audit.record(
            actor=actor,
            action="fulfilment.set_term",
            subject=task,
            at=at,
            due_on=str(due_on),
            basis=basis,
        )
        letters.term_set(task, at=at)
        found.append(task)
    return found


@transaction.atomic
def chase(reports: Sequence[Report], *, actor: Actor, at: datetime) -> int:
    """Write to the units whose reports are overdue; once a day each. Returns how many were told."""
    ground.must_be_office(actor)
    count = 0
    rows = (
        Report.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk for one in reports])
        .select_related("task__application__call", "task__application__organisation")
        .order_by("pk")
    )
    for report in rows:
        task = report.task
        today = ground.day(task, at)
        now = task.application.call.time(at)
        if not task.is_running or not report.is_overdue(today):
            continue
        if report.chased_at is not None and terms.day_of(report.chased_at) == today:
            continue
        report.chased_at = now
        report.save(update_fields=["chased_at"])
        moving.tell(task, what="催报", text=report.title, actor=actor, at=at)
        letters.chased(report, today=today, at=at)
        audit.record(
            actor=actor, action="fulfilment.chase", subject=task, at=at, report=report.title
        )
        count += 1
    if not count:
        raise Refusal("nobody-late", "所选的没有逾期未报的，或者今天已经催过。", status=422)
    return count
