"""A list is published: the tasks of the units on it begin. It is taken down: they stop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.models import Application, Participation, Version
from audit import services as audit
from audit.services import Actor
from calls.models import Indicator
from calls.programme import Programme
from fulfilment import letters, targets, terms
from fulfilment.models import Target, Task
from fulfilment.services import moving, scheduling
from fulfilment.states import RUNNING, State
from outcomes.models import Decision, Publication
from outcomes.rules import day_of


@transaction.atomic
def start(
    publication: Publication, decisions: Sequence[Decision], *, actor: Actor, at: datetime
) -> list[Task]:
    """Begin the tasks of these selections on the day their list is published.

    Nothing where the programme has no such step. Doing it again changes nothing: one application
    has one task. A task whose list was taken down goes on under the new one, with a new term.
    Returns the tasks that began or go on.
    """
    call = publication.call
    if not terms.has_tasks(call.steps) or publication.published_at is None:
        return []
    chosen = {one.application_id: one.application for one in decisions}
    known = {
        task.application_id: task
        for task in Task.objects.select_for_update(of=("self",))
        .filter(application__in=chosen)
        .select_related("application__call")
    }
    fresh = _begin(publication, [one for pk, one in chosen.items() if pk not in known], at=at)
    for task in fresh:
        text = f"依据《{publication.title}》，{term_words(task)}"
        task.application.call = call
        moving.tell(task, what="任务开始", text=text, actor=actor, at=at)
    audit.record_each(
        actor=actor,
        action="fulfilment.start",
        of=[(one, {"publication": publication.pk, "due_on": str(one.due_on)}) for one in fresh],
        at=at,
    )
    again = [
        _again(task, publication, actor=actor, at=at)
        for task in known.values()
        if task.state == State.VOID
    ]
    letters.started([*fresh, *again], at=at)
    return [*fresh, *again]


def term_words(task: Task) -> str:
    """The term as people say it."""
    if task.due_on is None:
        return f"自{terms.words(task.starts_on)}起，期限由主管部门确定。"
    return f"期限自{terms.words(task.starts_on)}至{terms.words(task.due_on)}。"


def _term(publication: Publication) -> dict[str, Any]:
    assert publication.published_at is not None
    starts = day_of(publication.published_at)
    rule = publication.call.programme.task
    due = terms.last_day(starts, rule)
    return {"starts_on": starts, "due_on": due, "limit_on": terms.limit(starts, rule)}


def _begin(
    publication: Publication, applications: Sequence[Application], *, at: datetime
) -> list[Task]:
    call = publication.call
    frozen = _snapshots(applications)
    partners = _partners(applications)
    term = _term(publication)
    made = Task.objects.bulk_create(
        Task(
            application=one,
            publication=publication,
            filed_version=one.version_number,
            title=one.title,
            lead=_lead(call.programme, frozen.get(one.pk, {})),
            partners=partners.get(one.pk, []),
            started_at=call.time(at),
            **term,
        )
        for one in applications
    )
    scheduling.first(made)
    specs = _specs(applications)
    goals = call.programme.task.goals if call.programme.task else None
    Target.objects.bulk_create(
        _target(task, number, row)
        for task in made
        for number, row in enumerate(
            targets.pinned(
                frozen.get(task.application_id, {}),
                specs.get(task.application.direction_id or 0, {}),
                goals,
            ),
            1,
        )
    )
    return made


def _target(task: Task, order: int, row: targets.Pinned) -> Target:
    return Target(
        task=task,
        order=order,
        key=row.key,
        name=row.name[:100],
        unit=row.unit,
        basis=row.basis[:100],
        kind=row.kind,
        operator=row.operator,
        reference=row.reference[:100],
        current=row.current,
        target=row.target,
        first_target=row.target,
        method=row.method,
        rule=dict(row.rule),
    )


def _snapshots(applications: Iterable[Application]) -> dict[int, dict[str, Any]]:
    """The frozen contents in force of each."""
    wanted = {one.pk: one.version_number for one in applications}
    return {
        version.application_id: version.snapshot
        for version in Version.objects.filter(application__in=wanted)
        if version.number == wanted[version.application_id]
    }


def _partners(applications: Iterable[Application]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = {}
    rows = Participation.objects.filter(
        application__in=[one.pk for one in applications], lead=False
    ).order_by("pk")
    for row in rows:
        found.setdefault(row.application_id, []).append({"name": row.name, "code": row.code})
    return found


def _specs(applications: Iterable[Application]) -> dict[int, dict[str, Any]]:
    """The reference indicators of each direction, by their key."""
    found: dict[int, dict[str, Any]] = {}
    for row in Indicator.objects.filter(direction__in={one.direction_id for one in applications}):
        found.setdefault(row.direction_id, {})[row.key] = row.spec
    return found


def _lead(programme: Programme, snapshot: Mapping[str, Any]) -> str:
    if programme.task is None or not programme.task.lead_field:
        return ""
    section, _, field = programme.task.lead_field.partition(".")
    return str(snapshot.get("answers", {}).get(section, {}).get(field) or "")[:60]


def _again(task: Task, publication: Publication, *, actor: Actor, at: datetime) -> Task:
    """The task goes on under the list in force: its clock runs from that publication."""
    term = _term(publication)
    task.publication = publication
    for name, day in term.items():
        setattr(task, name, day)
    task.save(update_fields=["publication", *term])
    scheduling.sync(task)
    return moving.advance(
        task,
        "revive",
        reason=f"依据《{publication.title}》，{term_words(task)}",
        actor=actor,
        at=at,
    )


@transaction.atomic
def void(publication: Publication, *, reason: str, actor: Actor, at: datetime) -> list[Task]:
    """The list was taken down: what still runs under it stops until a list names it again."""
    found = list(
        Task.objects.select_for_update(of=("self",))
        .filter(publication=publication, state__in=RUNNING)
        .order_by("pk")
    )
    stopped = [moving.advance(task, "void", reason=reason, actor=actor, at=at) for task in found]
    letters.voided(stopped, reason=reason, at=at)
    return stopped
