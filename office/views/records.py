"""What the system sent and what it wrote down: outbox and audit trail. Read only."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from audit import services as audit
from audit.models import Entry
from notifications.models import Message

PER_PAGE = 50


@require_safe
@policy(*roles.OFFICE, *roles.ADMIN, roles.Role.AUDITOR)
def outbox(request):
    letters = Message.objects.select_related("user").order_by("-pk")
    state = request.GET.get("state", "")
    if state in Message.State.values:
        letters = letters.filter(state=state)
    # Who keeps the system running needs to know to whom and whether, not what it says.
    readable = request.acting.role not in roles.ADMIN
    if text := request.GET.get("q", "").strip():
        words = Q(subject__icontains=text) if readable else Q()
        letters = letters.filter(words | Q(email__icontains=text))
    page = Paginator(letters, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/outbox.html",
        {
            "page": page,
            "states": Message.State.choices,
            "state": state,
            "readable": readable,
        },
    )


@require_safe
@policy(roles.Role.AUDITOR, roles.Role.SECURITY_ADMIN)
def trail(request):
    entries = Entry.objects.order_by("-pk")
    if text := request.GET.get("q", "").strip():
        entries = entries.filter(
            Q(action__icontains=text) | Q(actor_name__icontains=text) | Q(subject__icontains=text)
        )
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    verdict = audit.verify() if request.GET.get("verify") else None
    return render(request, "office/audit.html", {"page": page, "verdict": verdict})
