"""Giving a filing back to have named fields corrected."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from applications import access, places, queries, workflow
from applications.models import Application
from applications.services import corrections
from applications.services.drafting import words
from applications.services.moving import locked, move
from audit.services import Actor
from core.errors import Refusal


@transaction.atomic
def return_for_correction(
    application: Application,
    *,
    fields: Sequence[Mapping[str, str]],
    note: str,
    until: datetime,
    actor: Actor,
    at: datetime,
) -> Application:
    """Give the filing back to have named fields corrected until ``until`` (call's own time).

    ``fields`` are ``{"section", "field", "comment"}``; an empty field opens the whole section.
    The end lies after now and inside the call's limits: the recommender's up to its own
    deadline, the office's up to the end of review. When it passes without a new submission the
    last submitted version stands. Each return is a ``Correction`` that is kept.
    """
    application = locked(application)
    call = application.call
    now = call.time(at)
    if not fields:
        raise Refusal("no-fields", "请至少点名一处需要修改的栏目，并写明意见。", status=422)
    known = {section.key for section in call.programme.sections} | {"basics", "attachments"}
    if any(item.get("section") not in known for item in fields):
        raise Refusal("unknown-section", "点名的栏目不在本批次的申报书中。", status=422)
    limit = _return_limit(application, actor)
    if until <= now or (limit is not None and until > limit):
        end = f"，且不晚于{words(limit)}" if limit else ""
        raise Refusal("bad-until", f"修改截止时间须晚于现在{end}。", status=422)
    unknown = [
        item
        for item in fields
        if item.get("field")
        and places.place(call.programme, item["section"], item["field"]) is None
    ]
    if unknown:
        raise Refusal("unknown-field", "点名的栏目不在本批次的申报书中。", status=422)
    returned = move(
        application,
        "return",
        actor=actor,
        at=at,
        note=note,
        returned_from=application.shown_status,
        returned_fields=[dict(item) for item in fields],
        return_note=note,
        correction_until=until,
    )
    corrections.begin(returned, fields=fields, note=note, until=until, actor=actor, at=at)
    return returned


def _return_limit(application: Application, actor: Actor) -> datetime | None:
    call = application.call
    if workflow.Role.OFFICE in access.workflow_roles(actor, application):
        return call.review_until or call.announcement_by
    if application.recommender is None:
        return call.recommendation_until
    return queries.recommendation_deadline(call, application.recommender)
