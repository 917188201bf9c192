"""The one door to what is tested. Invisible = 404: an item of another agency does not exist.

An agency sees what it was asked to test as long as nothing stands against it: a tie declared
late, a suspension, a withdrawal or a role that ended takes the item away on the next request.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.policy import memberships_of
from accounts.roles import APPLICANT, OFFICE, RECOMMENDER, Role
from calls.models import Call
from calls.programme import Step
from fulfilment.models import Task
from testing import barring
from testing.models import Agency, Commission, Dispute, Evidence, Result, ScanPart
from testing.states import SHOWN_TO_AGENCY, AgencyState, Reported

HIDDEN = "没有这个页面，或您不能查看。"
READERS = (*OFFICE, Role.AUDITOR)


def _commissions() -> QuerySet[Commission]:
    return Commission.objects.select_related(
        "task__application__call",
        "task__application__direction",
        "task__application__organisation__parent",
        "task__application__recommender__parent",
        "task__application__preselector__parent",
        "agency__organisation__parent",
        "result",
        "retest_of",
        "proposed_by",
        "approved_by",
    )


# The office and the auditor ----------------------------------------------------------------------


def call(request: Any, code: str) -> Call:
    """A call with the step of testing, for those who read everything."""
    if request.acting is None or request.acting.role not in READERS:
        raise Http404(HIDDEN)
    found = Call.objects.exclude(state=Call.State.PREPARING).filter(code=code).first()
    if found is None or Step.TESTING not in found.steps:
        raise Http404(HIDDEN)
    return found


def agency(request: Any, pk: int) -> Agency:
    if request.acting is None or request.acting.role not in READERS:
        raise Http404(HIDDEN)
    found = Agency.objects.select_related("organisation", "verified_by").filter(pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def commission(request: Any, public_id: str) -> Commission:
    """A commission in whatever state, for the office and the auditor."""
    if request.acting is None or request.acting.role not in READERS:
        raise Http404(HIDDEN)
    found = _commissions().filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def dispute(request: Any, public_id: str) -> Dispute:
    if request.acting is None or request.acting.role not in READERS:
        raise Http404(HIDDEN)
    found = (
        Dispute.objects.select_related(
            "result__commission__task__application__call",
            "result__commission__task__application__organisation",
            "result__commission__agency__organisation",
            "agency__organisation",
            "proposed_by",
            "approved_by",
            "raised_by",
            "evidence",
        )
        .filter(public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


# The agency --------------------------------------------------------------------------------------


def own_agency(request: Any) -> Agency:
    """The agency in which a tester acts. Suspended or ended: nothing is there any more."""
    acting = request.acting
    found = None
    if acting is not None and acting.role == Role.TESTER:
        found = (
            Agency.objects.select_related("organisation__parent")
            .filter(organisation=acting.organisation_id, state=AgencyState.ACTIVE)
            .first()
        )
    if found is None:
        raise Http404(HIDDEN)
    return found


def items(request: Any, agency: Agency) -> list[Commission]:
    """What the agency was asked to test and may, the nearest date first."""
    found = list(
        _commissions()
        .filter(agency=agency, state__in=[str(one) for one in SHOWN_TO_AGENCY])
        .order_by("due", "pk")
    )
    against = barring.between([agency], [one.task for one in found])
    return [
        one
        for one in found
        if not against[agency.pk, one.task_id] and not _belongs(request, one.task)
    ]


def item(request: Any, public_id: str) -> Commission:
    """One item of the tester's own agency that nothing stands against."""
    mine = own_agency(request)
    found = (
        _commissions()
        .filter(agency=mine, public_id=public_id, state__in=[str(one) for one in SHOWN_TO_AGENCY])
        .first()
    )
    if found is None or barring.of(mine, found.task) or _belongs(request, found.task):
        raise Http404(HIDDEN)
    return found


def _belongs(request: Any, task: Task) -> bool:
    """Whether the person also works for the unit, or for who recommended it."""
    filed = task.application
    concerned = {filed.organisation_id, filed.recommender_id, filed.preselector_id}
    sides = (*APPLICANT, *RECOMMENDER)
    return any(
        held.organisation_id in concerned and held.role in sides for held in memberships_of(request)
    )


# The unit ----------------------------------------------------------------------------------------


def own_task(request: Any, public_id: str) -> Task:
    """A task of the unit in which the person acts."""
    found = (
        Task.objects.select_related("application__call", "application__organisation")
        .filter(public_id=public_id, application__organisation=request.acting.organisation_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def released(request: Any, public_id: str) -> Result:
    """A result that was released to the unit in which the person acts."""
    found = (
        Result.objects.select_related(
            "commission__task__application__call",
            "commission__task__application__organisation",
            "commission__agency__organisation",
            "report",
        )
        .filter(
            public_id=public_id,
            state=Reported.RELEASED,
            commission__task__application__organisation=request.acting.organisation_id,
        )
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


# Files: whoever may see the item may see them ----------------------------------------------------


def readable(request: Any, public_id: str) -> Commission:
    """A commission for its agency, the office or the auditor."""
    role = request.acting.role if request.acting is not None else ""
    return item(request, public_id) if role == Role.TESTER else commission(request, public_id)


def evidence(commission: Commission, public_id: str) -> Evidence:
    found = (
        Evidence.objects.select_related("blob")
        .filter(result__commission=commission, public_id=public_id, removed_at=None)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def scan_file(commission: Commission, public_id: str, position: int) -> ScanPart:
    found = (
        ScanPart.objects.select_related("blob")
        .filter(scan__result__commission=commission, scan__public_id=public_id, position=position)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def sealed_files(result: Result) -> list[ScanPart]:
    """The files of the sealed report in force."""
    scan = result.scans.filter(state="matched").order_by("-pk").first()
    return list(scan.files.select_related("blob").order_by("position")) if scan else []
