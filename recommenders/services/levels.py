"""What is done before a recommendation: the levels below forward or hold, a visit is recorded."""

from datetime import date, datetime

from django.db import transaction

from accounts import roles
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.programme import Step
from core.errors import Refusal
from recommenders import queries
from recommenders.models import Preselection, Visit
from recommenders.services import ground


def forward(
    application: Application, *, actor: Actor, at: datetime, rank: int | None = None, note: str = ""
) -> Preselection:
    """A city or district sends a filing of its area up to the next level."""
    return _preselect(
        application, Preselection.State.FORWARDED, rank=rank, note=note, actor=actor, at=at
    )


def hold(application: Application, *, note: str, actor: Actor, at: datetime) -> Preselection:
    """A city or district does not send it up; the reason stays on record."""
    if len(note.strip()) < 5:
        raise Refusal("reason-short", "不上报的，请写明理由（不少于 5 字）。", status=422)
    return _preselect(
        application, Preselection.State.HELD, rank=None, note=note, actor=actor, at=at
    )


@transaction.atomic
def _preselect(
    application: Application,
    state: str,
    *,
    rank: int | None,
    note: str,
    actor: Actor,
    at: datetime,
) -> Preselection:
    first = application.preselector
    units = {application.preselector_id, first.parent_id if first else None}
    units -= {application.recommender_id, None}
    if actor.role not in roles.RECOMMENDER or actor.organisation_id not in units:
        raise Refusal(
            "not-yours", "只有该项目所在地的初审单位可以办理，请切换到相应的身份。", status=403
        )
    if Step.PRESELECTION not in application.call.steps:
        raise Refusal("no-such-step", "本批次没有初审上报这一步。")
    application = (
        Application.objects.select_for_update(of=("self",))
        .select_related("call", "preselector", "recommender")
        .get(pk=application.pk)
    )
    if application.status != Status.SUBMITTED:
        raise Refusal("wrong-status", "只有已提交、未推荐的项目可以初审上报。")
    until = queries.preselection_deadline(application, actor.organisation_id or 0)
    if until is not None and application.call.time(at) >= until:
        raise Refusal("preselection-over", "本级初审上报时间已过。确需补报的，请与上级单位联系。")
    found, _ = Preselection.objects.update_or_create(
        application=application,
        organisation_id=actor.organisation_id or 0,
        defaults={
            "state": state,
            "rank": rank,
            "note": note.strip()[:200],
            "by_id": actor.person,
            "at": at,
        },
    )
    audit.record(
        actor=actor,
        action=f"recommenders.{'forward' if state == Preselection.State.FORWARDED else 'hold'}",
        subject=application,
        at=at,
        note=found.note,
        rank=rank,
    )
    return found


@transaction.atomic
def record_visit(
    application: Application,
    *,
    day: date,
    people: str,
    finding: str,
    passed: bool,
    actor: Actor,
    at: datetime,
) -> Visit:
    """Record the check on site that the programme asks for. A later record replaces it."""
    ground.must_belong(actor, application.recommender_id)
    if application.status != Status.SUBMITTED:
        raise Refusal("wrong-status", "只有已提交、未推荐的项目可以登记核查。")
    if not people.strip() or not finding.strip():
        raise Refusal("visit-incomplete", "请填写核查人员和核查情况。", status=422)
    found, _ = Visit.objects.update_or_create(
        application=application,
        organisation_id=application.recommender_id or 0,
        defaults={
            "day": day,
            "people": people.strip()[:100],
            "finding": finding.strip(),
            "passed": passed,
            "by_id": actor.person,
            "at": at,
        },
    )
    audit.record(
        actor=actor,
        action="recommenders.visit",
        subject=application,
        at=at,
        day=day,
        passed=passed,
    )
    return found
