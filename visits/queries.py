"""Reading for rules and pages: what can be visited, who can go, who counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accounts import roles
from accounts.models import Membership, Organisation, User
from applications import workflow
from applications.models import Application, Version
from applications.workflow import Status
from calls.models import Call
from calls.phases import Phase
from calls.programme import Step
from reviews.models import Conflict, Expert
from reviews.queries import BARRING
from visits import stages
from visits.models import Report, Seat, Visit, barring
from visits.stages import VisitState


def organises(call: Call, organisation: Organisation | None) -> bool:
    """Whether this organiser has visits in the call: the office where the step is, a recommender
    where the programme lets it check on site before it recommends."""
    programme = call.programme
    if programme.site_visit is None:
        return False
    if organisation is None:
        return Step.SITE_VISIT in call.steps
    below = programme.recommendation
    return bool(below and below.visit)


def calls_of(organisation: Organisation | None) -> list[Call]:
    """The open calls in which this organiser plans visits, the newest first."""
    found = Call.objects.open().order_by("-pk")
    if organisation is not None:
        found = found.filter(applications__recommender=organisation).distinct()
    return [call for call in found if organises(call, organisation)]


def visitable(call: Call, organisation: Organisation | None, *, at: datetime) -> Q:
    """The condition for an application that can be visited now.

    For the office: past the check or under review, up to the decision; for a recommender: filed
    to it and not yet recommended, once filing has ended.
    """
    if call.phase(at) in (Phase.ANNOUNCED, Phase.FILING):
        return Q(pk__in=())
    if organisation is None:
        return Q(
            call=call,
            status__in={Status.ACCEPTED, Status.IN_REVIEW, workflow.decided_from(call.steps)},
        )
    return Q(call=call, recommender=organisation, status=Status.SUBMITTED)


def to_visit(
    call: Call, organisation: Organisation | None, *, at: datetime
) -> QuerySet[Application]:
    """Applications that wait for a visit: none planned, none finished but for a second look."""
    mine = Visit.objects.filter(application=OuterRef("pk"), organisation=organisation)
    live = mine.filter(state__in=stages.LIVE)
    settled = mine.filter(
        state=VisitState.DONE,
        reports__voided_at=None,
        reports__result__in=(Report.Result.PASS, Report.Result.FAIL),
    )
    return (
        Application.objects.filter(visitable(call, organisation, at=at), version_number__gt=0)
        .exclude(Exists(live))
        .exclude(Exists(settled))
        .select_related("organisation", "direction", "call")
        .order_by("direction__order", "number", "pk")
    )


def judged_version(application: Application) -> Version:
    return Version.objects.get(application=application, number=application.version_number)


def to_recheck(application: Application, organisation: Organisation | None) -> Visit | None:
    """The finished visit that asked for a second look which has not been planned."""
    return (
        Visit.objects.filter(
            application=application,
            organisation=organisation,
            state=VisitState.DONE,
            followed_by=None,
            reports__voided_at=None,
            reports__result=Report.Result.RECHECK,
        )
        .order_by("-pk")
        .first()
    )


# People -----------------------------------------------------------------------------------------


def able_experts(organisation: Organisation | None, *, at: datetime) -> QuerySet[Expert]:
    """Experts of the organiser's pool who can be asked: available, and holding the role now."""
    held = Membership.objects.active(at).filter(
        organisation=OuterRef("pool"), role__in=roles.EXPERT, user=OuterRef("user")
    )
    return (
        Expert.objects.filter(
            Exists(held),
            pool__kind=Organisation.Kind.POOL,
            pool__parent=organisation,
            available=True,
        )
        .select_related("user", "pool")
        .order_by("name", "pk")
    )


def officials(organisation: Organisation | None, *, at: datetime) -> QuerySet[User]:
    """People of the organiser who can go along."""
    held = Membership.objects.active(at).filter(user=OuterRef("pk"))
    if organisation is None:
        held = held.filter(role__in=roles.OFFICE)
    else:
        held = held.filter(role__in=roles.RECOMMENDER, organisation=organisation)
    return User.objects.filter(Exists(held)).order_by("name", "pk")


def conflict_of(user: User, application: Application) -> Conflict | None:
    """A conflict of this person, in whatever pool, with the application."""
    return Conflict.objects.filter(
        expert__user=user, application=application, state__in=BARRING
    ).first()


def counted_seats(visit: Visit) -> QuerySet[Seat]:
    """Who is in the team and not barred: their findings and signatures count."""
    return (
        visit.seats.filter(state=Seat.State.ACTIVE)
        .exclude(barring())
        .select_related("user", "expert", "finding")
        .order_by("-lead", "pk")
    )


def barred_seats(visit: Visit) -> QuerySet[Seat]:
    return visit.seats.filter(barring(), state=Seat.State.ACTIVE).select_related("user", "expert")


def report_in_force(visit: Visit) -> Report | None:
    return (
        visit.reports.filter(voided_at=None)
        .select_related("document", "frozen_by", "scan", "scan_by")
        .first()
    )


def unsigned(visit: Visit, report: Report) -> list[Seat]:
    """Members whose yes is still missing."""
    signed = set(report.signatures.values_list("seat", flat=True))
    return [seat for seat in counted_seats(visit) if seat.pk not in signed]


# What others ask --------------------------------------------------------------------------------


def finished(applications: Iterable[Application]) -> set[int]:
    """Keys of those that the office visited and that have a signed result."""
    return set(
        Visit.objects.filter(
            application__in=[one.pk for one in applications],
            organisation=None,
            state=VisitState.DONE,
        ).values_list("application", flat=True)
    )


def latest_of(applications: Iterable[Application]) -> dict[int, Visit]:
    """The office's latest visit of each application, cancelled ones left out."""
    rows = (
        Visit.objects.filter(application__in=[one.pk for one in applications], organisation=None)
        .exclude(state=VisitState.CANCELLED)
        .order_by("pk")
    )
    return {one.application_id: one for one in rows}


def addresses(applications: Iterable[Application]) -> dict[int, str]:
    """Where each applicant says it is, from its last version; left out where it says nothing."""
    wanted = {one.pk: one for one in applications}
    versions = Version.objects.filter(
        application__in=list(wanted), number=F("application__version_number")
    )
    found = {}
    for version in versions:
        answers = version.snapshot.get("answers", {})
        for section, field in wanted[version.application_id].call.programme.fields():
            if field.prefill == "address" and (
                said := str(answers.get(section.key, {}).get(field.key) or "").strip()
            ):
                found[version.application_id] = said[:120]
                break
    return found
