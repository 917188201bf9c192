"""The rounds of correction of a filing: opened by a return, kept for ever. Writes their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from applications import letters, places, workflow
from applications.access import workflow_roles
from applications.models import Application, CorrectedField, Correction
from audit import services as audit
from audit.services import Actor
from core.errors import Refusal

ENDED_BY = {
    "submit": Correction.State.SUBMITTED,
    "correct": Correction.State.SUBMITTED,
    "stand": Correction.State.STOOD,
    "stand_recommended": Correction.State.STOOD,
    "withdraw": Correction.State.WITHDRAWN,
}


def begin(
    application: Application,
    *,
    fields: Sequence[Mapping[str, str]],
    note: str,
    until: datetime,
    actor: Actor,
    at: datetime,
) -> Correction:
    """Write down what a return names; the round before, if nobody accepted it, is given back."""
    assert actor.organisation_id is not None, "a filing is returned on behalf of a unit"
    rounds = Correction.objects.filter(application=application)
    rounds.filter(state=Correction.State.SUBMITTED).update(
        state=Correction.State.AGAIN, decided_at=at, decided_by_id=actor.user_id
    )
    made = Correction.objects.create(
        application=application,
        number=rounds.count() + 1,
        from_version=application.version_number,
        by_office=workflow.Role.OFFICE in workflow_roles(actor, application),
        by_id=actor.person,
        by_name=actor.name,
        organisation_id=actor.organisation_id,
        note=note,
        until=until,
        opened_at=at,
    )
    programme = application.call.programme
    rows = []
    for order, item in enumerate(fields):
        section, field = item["section"], item.get("field", "")
        place = places.place(programme, section, field)
        rows.append(
            CorrectedField(
                correction=made,
                order=order,
                section=section,
                field=field,
                title=(place.title if place else section)[:200],
                comment=item.get("comment", ""),
            )
        )
    CorrectedField.objects.bulk_create(rows)
    return made


def end(application: Application, move: str, *, at: datetime) -> None:
    """The open round ends with this move of the filing."""
    state = ENDED_BY.get(move)
    if state is None:
        return
    found = (
        Correction.objects.select_related("by")
        .filter(application=application, state=Correction.State.OPEN)
        .first()
    )
    if found is None:
        return
    found.application = application
    found.state, found.ended_at = state, at
    if state == Correction.State.SUBMITTED:
        found.to_version = application.version_number
    found.save(update_fields=["state", "ended_at", "to_version"])
    if state == Correction.State.SUBMITTED:
        letters.corrected(found, at=at)


@transaction.atomic
def accept_correction(correction: Correction, *, actor: Actor, at: datetime) -> Correction:
    """接受修改: whoever returned it has seen the changes and asks for nothing more.

    Raises ``Refusal`` ``not-yours`` (403) for other sides, ``not-waiting`` when there is nothing
    to accept any more.
    """
    correction = (
        Correction.objects.select_for_update(of=("self",))
        .select_related("application__call", "application__organisation", "organisation")
        .get(pk=correction.pk)
    )
    must_judge(correction, actor)
    if correction.state != Correction.State.SUBMITTED:
        raise Refusal("not-waiting", "这一轮修改已经处理过，请刷新页面查看最新情况。")
    correction.state = Correction.State.ACCEPTED
    correction.decided_at, correction.decided_by_id = at, actor.user_id
    correction.save(update_fields=["state", "decided_at", "decided_by"])
    audit.record(
        actor=actor,
        action="applications.accept_correction",
        subject=correction.application,
        at=at,
        round=correction.number,
        version=correction.to_version,
    )
    letters.correction_accepted(correction, at=at)
    return correction


def may_judge(correction: Correction, actor: Actor) -> bool:
    """Whoever returned it, and the office in any case."""
    found = workflow_roles(actor, correction.application)
    if workflow.Role.OFFICE in found:
        return True
    return (
        workflow.Role.RECOMMENDER in found
        and not correction.by_office
        and correction.organisation_id == actor.organisation_id
    )


def must_judge(correction: Correction, actor: Actor) -> None:
    if not may_judge(correction, actor):
        raise Refusal("not-yours", "修改由退回的单位核对，您现在的身份不能办理。", status=403)
