"""Who may see which survey, request and answer. Hidden is 404."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import Link
from surveys.models import Check, File, Request, Submission, Survey

DESK = (*roles.OFFICE, roles.Role.AUDITOR)


def _requests() -> Any:
    return Request.objects.select_related(
        "survey", "organisation", "answer", "link"
    ).prefetch_related(
        Prefetch("checks", Check.objects.select_related("unit", "checked_by").order_by("position"))
    )


def own(request: Any, public_id: str) -> Request:
    """What the acting unit itself is asked."""
    found: Request | None = (
        _requests()
        .filter(public_id=public_id, organisation=request.acting.organisation_id)
        .exclude(survey__state=Survey.State.PREPARING)
        .first()
    )
    if found is None:
        raise Http404("没有这项调查。")
    return found


def by_link(link: Link) -> Request:
    """The one request a link was made for."""
    found: Request | None = _requests().filter(link=link).first()
    if found is None:
        raise Http404("没有这项调查。")
    return found


def checked_by(request: Any, public_id: str) -> Request:
    """An answer that the acting unit checks at some level, or any for the office and audit."""
    wanted = _requests().filter(public_id=public_id)
    if request.acting.role not in DESK:
        wanted = wanted.filter(checks__unit=request.acting.organisation_id)
    found: Request | None = wanted.first()
    if found is None:
        raise Http404("没有这份填报。")
    return found


def own_file(asked: Request, file_id: str) -> File:
    """A file beside one's own answer that has not been taken away."""
    return _file(asked.files.filter(removed_at=None), file_id)


def submitted_file(asked: Request, file_id: str) -> File:
    """A file of some submission: what was never submitted stays with its unit."""
    shown = {
        one
        for files in Submission.objects.filter(answer__request=asked).values_list(
            "files", flat=True
        )
        for one in files
    }
    return _file(asked.files.filter(public_id__in=shown), file_id)


def _file(found: QuerySet[File], file_id: str) -> File:
    file = found.filter(public_id=file_id).select_related("blob").first()
    if file is None:
        raise Http404("没有这份文件。")
    return file


def survey(request: Any, code: str) -> Survey:
    """A survey in the acting unit's area, or any for the office and audit."""
    wanted = Survey.objects.filter(code=code).select_related("owner")
    if request.acting.role not in DESK:
        wanted = (
            wanted.exclude(state=Survey.State.PREPARING)
            .filter(requests__checks__unit=request.acting.organisation_id)
            .distinct()
        )
    found = wanted.first()
    if found is None:
        raise Http404("没有这项调查。")
    return found


def unit_of(request: Any) -> int | None:
    """The unit whose area is shown; none for the office, which sees the whole."""
    if request.acting.role in DESK:
        return None
    found: int = request.acting.organisation_id
    return found
