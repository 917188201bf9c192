"""Files beside an answer, inside the unit's account, by its link, and for those who check it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from core.errors import Refusal
from core.web import told
from documents.web import file_response
from surveys import access, services
from surveys.views import answering
from surveys.views.answering import Desk


@require_POST
@policy(*roles.FILING)
def attach(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    return _attach(request, answering.own(request, public_id), key)


@require_POST
@policy.public
def link_attach(request: HttpRequest, token: str, key: str) -> HttpResponse:
    return _attach(request, answering.linked(request, token), key)


@require_POST
@policy(*roles.FILING)
def detach(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    return _detach(request, answering.own(request, public_id), file_id)


@require_POST
@policy.public
def link_detach(request: HttpRequest, token: str, file_id: str) -> HttpResponse:
    return _detach(request, answering.linked(request, token), file_id)


@require_safe
@policy(*roles.APPLICANT)
def file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    return _file(answering.own(request, public_id), file_id)


@require_safe
@policy.public
def link_file(request: HttpRequest, token: str, file_id: str) -> HttpResponse:
    return _file(answering.linked(request, token), file_id)


@require_safe
@policy(*roles.RECOMMENDER, *access.DESK)
def checked_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """A submitted file, for the levels and the office."""
    found = access.submitted_file(access.checked_by(request, public_id), file_id)
    return file_response(found.blob, found.name)


def _attach(request: HttpRequest, desk: Desk, key: str) -> HttpResponse:
    sent = request.FILES.getlist("file")
    wrong = "" if sent else "没有选择文件，请先选择再上传。"
    for upload in sent:
        try:
            services.attach(
                desk.asked,
                key=key,
                name=upload.name or "",
                data=upload.read(),
                actor=desk.actor,
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            wrong = str(refusal)
            break
        messages.success(request, f"已上传“{upload.name}”。")
    if wrong:
        return answering.page_of(request, desk, wrong_files={key: wrong}, status=422)
    return redirect(f"{desk.page}#file-{key}")


def _detach(request: HttpRequest, desk: Desk, file_id: str) -> HttpResponse:
    found = access.own_file(desk.asked, file_id)
    with told(request, success=f"已移除“{found.name}”。"):
        services.detach(
            desk.asked,
            found,
            actor=desk.actor,
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect(f"{desk.page}#file-{found.key}")


def _file(desk: Desk, file_id: str) -> HttpResponse:
    found = access.own_file(desk.asked, file_id)
    return file_response(found.blob, found.name)
