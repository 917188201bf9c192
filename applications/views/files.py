"""证明材料: the list, adding, removing and putting back, and the one door to a file."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications import access, attachments, drafts, readiness
from applications.models import Application, Attachment
from applications.views import common
from applications.workflow import Status
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from core.web import told
from documents import viruses
from documents.web import file_response, page_image_response

STRIP = 120
"""How many thumbnails stand beside an open page at most."""


@require_safe
@policy(*roles.APPLICANT)
def files(request: HttpRequest, public_id: str) -> HttpResponse:
    """The kinds that are asked, each with its files."""
    return _page(request, common.own(request, public_id))


def _page(
    request: HttpRequest,
    application: Application,
    *,
    wrong: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    material, parts = common.material_and_parts(application)
    lines = common.lines(application, parts)
    frame = common.frame(request, application)
    there = list(
        application.attachments.select_related(
            "blob__virus_check", "uploaded_by", "replaces"
        ).order_by("position", "pk")
    )
    part = next((one for one in parts if one.key == readiness.FILES), None)
    if part is None:
        raise Http404("本批次不需要证明材料。")
    comments = drafts.comments(application, readiness.FILES)
    opened = set(comments) if application.shown_status == Status.RETURNED else None
    kinds = [
        _kind(kind, there, application, opened, comments, (wrong or {}).get(kind.key, ""))
        for kind in readiness.wanted_files(material)
    ]
    missing = part.problems if request.GET.get("check") else []
    return render(
        request,
        "applications/files.html",
        {
            **frame,
            "part": part,
            "lines": lines,
            "kinds": kinds,
            "missing": missing,
            "wrong": wrong or {},
            "has_errors": bool(wrong),
            "back": f"?back={common.CHECK}" if frame["back_to_check"] else "",
        },
        status=status,
    )


def _kind(
    kind: Any,
    there: list[Attachment],
    application: Application,
    opened: set[str] | None,
    comments: dict[str, str],
    wrong: str,
) -> dict[str, Any]:
    own = [item for item in there if item.key == kind.key]
    for item in own:
        item.shown_at = application.call.time(item.removed_at or item.uploaded_at)  # type: ignore[attr-defined]
        check = getattr(item.blob, "virus_check", None)
        item.infected = check.found if check else ""  # type: ignore[attr-defined]
        item.unchecked = check is None and viruses.is_on()  # type: ignore[attr-defined]
    here = [item for item in own if item.removed_at is None]
    kept = {item.blob_id for item in here}
    undone = {item.replaces_id for item in here}
    writable = opened is None or "" in opened or kind.key in opened
    full = len(here) >= kind.max_files
    return {
        "spec": kind,
        "files": here,
        "removed": [
            item
            for item in own
            if item.removed_at and item.blob_id not in kept and item.pk not in undone
        ][-3:],
        "full": full,
        "open": writable,
        "comment": comments.get(kind.key, ""),
        "accept": ",".join(f".{name}" for name in kind.types)
        + (",.jpeg" if "jpg" in kind.types else ""),
        "types": "、".join(name.upper() for name in kind.types),
        "most_bytes": kind.max_mb * 1024 * 1024,
        "reusable": attachments.reusable(application, kind) if writable and not full else [],
        "wrong": wrong,
    }


@require_POST
@policy(*roles.FILING)
def attach(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Upload one or several files of a kind; what is wrong is said at the kind."""
    application = common.own(request, public_id)
    sent = request.FILES.getlist("file")
    replaces = None
    if request.POST.get("replaces"):
        replaces = _file(application, request.POST["replaces"])
    if not sent:
        return _page(
            request, application, wrong={key: "没有选择文件，请先选择再上传。"}, status=422
        )
    for upload in sent:
        try:
            attachments.attach(
                application,
                key=key,
                name=upload.name or "",
                data=upload.read(),
                replaces=replaces,
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
        except Refusal as refusal:
            if refusal.status != 422:
                raise
            return _page(request, application, wrong={key: str(refusal)}, status=422)
        replaces = None
        messages.success(request, f"已上传“{upload.name}”。")
    return redirect(common.after(request, application, _place(request, public_id, key)))


@require_POST
@policy(*roles.FILING)
def detach(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    application = common.own(request, public_id)
    item = _file(application, file_id)
    with told(request, success=f"已移除“{item.name}”，可在原处恢复。"):
        attachments.remove(
            application,
            item,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, public_id, item.key)


@require_POST
@policy(*roles.FILING)
def reattach(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    application = common.own(request, public_id)
    item = _file(application, file_id)
    with told(request, success=f"已恢复“{item.name}”。"):
        attachments.restore(
            application,
            item,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, public_id, item.key)


@require_POST
@policy(*roles.FILING)
def reuse(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    """Take a file of an earlier filing of the unit; nothing is uploaded."""
    application = common.own(request, public_id)
    try:
        made = attachments.reuse(
            application,
            key=key,
            source=request.POST.get("source", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _page(request, application, wrong={key: str(refusal)}, status=422)
    messages.success(request, f"已选用“{made.name}”。")
    return _back(request, public_id, key)


@require_POST
@policy(*roles.FILING)
def undo_replacing(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    application = common.own(request, public_id)
    item = _file(application, file_id)
    with told(request, success="已撤销替换，恢复原来的文件。"):
        attachments.undo_replacing(
            application,
            item,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, public_id, item.key)


@require_POST
@policy(*roles.FILING)
def rename_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    application = common.own(request, public_id)
    item = _file(application, file_id)
    try:
        name = attachments.rename(
            application,
            item,
            name=request.POST.get("name", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _page(request, application, wrong={item.key: str(refusal)}, status=422)
    messages.success(request, f"已改名为“{name}”。")
    return _back(request, public_id, item.key)


@require_POST
@policy(*roles.FILING)
def shift_file(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """One place up or down within its kind (``direction``)."""
    application = common.own(request, public_id)
    item = _file(application, file_id)
    with told(request, success=f"已调整“{item.name}”的次序。"):
        attachments.shift(
            application,
            item,
            by=-1 if request.POST.get("direction") == "up" else 1,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, public_id, item.key)


def _place(request: HttpRequest, public_id: str, key: str) -> str:
    """The kind on its page, which still knows whether the person came from 提交前核对."""
    query = f"?back={common.CHECK}" if request.GET.get("back") == common.CHECK else ""
    return f"{reverse('applications:files', args=[public_id])}{query}#id_file-{key}"


def _back(request: HttpRequest, public_id: str, key: str) -> HttpResponse:
    return redirect(_place(request, public_id, key))


def _file(application: Application, file_id: str) -> Attachment:
    found = application.attachments.filter(public_id=file_id).select_related("blob").first()
    if found is None:
        raise Http404("没有这份文件。")
    return found


@require_safe
@policy(*common.READERS)
def attachment(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """Download a file. Others than the applicant get only what was submitted last."""
    _, item = _readable(request, public_id, file_id)
    return file_response(item.blob, item.name)


@require_safe
@policy(*common.READERS)
def page_image(request: HttpRequest, public_id: str, file_id: str, page: int) -> HttpResponse:
    """The picture of one page of a file, ``?w=`` pixels wide, for whoever may download it."""
    _, item = _readable(request, public_id, file_id)
    if not 1 <= page <= item.pages:
        raise Http404("没有这一页。")
    return page_image_response(request, item.blob, page)


@require_safe
@policy(*common.READERS)
def preview(request: HttpRequest, public_id: str, file_id: str) -> HttpResponse:
    """A file page by page (``?page=``): thumbnails beside the page that is open."""
    application, item = _readable(request, public_id, file_id)
    page = whole_or(request.GET.get("page", ""), 1)
    page = min(max(page, 1), max(item.pages, 1))
    first = max(1, min(page - STRIP // 2, item.pages - STRIP + 1))
    own = _is_own(request, application)
    return render(
        request,
        "applications/preview.html",
        {
            "application": application,
            "call": application.call,
            "file": item,
            "page": page,
            "strip": range(first, min(first + STRIP, item.pages + 1)),
            "own": own,
            "large": "large" in request.GET,
            "pins": application.indicator_rows.select_related("indicator").filter(evidence=item)
            if own
            else [],
        },
    )


def _is_own(request: HttpRequest, application: Application) -> bool:
    acting = request.acting  # type: ignore[attr-defined]
    return acting.organisation_id == application.organisation_id and acting.role in roles.APPLICANT


def _readable(request: HttpRequest, public_id: str, file_id: str) -> tuple[Application, Attachment]:
    """A file and its filing. Others than the applicant see only what was submitted last."""
    application = access.readable(request, public_id)
    item = _file(application, file_id)
    if not _is_own(request, application):
        _must_be_submitted(application, item)
    return application, item


def _must_be_submitted(application: Application, item: Attachment) -> None:
    last = application.versions.filter(number=application.version_number).first()
    frozen = last.snapshot["attachments"] if last else []
    if all(one["id"] != item.public_id for one in frozen):
        raise Http404("没有这份文件。")
