"""A person's own letters, in the site."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from core.web import told
from notifications import services

PER_PAGE = 30


@require_safe
@policy.signed_in
def inbox(request: HttpRequest) -> HttpResponse:
    """Newest first, each with its text; the unread ones marked."""
    letters = services.inbox(request.user)  # type: ignore[arg-type]
    page = Paginator(letters, PER_PAGE).get_page(request.GET.get("page"))
    unread = letters.filter(read_at=None).count()
    return render(request, "notifications/inbox.html", {"page": page, "unread": unread})


@require_POST
@policy.signed_in
def read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    with told(request, success="消息已全部标为已读。"):
        services.mark_read(request.user, at=request.arrived_at)  # type: ignore[arg-type, attr-defined]
    return redirect("notifications:inbox")
