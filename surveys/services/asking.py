"""Letters to the asked units. The link is written in only when a letter goes out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from accounts import links
from accounts.models import Link, User
from audit import services as audit
from audit.services import CLOCK, Actor
from core.errors import Refusal
from notifications import services as notifications
from surveys import queries
from surveys.models import Request, Survey

AT_ONCE = 100
REST = timedelta(hours=12)
"""Nobody is reminded by hand twice within this time."""


def send_waiting(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Queue the letters of units that were not told yet; how many units. For the pulse.

    A unit without any address is skipped: its level sees it named and can enter one.
    """
    waiting = list(
        Request.objects.filter(survey__state=Survey.State.OPEN, sent_at=None)
        .exclude(email="")
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )
    people = queries.people_of(
        Request.objects.filter(pk__in=waiting).values_list("organisation", flat=True)
    )
    for pk in waiting:
        with transaction.atomic():
            request = _locked(pk)
            if request.sent_at is None:
                _tell(request, people.get(request.organisation_id, []), actor=CLOCK, at=at)
    return len(waiting)


@transaction.atomic
def send(request: Request, *, email: str = "", actor: Actor, at: datetime) -> Request:
    """Send a fresh link, to another address where one is given. The earlier link ends.

    Raises ``survey-not-open``, ``survey-answered``, ``survey-no-address`` (422).
    """
    request = _locked(request.pk)
    _must_be_asked(request)
    request.email = email.strip().lower() or request.email
    if not request.email:
        raise Refusal("survey-no-address", "没有联系邮箱，请先填写。", status=422)
    _tell(request, [], actor=actor, at=at)
    return request


def _locked(pk: int) -> Request:
    return (
        Request.objects.select_for_update(of=("self",))
        .select_related("survey", "organisation", "link")
        .get(pk=pk)
    )


def _must_be_asked(request: Request) -> None:
    if request.survey.state != Survey.State.OPEN:
        raise Refusal("survey-not-open", "这项调查不在进行中。")
    if request.state not in queries.OPEN_STATES:
        raise Refusal("survey-answered", "该单位已经填报，不需要再通知。")


def _tell(request: Request, people: Iterable[User], *, actor: Actor, at: datetime) -> None:
    """A letter with a new link to its address, and one to each person of the unit."""
    if request.link is not None and request.link.revoked_at is None:
        request.link.revoked_at = at
        request.link.save(update_fields=["revoked_at"])
    request.link = links.make(
        Link.Purpose.SURVEY,
        email=request.email,
        organisation=request.organisation,
        made_by_id=actor.user_id,
        at=at,
        expires_at=max(request.until, at),
        announce=False,
    )
    request.sent_at = at
    request.save(update_fields=["link", "sent_at", "email"])
    addresses: dict[str, User | str] = {request.email: request.email}
    addresses |= {person.email: person for person in people}
    for to in addresses.values():
        write(request, "asked", key=f"survey:{request.survey_id}:{request.link.pk}", to=to, at=at)
    audit.record(
        actor=actor,
        action="surveys.send",
        subject=request,
        at=at,
        letters=len(addresses),
        link=request.link.pk,
    )


def write(request: Request, kind: str, *, key: str, to: User | str, at: datetime) -> None:
    """One letter. Who has an account is led there; the link is for whoever has none."""
    notifications.enqueue(
        key=key,
        to=to,
        template=f"surveys/letters/survey_{kind}.txt",
        context={
            "request": request,
            "survey": request.survey,
            "unit": request.organisation,
            "has_account": isinstance(to, User),
        },
        link=None if isinstance(to, User) else request.link,
        at=at,
    )


@transaction.atomic
def remind(survey: Survey, *, unit: int | None, actor: Actor, at: datetime) -> int:
    """Remind everybody in the unit's area who has not answered; how many units were written to.

    Those reminded within the last twelve hours are left in peace. Raises ``survey-not-open``,
    ``survey-nobody-open`` when there is nobody to remind.
    """
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.state != Survey.State.OPEN:
        raise Refusal("survey-not-open", "这项调查不在进行中。")
    wanted = survey.requests.filter(state__in=queries.OPEN_STATES, until__gt=at)
    if unit is not None:
        wanted = wanted.filter(checks__unit=unit)
    count = remind_all(wanted.exclude(reminded_at__gt=at - REST), at=at)
    if not count:
        raise Refusal(
            "survey-nobody-open",
            "没有需要催办的单位：都已填报、没有联系邮箱，或 12 小时内已催办过。",
        )
    audit.record(
        actor=actor, action="surveys.remind", subject=survey, at=at, unit=unit, units=count
    )
    return count


def remind_all(requests: Iterable[Request], *, at: datetime) -> int:
    """One reminder to each of these units that has been told and has a link in force."""
    found = list(
        Request.objects.filter(pk__in=[one.pk for one in requests], sent_at__isnull=False)
        .exclude(link=None)
        .select_related("survey", "organisation", "link")
    )
    people = queries.people_of(one.organisation_id for one in found)
    for one in found:
        one.reminders += 1
        one.reminded_at = at
        key = f"survey-remind:{one.survey_id}:{one.pk}:{one.reminders}"
        addresses: dict[str, User | str] = {one.email: one.email}
        addresses |= {person.email: person for person in people.get(one.organisation_id, [])}
        for to in addresses.values():
            write(one, "remind", key=key, to=to, at=at)
    Request.objects.bulk_update(found, ["reminders", "reminded_at"], batch_size=200)
    return len(found)
