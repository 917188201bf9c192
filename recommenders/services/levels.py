"""What is done before a recommendation: the levels below forward or hold, a visit is recorded."""

from datetime import date, datetime

from django.db import transaction

from accounts import roles
from accounts.models import Organisation
from applications.models import Application
from applications.workflow import Status
from audit import services as audit
from audit.services import Actor
from calls.models import Call
from calls.programme import CHINA, Step
from core.errors import Refusal
from recommenders import queries
from recommenders.models import LevelQuota, Preselection, Visit
from recommenders.services import ground, reporting
from visits.models import Report
from visits.models import Visit as SiteVisit


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
    if state == Preselection.State.FORWARDED:
        _from_below(application, actor.organisation_id or 0)
        _within_quota(application, actor.organisation_id or 0)
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
    reporting.void_those_with(
        application, why="的初审意见已改变", actor=actor, at=at, unit=actor.organisation_id
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


def _from_below(application: Application, unit: int) -> None:
    """The level between forwards only what the lowest level sent up to it."""
    first = application.preselector
    if first is None or first.pk in (unit, application.recommender_id):
        return
    sent = Preselection.objects.filter(
        application=application, organisation=first, state=Preselection.State.FORWARDED
    )
    if not sent.exists():
        raise Refusal(
            "not-forwarded",
            f"{first.name}还没有上报这个项目，不能继续上报。请先由该单位完成初审并上报。",
        )


def _within_quota(application: Application, unit: int) -> None:
    """The limit the level above has set, held under a lock of its own row."""
    quota = (
        LevelQuota.objects.select_for_update()
        .filter(call=application.call_id, organisation=unit)
        .first()
    )
    if quota is None:
        return
    used = queries.forwarded(application.call, unit).exclude(application=application).count()
    if used >= quota.limit:
        raise Refusal(
            "level-quota-used",
            f"上级单位核定本级上报 {quota.limit} 项，已上报 {used} 项，不能再上报。"
            "请先将其中一项改为不上报，或与上级单位联系调整名额。",
        )


@transaction.atomic
def set_level_quota(
    call: Call, *, organisation: Organisation, limit: int | None, actor: Actor, at: datetime
) -> LevelQuota | None:
    """The unit above says how many filings a level below may forward; None lifts the limit.

    Raises ``Refusal`` ``not-yours`` unless the actor stands above it (or is the office),
    ``limit-below-used`` naming what has been forwarded.
    """
    above = actor.role in roles.RECOMMENDER and organisation.parent_id == actor.organisation_id
    if not above and actor.role not in roles.OFFICE:
        raise Refusal("not-yours", "只能为直接下级单位核定上报名额。", status=403)
    if limit is not None and not 0 <= limit <= 999:
        raise Refusal("limit-odd", "名额请填 0 至 999 的整数，不限则留空。", status=422)
    known = (
        LevelQuota.objects.select_for_update().filter(call=call, organisation=organisation).first()
    )
    if limit is not None:
        sent = queries.forwarded(call, organisation.pk).select_related("application").order_by("pk")
        titles = [f"《{one.application.title}》" for one in sent]
        if len(titles) > limit:
            raise Refusal(
                "limit-below-used",
                f"{organisation.name}已上报 {len(titles)} 项：{'、'.join(titles)}，"
                f"名额不能低于已上报数。请先由该单位将 {len(titles) - limit} 项改为不上报。",
            )
    before = known.limit if known else None
    made = None
    if limit is None:
        if known:
            known.delete()
    else:
        made, _ = LevelQuota.objects.update_or_create(
            call=call,
            organisation=organisation,
            defaults={"limit": limit, "by_id": actor.person, "at": at},
        )
    audit.record(
        actor=actor,
        action="recommenders.level_quota",
        subject=organisation,
        at=at,
        call=call.pk,
        before=before,
        after=limit,
    )
    return made


@transaction.atomic
def take_up_visit(visit: SiteVisit, report: Report, *, actor: Actor, at: datetime) -> None:
    """The signed result of a visit that the recommender planned stands as its check on site.

    Nothing is written once the filing was recommended or left the line.
    """
    application = visit.application
    if application.status != Status.SUBMITTED:
        return
    names = "、".join(one["name"] for one in report.snapshot["team"])
    Visit.objects.update_or_create(
        application=application,
        organisation_id=visit.organisation_id or 0,
        defaults={
            "day": visit.starts_at.astimezone(CHINA).date(),
            "people": names[:100],
            "finding": f"{report.get_result_display()}：{report.opinion}",
            "passed": report.result == Report.Result.PASS,
            "by_id": actor.person,
            "at": at,
        },
    )
    audit.record(
        actor=actor,
        action="recommenders.visit",
        subject=application,
        at=at,
        day=visit.starts_at.astimezone(CHINA).date(),
        passed=report.result == Report.Result.PASS,
        visit=visit.public_id,
    )


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
