"""A table of a section as a workbook: taking the template, bringing it back with a preview."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications import gridfile
from applications.gridfile import Place, Preview
from applications.views import common
from audit.services import Actor
from core.errors import Refusal
from documents.uploads import MEDIA_TYPES, XLSX


def _place(request: HttpRequest, public_id: str, key: str, field: str) -> Place:
    application = common.own(request, public_id)
    spec = application.call.programme.section(key)
    found = gridfile.place(application, spec, field) if spec is not None else None
    if found is None:
        raise Http404("没有这张表。")
    return found


def _workbook(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=MEDIA_TYPES[XLSX])
    response["Content-Disposition"] = (
        f"attachment; filename=\"table.xlsx\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@policy(*roles.APPLICANT)
def grid_template(request: HttpRequest, public_id: str, key: str, field: str) -> HttpResponse:
    """The table with what it holds now, to be filled in outside and brought back."""
    place = _place(request, public_id, key, field)
    return _workbook(gridfile.template(place), gridfile.file_name(place))


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def grid_import(request: HttpRequest, public_id: str, key: str, field: str) -> HttpResponse:
    """Choose a filled template; see what it would change. Nothing is saved here."""
    place = _place(request, public_id, key, field)
    if request.method != "POST":
        return _page(request, place)
    gridfile.must_be_open(place, at=request.arrived_at)  # type: ignore[attr-defined]
    sent = request.FILES.get("file")
    if sent is None:
        return _page(request, place, wrong="还没有选择文件。请选择填好的模板（XLSX）。")
    try:
        found = gridfile.read(place, sent.read(), sent.name or "")
    except Refusal as refusal:
        return _page(request, place, wrong=str(refusal))
    return _page(request, place, found=found)


@require_POST
@policy(*roles.FILING)
def grid_apply(request: HttpRequest, public_id: str, key: str, field: str) -> HttpResponse:
    """Save what the preview showed; refused when the section was saved since."""
    place = _place(request, public_id, key, field)
    found, version = gridfile.unsealed(place, request.POST.get("preview", ""))
    gridfile.apply(
        place,
        found,
        version=version,
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    messages.success(request, f"已导入“{place.field.label}”，共 {len(found.lines)} 行。")
    here = reverse("applications:section", args=[public_id, key])
    return redirect(f"{here}#{place.field.key}")


@require_POST
@policy(*roles.FILING)
def grid_errors(request: HttpRequest, public_id: str, key: str, field: str) -> HttpResponse:
    """The workbook of a preview again, every error marked in its cell."""
    place = _place(request, public_id, key, field)
    found, _ = gridfile.unsealed(place, request.POST.get("preview", ""))
    return _workbook(gridfile.error_copy(place, found), gridfile.file_name(place, faulty=True))


def _page(
    request: HttpRequest, place: Place, *, found: Preview | None = None, wrong: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        **common.frame(request, place.application),
        "section": place.section,
        "field": place.field,
        "grid": place.grid,
        "found": found,
        "wrong": wrong,
        "preview": gridfile.sealed(place, found) if found else "",
        "counts": {kind: found.count(kind) for kind in ("new", "changed", "removed")}
        if found
        else {},
    }
    status = 422 if wrong or (found and found.faults) else 200
    return render(request, "applications/grid_import.html", context, status=status)
