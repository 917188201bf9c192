"""The steps of the workflow. ``move`` is the only writer of ``status``."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import User
from applications import access, letters, workflow
from applications.models import Application
from applications.services import comparing, corrections
from applications.signals import moved
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal


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

    ``people`` are its filing people, where they are known. Raises as ``move`` does.
    """
    call = application.call
    way = workflow.find(
        call.steps,
        name,
        status=application.status,
        roles=access.workflow_roles(actor, application),
        phase=call.phase(at),
    )
    before, application.status = application.status, way.target
    if way.target != Status.RETURNED and before == Status.RETURNED:
        changes = {"returned_fields": [], "correction_until": None, "returned_from": "", **changes}
    for column, value in {**changes, "changed_at": at}.items():
        setattr(application, column, value)
    application.save(update_fields=["status", "changed_at", *changes])
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


def locked(application: Application) -> Application:
    """The row as it is now, held until the transaction ends."""
    return (
        Application.objects.select_for_update(of=("self",))
        .select_related(
            "call", "organisation", "recommender", "preselector", "direction", "subfield"
        )
        .get(pk=application.pk)
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
