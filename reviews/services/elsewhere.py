"""Conflicts outside a round: of an expert with one application that is visited or discussed.

They are the same rows as a round's, so that a conflict known in one place bars in every other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import units
from applications.models import Application, Version
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal
from reviews import conflicts, queries, reading
from reviews.conflicts import ApplicationFacts
from reviews.models import Conflict, Expert
from reviews.services import barring


def facts_of(application: Application, version: Version) -> ApplicationFacts:
    """Units and people of a frozen version, with what else the units are or were called."""
    found = reading.facts(
        application.call.programme,
        version.snapshot,
        name=application.organisation.name,
        code=application.organisation.code or "",
        region=application.organisation.region,
    )
    codes = {unit.code for unit in (found.applicant, *found.partners)}
    marks = units.other_marks(codes)
    return found.with_marks(marks) if marks else found


@transaction.atomic
def compute_for(
    application: Application, version: Version, experts: Iterable[Expert], *, at: datetime
) -> None:
    """Compare these experts with the application; what is found stands as a computed conflict.

    What the office dismissed or pinned stays as it is.
    """
    facts = facts_of(application, version)
    for expert in experts:
        reasons = conflicts.find(expert.facts, facts)
        if reasons:
            Conflict.objects.get_or_create(
                expert=expert,
                application=application,
                kind=Conflict.Kind.COMPUTED,
                defaults={"reason": conflicts.sentence(reasons)[:300], "at": at},
            )


def standing(expert: Expert, application: Application) -> Conflict | None:
    """A conflict that bars this person from the application, of whatever pool."""
    return queries.conflicts_between(expert, application).first()


@transaction.atomic
def declare(
    expert: Expert, application: Application, *, reason: str, actor: Actor, at: datetime
) -> Conflict:
    """The expert says so. Tasks to review the application end with it.

    Raises ``Refusal`` ``reason-missing`` (422).
    """
    return _stand(
        expert,
        application,
        Conflict.Kind.DECLARED,
        Conflict.State.ACTIVE,
        reason=reason,
        actor=actor,
        at=at,
    )


@transaction.atomic
def bar(
    expert: Expert, application: Application, *, reason: str, actor: Actor, at: datetime
) -> Conflict:
    """The organiser says so; it stays until the organiser dismisses it."""
    return _stand(
        expert,
        application,
        Conflict.Kind.OFFICE,
        Conflict.State.PINNED,
        reason=reason,
        actor=actor,
        at=at,
    )


def _stand(
    expert: Expert,
    application: Application,
    kind: str,
    state: str,
    *,
    reason: str,
    actor: Actor,
    at: datetime,
) -> Conflict:
    reason = reason.strip()[:300]
    if not reason:
        raise Refusal("reason-missing", "请写明须回避的理由。", status=422)
    conflict, _ = Conflict.objects.update_or_create(
        expert=expert,
        application=application,
        kind=kind,
        defaults={"reason": reason, "state": state, "by_id": actor.user_id, "at": at},
    )
    barring.end_tasks(expert, application, reason=reason, at=at)
    audit.record(
        actor=actor,
        action="reviews.conflict_elsewhere",
        subject=conflict,
        at=at,
        expert=expert.pk,
        application=application.pk,
        kind=kind,
        reason=reason,
    )
    return conflict
