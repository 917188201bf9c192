"""Uploads in parts, for the script of the page: JSON in every answer, also in a refusal."""

from __future__ import annotations

import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from applications import incoming
from applications.models import Application, Upload
from applications.views import common
from applications.views.files import _file
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or

HASH = re.compile(r"[0-9a-f]{64}")


@require_POST
@policy(*roles.FILING)
def upload_begin(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Announce a file (name, size, and its SHA-256 where the browser can tell it)."""
    application = common.own(request, public_id)
    posted = request.POST
    replaces = _file(application, posted["replaces"]) if posted.get("replaces") else None
    size, sha256 = posted.get("size", ""), posted.get("sha256", "")
    try:
        upload = incoming.begin(
            application,
            key=key,
            name=posted.get("name", ""),
            size=whole_or(size, 0, digits=15),
            sha256=sha256 if HASH.fullmatch(sha256) else "",
            replaces=replaces,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse(_state(application, upload))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def upload(request: HttpRequest, public_id: str, upload_id: str) -> HttpResponse:
    """How far a file is; by POST the next part, from ``?offset=`` on."""
    application, found = _own(request, public_id, upload_id)
    if request.method == "POST":
        offset = whole_or(request.GET.get("offset", ""), -1, digits=15)
        try:
            incoming.receive(
                found,
                offset=offset,
                data=_body(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            return _refused(refusal)
        found.refresh_from_db()
    return JsonResponse(_state(application, found))


@require_POST
@policy(*roles.FILING)
def upload_finish(request: HttpRequest, public_id: str, upload_id: str) -> HttpResponse:
    """All parts are here: the file is judged and becomes part of the filing."""
    _, found = _own(request, public_id, upload_id)
    try:
        made = incoming.finish(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        return _refused(refusal)
    return JsonResponse({"file": made.public_id, "name": made.name, "pages": made.pages})


@require_POST
@policy(*roles.FILING)
def upload_cancel(request: HttpRequest, public_id: str, upload_id: str) -> HttpResponse:
    """Give up a file that is on its way."""
    _, found = _own(request, public_id, upload_id)
    incoming.cancel(found)
    return JsonResponse({"cancelled": True})


def _own(request: HttpRequest, public_id: str, upload_id: str) -> tuple[Application, Upload]:
    """One's own upload; a colleague's is theirs to finish."""
    application = common.own(request, public_id)
    found = (
        application.uploads.filter(public_id=upload_id, started_by=request.user.pk)
        .select_related("attachment", "replaces", "application__call")
        .first()
    )
    if found is None:
        raise Http404("没有这次上传。")
    return application, found


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Refusal("bad-part", "这一部分太大，请重新上传这份文件。", status=422) from None


def _state(application: Application, upload: Upload) -> dict[str, Any]:
    names = ("upload", "upload_finish", "upload_cancel")
    here, finish, cancel = (
        reverse(f"applications:{name}", args=[application.public_id, upload.public_id])
        for name in names
    )
    return {
        "url": here,
        "finish": finish,
        "cancel": cancel,
        "offset": upload.size if upload.attachment_id else upload.received,
        "part": incoming.PART,
    }


def _refused(refusal: Refusal) -> JsonResponse:
    told: dict[str, Any] = {"code": refusal.code, "message": str(refusal)}
    if isinstance(refusal, incoming.Elsewhere):
        told["offset"] = refusal.offset
    return JsonResponse(told, status=refusal.status)
