"""What the system wrote down: the audit trail. Read only."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles, savedviews
from accounts.policy import policy
from audit import services as audit
from audit.models import Entry

PER_PAGE = 50


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
    return render(
        request,
        "office/audit.html",
        {
            "page": page,
            "verdict": verdict,
            "saved": savedviews.shown(request.user, "office:audit", request.GET),
        },
    )
