"""The one door to certificates, winners and archive requests. Invisible = 404."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts.roles import APPLICANT, OFFICE, Role
from applications import access as applications
from applications.models import Application
from calls.models import Call, Winner
from calls.programme import Step
from honours.models import ArchiveRequest, Certificate, CertificateChange
from outcomes import access as outcomes
from outcomes.models import Award, SlotRequest

HIDDEN = outcomes.HIDDEN


def call(request: Any, code: str) -> Call:
    """A call that has opened, for the office."""
    return outcomes.call(request, code)


def award_call(request: Any, code: str) -> Call:
    """One whose programme has an award."""
    found = outcomes.call(request, code)
    if Step.AWARD not in found.steps:
        raise Http404(HIDDEN)
    return found


def slot_request(request: Any, call: Call, pk: int) -> SlotRequest:
    return outcomes.slot_request(request, call, pk)


def award(request: Any, call: Call, public_id: str) -> Award:
    _office(request)
    found = (
        Award.objects.select_related("application__call")
        .filter(application__call=call, application__public_id=public_id)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def _office(request: Any) -> None:
    if request.acting is None or request.acting.role not in OFFICE:
        raise Http404(HIDDEN)


def certificates(request: Any) -> QuerySet[Certificate]:
    """Those of the unit's own projects; all of them for the office and the auditor."""
    found = Certificate.objects.select_related(
        "application__organisation", "application__call", "application__direction", "document__pdf"
    )
    acting = request.acting
    if acting is None:
        return found.none()
    if acting.role in (*OFFICE, Role.AUDITOR):
        return found
    if acting.role in APPLICANT:
        return found.filter(application__organisation=acting.organisation_id)
    return found.none()


def certificate(request: Any, public_id: str) -> Certificate:
    found = certificates(request).filter(public_id=public_id).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def change(request: Any, pk: int) -> CertificateChange:
    _office(request)
    found = (
        CertificateChange.objects.select_related("certificate__application__call")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        raise Http404(HIDDEN)
    return found


def winner(request: Any, pk: int) -> Winner:
    _office(request)
    found = Winner.objects.filter(pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def archive_request(request: Any, call: Call, pk: int) -> ArchiveRequest:
    _office(request)
    found = ArchiveRequest.objects.filter(call=call, pk=pk).first()
    if found is None:
        raise Http404(HIDDEN)
    return found


def project(request: Any, public_id: str) -> Application:
    """A submitted project whose archive the person may have: the office, and its own unit."""
    acting = request.acting
    if acting is None or acting.role not in (*OFFICE, *APPLICANT):
        raise Http404(HIDDEN)
    found = applications.get(request, public_id)
    if not found.version_number:
        raise Http404(HIDDEN)
    return found
