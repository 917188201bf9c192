"""The steps of the workflow. ``move`` is the only writer of ``status``."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from applications import access, letters, workflow
from applications.models import Application
from applications.services import comparing, corrections
from applications.signals import moved, result_shown
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import known, without_rules
from core import writing
from core.errors import Refusal
from core.failpoints import failpoint
from core.prepared import Prepared, Slot


@transaction.atomic
def move(
    application: Application,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    **changes: Any,
) -> Application:
    """Take one step of the workflow, or raise ``Refusal`` and change nothing.

    The row is locked first, so of two people who act at once the second meets the new status.
    The step, its audit entry and its letters are one transaction. ``changes`` are further
    columns that belong to the step.
    """
    return step(locked(application), name, actor=actor, at=at, note=note, **changes)


def step(
    application: Application,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    note: str = "",
    people: Collection[User] | None = None,
    **changes: Any,
) -> Application:
    """``move`` for a row that this transaction has locked already.

    ``people`` are its filing people, where they are known. Raises as ``move`` does. A unit or
    recommender is judged by the status it may know, so that no refusal tells an unpublished result.
    """
    call = application.call
    roles = access.workflow_roles(actor, application)
    knows = roles & {workflow.Role.OFFICE, workflow.Role.CLOCK}
    way = workflow.find(
        call.steps,
        name,
        status=application.status if knows else application.shown_status,
        roles=roles,
        phase=call.phase(at),
    )
    before, application.status = application.status, way.target
    if name in workflow.RESULTS:
        changes = {**changes, "shown_as": before, "changed_at": application.changed_at}
    elif application.shown_as:
        changes = {**changes, "shown_as": ""}
    if way.target != Status.RETURNED and before == Status.RETURNED:
        changes = {"returned_fields": [], "correction_until": None, "returned_from": "", **changes}
    changes = {"changed_at": at, **changes}
    for column, value in changes.items():
        setattr(application, column, value)
    writing.update(application, ["status", *changes])
    failpoint("filing.moved")
    if before == Status.RETURNED:
        corrections.end(application, name, at=at)
    entry = audit.record(
        actor=actor,
        action=f"applications.{name}",
        subject=application,
        at=at,
        before=before,
        after=way.target,
        note=note,
    )
    if way.target in (Status.WITHDRAWN, Status.LAPSED):
        comparing.forget(application)
    letters.announce(name, application, occasion=entry.pk, note=note, at=at, people=people)
    moved.send(Application, application=application, move=name, before=before, actor=actor, at=at)
    return application


@transaction.atomic
def show_results(
    applications: QuerySet[Application], *, actor: Actor, at: datetime
) -> list[Application]:
    """Let everybody see the results of these, where they were the office's alone till now."""
    found = list(
        applications.exclude(shown_as="")
        .select_for_update(of=("self",))
        .select_related("call", "organisation")
        .order_by("pk")
    )
    for one in found:
        before, one.shown_as, one.changed_at = one.shown_as, "", at
        one.save(update_fields=["shown_as", "changed_at"])
        audit.record(
            actor=actor,
            action="applications.show_result",
            subject=one,
            at=at,
            shown=before,
            result=one.status,
        )
    if found:
        result_shown.send(Application, applications=found, actor=actor, at=at)
    return found


def locked(application: Application) -> Application:
    """The row as it is now, held until the transaction ends."""
    found = _locked.first(pk=application.pk)
    if found is None:
        raise Application.DoesNotExist
    return known(found)


_locked = Prepared(
    lambda: without_rules(
        Application.objects.select_for_update(of=("self",)).filter(pk=Slot("pk")), *access.PAGE
    )
)


def withdraw(application: Application, *, reason: str, actor: Actor, at: datetime) -> Application:
    """Take the filing back for good; it frees the unit's limit and any place it holds."""
    return move(application, "withdraw", actor=actor, at=at, note=reason)


def accept(application: Application, *, actor: Actor, at: datetime, note: str = "") -> Application:
    """形式审查 passed."""
    return move(application, "accept", actor=actor, at=at, note=note)


def not_accept(application: Application, *, reason: str, actor: Actor, at: datetime) -> Application:
    """形式审查 not passed; the reason goes to the applicant."""
    if len(reason.strip()) < 5:
        raise Refusal(
            "reason-short", "请写明不通过的理由（不少于 5 字），理由将告知申报单位。", status=422
        )
    return move(application, "not_accept", actor=actor, at=at, note=reason.strip())
