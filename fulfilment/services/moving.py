"""The way of a task, and its history. The only writer of ``state``."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from fulfilment.models import Happening, Task
from fulfilment.states import MOVES, RUNNING, State
from outcomes.rules import day_of


def locked(task: Task) -> Task:
    """The task's row, held until the transaction ends, with its call."""
    return (
        Task.objects.select_for_update(of=("self",))
        .select_related("application__call", "application__organisation", "publication")
        .get(pk=task.pk)
    )


def must_run(task: Task) -> None:
    """Raises ``Refusal`` ``task-over``."""
    if not task.is_running:
        raise Refusal(
            "task-over", f"这项任务现在是“{task.get_state_display()}”，不能再办理，请刷新页面。"
        )


def tell(task: Task, *, what: str, text: str = "", actor: Actor, at: datetime) -> Happening:
    """Write a line of the history, in the call's own time."""
    line = Happening.of(task, what=what, text=text, actor=actor, at=task.application.call.time(at))
    line.save(force_insert=True)
    return line


@transaction.atomic
def advance(task: Task, name: str, *, reason: str = "", actor: Actor, at: datetime) -> Task:
    """Take one step of the way, or raise ``Refusal`` ``not-now`` and change nothing."""
    task = locked(task)
    step = MOVES[name]
    if task.state not in step.sources:
        raise Refusal(
            "not-now",
            f"这项任务现在是“{task.get_state_display()}”，不能办理“{step.words}”，请刷新页面。",
        )
    before, now = task.state, task.application.call.time(at)
    target = State(task.voided_from) if name == "revive" and task.voided_from else step.target
    task.state = target
    task.voided_from = before if target == State.VOID else ""
    task.closed_at = None if target in RUNNING else now
    task.closed_reason = "" if target in RUNNING else reason[:500]
    if name == "complete":
        task.ready_on = day_of(now)
    elif name == "resume":
        task.ready_on = None
    task.save()
    tell(task, what=step.words, text=reason, actor=actor, at=at)
    audit.record(
        actor=actor, action=f"fulfilment.{name}", subject=task, at=at, before=before, reason=reason
    )
    return task
