"""Accounts that hold a role and have not been used for long (等保三级: no stale accounts)."""

from datetime import timedelta

from django.core.paginator import Paginator
from django.db.models import Prefetch, Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.models import Membership, User
from accounts.policy import policy
from core.figures import whole_or

PER_PAGE = 50
USUAL, LEAST, MOST = 90, 7, 3650
"""Days without a sign-in; what is asked for stays between the other two."""


@require_safe
@policy(*roles.ADMIN, roles.Role.AUDITOR)
def accounts(request):
    """Those who never signed in are taken by the day their account was made."""
    days = min(max(whole_or(request.GET.get("days", ""), USUAL), LEAST), MOST)
    edge = request.arrived_at - timedelta(days=days)
    held = Membership.objects.active(request.arrived_at).select_related("organisation")
    found = (
        User.objects.filter(is_active=True, pk__in=held.values("user"))
        .filter(Q(last_login__lt=edge) | Q(last_login__isnull=True, created_at__lt=edge))
        .prefetch_related(Prefetch("memberships", queryset=held.order_by("pk"), to_attr="held"))
        .order_by("last_login", "created_at", "pk")
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "office/stale_accounts.html", {"page": page, "days": days})
