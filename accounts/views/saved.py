"""Keeping, renaming, removing one's own saved views of list pages, and taking it back."""

from typing import cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accounts import access, savedviews
from accounts.models import SavedView, User
from accounts.policy import policy
from accounts.views.ways import onward
from audit.services import Actor
from core.web import told


def _back(request: HttpRequest, *, query: str | None = None, undo: int = 0) -> HttpResponse:
    """To the page the person came from; with another view, or with the way to take it back."""
    parts = urlsplit(onward(request))
    kept = QueryDict(parts.query if query is None else query, mutable=True)
    kept.pop(savedviews.UNDO, None)
    said = kept.urlencode()
    if undo:
        said = f"{said}&{urlencode({savedviews.UNDO: undo})}".lstrip("&")
    return redirect(urlunsplit(("", "", parts.path, said, "")))


def _own(request: HttpRequest, pk: int) -> SavedView:
    return access.saved_view(cast("User", request.user), pk)


@require_POST
@policy.signed_in
def save(request: HttpRequest) -> HttpResponse:
    with told(request, success="视图已保存。"):
        view = savedviews.save(
            cast("User", request.user),
            page=request.POST.get("page", ""),
            name=request.POST.get("name", ""),
            query=request.POST.get("query", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, query=view.query)


@require_POST
@policy.signed_in
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    view = savedviews.rename(
        _own(request, pk),
        name=request.POST.get("name", ""),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return _back(request, undo=view.pk)


@require_POST
@policy.signed_in
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    view = savedviews.remove(
        _own(request, pk),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    return _back(request, undo=view.pk)


@require_POST
@policy.signed_in
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    with told(request, success="已撤销。"):
        savedviews.undo(
            _own(request, pk),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request)
