"""Visits: their teams, half hours, signatures and what became of them."""

from collections.abc import Iterator

from django.db.models import Count, Q

from calls.programme import Step
from documents.fingerprints import fingerprint
from outcomes.models import StepRecord
from portal.invariants.base import check
from reviews.models import Conflict
from visits import slots, stages
from visits.models import Report, Seat, Signature, Visit

Found = Iterator[tuple[str, str]]
BARRING = (Conflict.State.ACTIVE, Conflict.State.PINNED)


@check("R7")
def nobody_signed_in_conflict() -> Found:
    """R7: no member whose yes counts was barred from the applicant when they signed."""
    barred: dict[tuple[int, int], list[Conflict]] = {}
    for one in Conflict.objects.filter(state__in=BARRING, expert__user__isnull=False):
        barred.setdefault((one.application_id, one.expert_id), []).append(one)
    users = dict(Conflict.objects.values_list("expert", "expert__user"))
    by_user: dict[tuple[int, int], list[Conflict]] = {}
    for (application, expert), found in barred.items():
        by_user.setdefault((application, users[expert] or 0), []).extend(found)
    for yes in Signature.objects.select_related("seat__visit").iterator(500):
        key = (yes.seat.visit.application_id, yes.seat.user_id)
        if any(one.at < yes.at for one in by_user.get(key, [])):
            yield f"visits.signature:{yes.pk}", "签署人当时须回避该申报"


@check("R7")
def only_declared_members_wrote() -> Found:
    """R7: what was handed in comes from somebody who declared first."""
    wrong = Seat.objects.filter(declared_at__isnull=True, finding__version__gt=0)
    for pk in wrong.values_list("pk", flat=True):
        yield f"visits.seat:{pk}", "没有作回避申明就填写了现场记录"


@check("R5")
def signed_reports_are_what_was_signed() -> Found:
    """R5: every signature names the fingerprint of its report, and that is the text's own."""
    for one in Report.objects.iterator(200):
        if fingerprint(one.snapshot) != one.fingerprint:
            yield f"visits.report:{one.pk}", "报告内容与指纹不符"
    for yes in Signature.objects.select_related("report").iterator(500):
        if yes.fingerprint != yes.report.fingerprint:
            yield f"visits.signature:{yes.pk}", "所签的不是这份报告"


@check("R5")
def finished_visits_are_signed_by_all() -> Found:
    """R5: a finished visit has one report in force, signed by everybody it names."""
    done = Visit.objects.filter(state=stages.VisitState.DONE).annotate(
        signed=Count("reports__signatures", filter=Q(reports__voided_at=None))
    )
    for visit in done:
        found = visit.reports.filter(voided_at=None).first()
        if found is None or visit.signed != len(found.snapshot.get("team", [])):
            yield f"visits.visit:{visit.pk}", "已完成，却没有全部成员签署的报告"


@check("R9")
def finished_visits_are_on_record() -> Found:
    """R9: the ministry's signed result is the record of its step, once."""
    records = dict(
        StepRecord.objects.exclude(visit="").values_list("visit").annotate(times=Count("pk"))
    )
    done = Visit.objects.filter(state=stages.VisitState.DONE, organisation=None)
    for visit in done.select_related("call"):
        times = records.get(visit.public_id, 0)
        if Step.SITE_VISIT in visit.call.steps and times > 1:
            yield f"visits.visit:{visit.pk}", f"结论登记了 {times} 次"
    known = set(Visit.objects.values_list("public_id", flat=True))
    for name in records.keys() - known:
        yield f"outcomes.steprecord:{name}", "登记所指的现场评估不存在"


@check("R7")
def people_are_taken_for_the_hours_of_their_visits() -> Found:
    """R7: a seat of a visit that lies ahead holds its half hours, any other none."""
    for seat in Seat.objects.select_related("visit").prefetch_related("slots").iterator(500):
        held = {one.at for one in seat.slots.all()}
        cancelled = seat.visit.state == stages.VisitState.CANCELLED
        wanted = (
            set(slots.of_span(seat.visit.starts_at, seat.visit.ends_at))
            if seat.is_active and not cancelled
            else set()
        )
        if held != wanted:
            yield f"visits.seat:{seat.pk}", "占用的时段与安排不符"
