"""The one door to tasks and what hangs on them. Invisible = 404.

A task is seen by whoever sees its application: its unit, the levels above it, office and auditor.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Membership
from applications import access as applications
from calls.models import Call
from fulfilment.models import (
    Acceptance,
    Change,
    Deliberation,
    Dispatch,
    Recognition,
    Report,
    ReportVersion,
    Task,
    TaskFile,
)

READERS = (*roles.APPLICANT, *roles.RECOMMENDER, *roles.OFFICE, roles.Role.AUDITOR)
DESK = (*roles.RECOMMENDER, *roles.OFFICE, roles.Role.AUDITOR)
HIDDEN = "没有这个页面，或您不能查看。"


def visible_to(acting: Membership | None) -> QuerySet[Task]:
    """Drafts of reports are kept from others by ``pages``, not here."""
    return Task.objects.filter(application__in=applications.visible_to(acting))


def _found(found: Any) -> Any:
    if found is None:
        raise Http404(HIDDEN)
    return found


def task(request: Any, public_id: str) -> Task:
    return _found(
        visible_to(request.acting)
        .select_related(
            "application__call",
            "application__organisation",
            "application__recommender",
            "application__direction",
            "publication",
        )
        .filter(public_id=public_id)
        .first()
    )


def task_of(request: Any, application_id: str) -> Task:
    """The task of an application."""
    return _found(visible_to(request.acting).filter(application__public_id=application_id).first())


def own(request: Any, public_id: str) -> Task:
    """A task of the person's own unit."""
    found = task(request, public_id)
    if found.application.organisation_id != request.acting.organisation_id:
        raise Http404(HIDDEN)
    return found


def _of_tasks(request: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(task__in=visible_to(request.acting)).select_related(
        "task__application__call", "task__application__organisation", "task__publication"
    )


def report(request: Any, public_id: str) -> Report:
    return _found(_of_tasks(request, Report.objects.filter(public_id=public_id)).first())


def own_report(request: Any, public_id: str) -> Report:
    found = report(request, public_id)
    if found.task.application.organisation_id != request.acting.organisation_id:
        raise Http404(HIDDEN)
    return found


def version(report: Report, number: int) -> ReportVersion:
    return _found(report.versions.select_related("document").filter(number=number).first())


def change(request: Any, public_id: str) -> Change:
    return _found(
        _of_tasks(request, Change.objects.filter(public_id=public_id))
        .select_related(
            "task__application__call",
            "task__application__organisation",
            "asked_by",
            "proposed_by",
            "approved_by",
            "decided_by",
        )
        .first()
    )


def acceptance(request: Any, public_id: str) -> Acceptance:
    return _found(_of_tasks(request, Acceptance.objects.filter(public_id=public_id)).first())


def recognition(request: Any, public_id: str) -> Recognition:
    return _found(_of_tasks(request, Recognition.objects.filter(public_id=public_id)).first())


def file(request: Any, public_id: str) -> TaskFile:
    """A file of a task; one of a draft that was never submitted is its own unit's alone."""
    found: TaskFile = _found(
        _of_tasks(request, TaskFile.objects.filter(public_id=public_id))
        .select_related("task__application", "report", "change", "acceptance", "blob")
        .first()
    )
    mine = found.task.application.organisation_id == request.acting.organisation_id
    if found.report is not None and not mine and not _was_submitted(found):
        raise Http404(HIDDEN)
    return found


def _was_submitted(file: TaskFile) -> bool:
    assert file.report is not None
    return any(
        one["id"] == file.public_id
        for version in file.report.versions.all()
        for one in version.snapshot["files"]
    )


def call(request: Any, code: str) -> Call:
    """A call that has opened, for the office."""
    if request.acting is None or request.acting.role not in roles.OFFICE:
        raise Http404(HIDDEN)
    return _found(Call.objects.exclude(state=Call.State.PREPARING).filter(code=code).first())


def deliberation(request: Any, public_id: str) -> Deliberation:
    """A 审定, for the offices."""
    return _found(
        Deliberation.objects.select_related("call", "opened_by").filter(public_id=public_id).first()
    )


def own_signature(request: Any, found: Deliberation | Dispatch) -> Any:
    """The place for the signature of one's own office, which the form names."""
    own = found.signatures.filter(organisation=request.acting.organisation_id)
    return _found(own.filter(office=request.POST.get("office", "")).first())


def dispatch(request: Any, public_id: str) -> Dispatch:
    """A letter with all it says of its drafting, for the offices."""
    found = _dispatches().select_related("proposed_by", "approved_by")
    return _found(found.filter(public_id=public_id).first())


def dispatch_paper(request: Any, public_id: str) -> Dispatch:
    """The issued letter: for whoever sees a task of its list; a draft for the offices alone."""
    found: Dispatch = _found(_dispatches().filter(public_id=public_id).first())
    if request.acting is not None and request.acting.role in roles.OFFICE:
        return found
    if found.document is None:
        raise Http404(HIDDEN)
    if request.acting is not None and request.acting.role == roles.Role.AUDITOR:
        return found
    _found(visible_to(request.acting).filter(publication=found.publication_id).first())
    return found


def _dispatches() -> QuerySet[Dispatch]:
    return Dispatch.objects.select_related("publication__call", "document__pdf")
