"""Photographs on a member's page. Without a script the forms post whole and lead back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from documents.web import page_image_response
from visits import access, pages
from visits.access import Request
from visits.models import Photo, Seat
from visits.services import before_the_day, photos
from visits.views.organiser import page_of

team = policy(*access.TEAM)
WANTS_JSON = "application/json"


def _back(seat: Seat) -> HttpResponse:
    return redirect(f"{reverse('visits:form', args=[seat.public_id])}#photos")


@team
@require_safe
def index(request: Request, public_id: str) -> HttpResponse:
    """The list alone, as the form's page draws it: what a script puts in after an upload."""
    seat = access.my_seat(request, public_id)
    visit = seat.visit
    context = {
        "seat": seat,
        "visit": visit,
        "photos": pages.photos(visit),
        "removed": pages.removed_photos(visit),
        "may_add": visit.is_ahead and not before_the_day(visit, at=request.arrived_at),
    }
    return render(request, "visits/_photos.html", context)


@team
@require_POST
def add(request: Request, public_id: str) -> HttpResponse:
    """One or several files. A script sends them one by one and is answered in JSON."""
    seat = access.my_seat(request, public_id)
    sent = request.FILES.getlist("file")
    if not sent:
        raise Refusal("no-file", "请先选择照片或文件。", status=422)
    made, wrong = 0, []
    for one in sent:
        try:
            photos.add(
                seat,
                name=one.name,
                data=one.read(),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            wrong.append(refusal)
        else:
            made += 1
    if WANTS_JSON in request.headers.get("Accept", ""):
        if wrong:
            return JsonResponse(
                {"code": wrong[0].code, "message": wrong[0].message}, status=wrong[0].status
            )
        return JsonResponse({"made": made})
    for each in wrong:
        messages.error(request, each.message)
    if made:
        messages.success(request, f"已上传 {made} 份。")
    return _back(seat)


def _photo(request: Request, public_id: str, photo: str) -> tuple[Seat, Photo]:
    seat = access.my_seat(request, public_id)
    return seat, access.photo_of_visit(seat.visit, photo, removed=True)


@team
@require_safe
def picture(request: Request, public_id: str, photo: str) -> HttpResponse:
    """As the organiser's ``photo``: drawn anew, without where it was taken."""
    seat = access.my_seat(request, public_id)
    found = access.photo_of_visit(seat.visit, photo)
    return page_image_response(request, found.blob, page_of(request, found))


@team
@require_POST
def caption(request: Request, public_id: str, photo: str) -> HttpResponse:
    seat, found = _photo(request, public_id, photo)
    with told(request, success="照片说明已保存。"):
        photos.caption(
            seat,
            found,
            text=request.POST.get("caption", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return _back(seat)


@team
@require_POST
def shift(request: Request, public_id: str, photo: str) -> HttpResponse:
    seat, found = _photo(request, public_id, photo)
    by = -1 if request.POST.get("direction") == "up" else 1
    photos.shift(seat, found, by=by, actor=Actor.of(request), at=request.arrived_at)
    return _back(seat)


@team
@require_POST
def remove(request: Request, public_id: str, photo: str) -> HttpResponse:
    seat, found = _photo(request, public_id, photo)
    with told(request, success="照片已移除，可以在“已移除”中恢复。"):
        photos.remove(seat, found, actor=Actor.of(request), at=request.arrived_at)
    return _back(seat)


@team
@require_POST
def restore(request: Request, public_id: str, photo: str) -> HttpResponse:
    seat, found = _photo(request, public_id, photo)
    with told(request, success="照片已恢复。"):
        photos.restore(seat, found, actor=Actor.of(request), at=request.arrived_at)
    return _back(seat)
