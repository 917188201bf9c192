"""A survey from its file: made, opened for the units of its regions, closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from accounts import regions
from accounts.models import Link, Organisation, User
from audit import services as audit
from audit.services import Actor
from calls.programme import closing
from core.errors import Refusal
from notifications import services as notifications
from surveys import queries, reading
from surveys.chains import KINDS, chain
from surveys.models import Check, Request, Survey
from surveys.spec import Level
from surveys.spec import Survey as Spec


def _end(day: date | None) -> datetime | None:
    return closing(day) if day else None


@transaction.atomic
def create(
    spec: Spec,
    *,
    code: str,
    owner: Organisation,
    regions_asked: Sequence[str] = (),
    answer_until: date | None = None,
    actor: Actor,
    at: datetime,
) -> Survey:
    """Make a survey from its file; nobody is asked before it is opened.

    Days are inclusive. The file's own days are taken only where they lie ahead: a table of an
    earlier year can be asked again. Raises ``code-taken``, ``region-unknown`` (422).
    """
    if Survey.objects.filter(code=code).exists():
        raise Refusal("code-taken", f"代号“{code}”已有调查使用，请换一个。", status=422)
    wanted = list(regions_asked) or list(spec.asked.regions)
    for one in wanted:
        if not regions.exists(one):
            raise Refusal("region-unknown", f"没有行政区划代码“{one}”，请核对。", status=422)
    days = {
        "answer_until": answer_until or spec.dates.answer_until,
        **{f"{level}_until": spec.dates.until(level) for level in Level},
    }
    ends = {name: end for name, day in days.items() if (end := _end(day)) and end > at}
    survey = Survey.objects.create(
        code=code,
        title=spec.title,
        rules=reading.to_rules(spec),
        owner=owner,
        regions=wanted,
        created_at=at,
        **ends,
    )
    audit.record(actor=actor, action="surveys.create", subject=survey, at=at, code=code)
    return survey


@transaction.atomic
def open_survey(survey: Survey, *, actor: Actor, at: datetime) -> Survey:
    """Ask every unit of the survey's kinds and regions; the letters wait to be sent as rows.

    Raises ``survey-not-preparing``, ``survey-no-end``, ``survey-no-region``, ``survey-nobody``.
    """
    survey = Survey.objects.select_for_update().select_related("owner").get(pk=survey.pk)
    if survey.state != Survey.State.PREPARING:
        raise Refusal("survey-not-preparing", "这项调查已经开放过，不能再次开放。")
    if survey.answer_until is None or survey.answer_until <= at:
        raise Refusal("survey-no-end", "填报截止日期没有设定或已经过去，请先设定。")
    if not survey.regions:
        raise Refusal("survey-no-region", "没有设定调查地区，请先写明行政区划代码。")
    asked = list(queries.fitting(survey))
    if not asked:
        raise Refusal("survey-nobody", "所选地区没有符合条件的单位，请核对地区和单位登记。")
    made = ask(survey, asked)
    survey.state, survey.opened_at = Survey.State.OPEN, at
    survey.save(update_fields=["state", "opened_at"])
    audit.record(
        actor=actor,
        action="surveys.open",
        subject=survey,
        at=at,
        asked=len(made),
        regions=survey.regions,
    )
    return survey


def ask(survey: Survey, asked: Sequence[Organisation]) -> list[Request]:
    """A request with its chain of checks for each unit, until the survey's end."""
    assert survey.answer_until is not None
    kinds = [kind for level in survey.spec.levels for kind in KINDS[level]]
    units = list(Organisation.objects.filter(kind__in=kinds))
    people = queries.people_of(unit.pk for unit in asked)
    made = Request.objects.bulk_create(
        Request(
            survey=survey,
            organisation=unit,
            until=survey.answer_until,
            email=_address(unit, people),
        )
        for unit in asked
    )
    Check.objects.bulk_create(
        Check(request=one, position=position, unit=unit)
        for one in made
        for position, unit in enumerate(
            chain(one.organisation.region, survey.spec.levels, units) or [survey.owner]
        )
    )
    return made


def _address(unit: Organisation, people: Mapping[int, Sequence[User]]) -> str:
    found = people.get(unit.pk)
    return found[0].email if found else str(unit.profile.get("contact_email") or "")


@transaction.atomic
def close(survey: Survey, *, actor: Actor, at: datetime) -> Survey:
    """End a survey: nothing is answered or checked any more, links and reminders end.

    Raises ``survey-not-open``.
    """
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.state != Survey.State.OPEN:
        raise Refusal("survey-not-open", "这项调查不在进行中，不能结束。")
    survey.state, survey.closed_at = Survey.State.CLOSED, at
    survey.save(update_fields=["state", "closed_at"])
    revoked = Link.objects.filter(survey_requests__survey=survey, revoked_at=None).update(
        revoked_at=at
    )
    notifications.cancel(kind="survey_asked", key_prefix=f"survey:{survey.pk}:")
    for kind in ("remind", "dates"):
        notifications.cancel(kind=f"survey_{kind}", key_prefix=f"survey-{kind}:{survey.pk}:")
    audit.record(actor=actor, action="surveys.close", subject=survey, at=at, links=revoked)
    return survey
