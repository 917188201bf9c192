"""The days of a survey, changed after it was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from accounts.models import Link, User
from audit import services as audit
from audit.services import Actor
from calls.programme import closing
from core.errors import Refusal
from surveys import queries
from surveys.models import Request, Survey
from surveys.services.asking import write

ENDS = ("answer_until", "district_until", "city_until", "province_until")
"""In the order in which they must follow each other."""


@transaction.atomic
def set_days(
    survey: Survey, *, days: Mapping[str, date | None], actor: Actor, at: datetime
) -> Survey:
    """Set the last days (inclusive) of answering and of the levels; ``days`` holds all of ENDS.

    In an open survey the units that still have to answer until the old end get the new one, with
    their links, and a letter that says so; who has an end of its own after a return keeps it
    where it is later. Raises ``survey-closed``, ``survey-until-past``, ``survey-no-end`` and
    ``survey-days-order`` (422).
    """
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.state == Survey.State.CLOSED:
        raise Refusal("survey-closed", "调查已经结束，日期不能再改。")
    ends = {name: closing(day) if (day := days[name]) else None for name in ENDS}
    _check(survey, ends, at=at)
    before = {name: getattr(survey, name) for name in ENDS}
    changed = {name: end for name, end in ends.items() if end != before[name]}
    if not changed:
        return survey
    for name, end in changed.items():
        setattr(survey, name, end)
    survey.save(update_fields=list(changed))
    told = 0
    if survey.state == Survey.State.OPEN and "answer_until" in changed:
        told = _follow(survey, old=before["answer_until"], at=at)
    audit.record(
        actor=actor,
        action="surveys.dates",
        subject=survey,
        at=at,
        before={name: before[name] for name in changed},
        after=changed,
        told=told,
    )
    return survey


def _check(survey: Survey, ends: Mapping[str, datetime | None], *, at: datetime) -> None:
    answer = ends["answer_until"]
    if survey.state == Survey.State.OPEN and answer is None:
        raise Refusal("survey-no-end", "进行中的调查必须有填报截止日。", status=422)
    for name, end in ends.items():
        if end is not None and end <= at and end != getattr(survey, name):
            raise Refusal("survey-until-past", "新的截止日应晚于现在，请改后再保存。", status=422)
    known = [end for name in ENDS if (end := ends[name]) is not None]
    if known != sorted(known):
        raise Refusal(
            "survey-days-order",
            "日期次序不对：填报截止不晚于区县核对，区县不晚于市级，市级不晚于省级。",
            status=422,
        )


def _follow(survey: Survey, *, old: datetime | None, at: datetime) -> int:
    """The open requests follow the new end; how many units were written to."""
    end = survey.answer_until
    assert end is not None
    found = [
        one
        for one in Request.objects.select_for_update(of=("self",))
        .filter(survey=survey, state__in=queries.OPEN_STATES)
        .select_related("survey", "organisation", "link")
        if one.until == old or one.until < end
    ]
    people = queries.people_of(one.organisation_id for one in found)
    for one in found:
        one.until = end
        if one.sent_at is None:
            continue
        addresses: dict[str, User | str] = {one.email: one.email} if one.email else {}
        addresses |= {person.email: person for person in people.get(one.organisation_id, [])}
        key = f"survey-dates:{survey.pk}:{one.pk}:{end:%Y%m%d}:{at:%Y%m%d%H%M%S}"
        for to in addresses.values():
            write(one, "dates", key=key, to=to, at=at)
    Request.objects.bulk_update(found, ["until"], batch_size=200)
    Link.objects.filter(survey_requests__in=found, revoked_at=None).update(expires_at=end)
    return sum(one.sent_at is not None for one in found)
