"""Personal data past its time: the dry run, asking, approving. Counts only, no contents."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.web import told
from office import retention
from office.models import Purge

READERS = (*roles.ADMIN, roles.Role.AUDITOR)
PER_PAGE = 30


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*READERS)
def page(request):
    """What would go now, and what went; an administrator asks for it."""
    may_write = request.acting.role in roles.ADMIN
    if request.method == "POST":
        if not may_write:
            raise Refusal("read-only", "审计只能查阅，不能提出清除。", status=403)
        with told(request, success="清除已提出，须由另一名管理员批准。"):
            retention.propose(actor=Actor.of(request), at=request.arrived_at)
        return redirect("office:retention")
    found = Purge.objects.select_related("proposed_by", "approved_by")
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    titles = {kind.key: kind.title for kind in retention.KINDS}
    lines = retention.dry_run(request.arrived_at)
    return render(
        request,
        "office/retention.html",
        {
            "lines": lines,
            "due": sum(line.count for line in lines),
            "page": listed,
            "rows": [
                (
                    one,
                    [(titles[key], kept["days"], kept["count"]) for key, kept in one.kinds.items()],
                    [(titles[key], count) for key, count in one.cleared.items()],
                )
                for one in listed
            ],
            "may_write": may_write,
        },
    )


@require_POST
@policy(*roles.ADMIN)
def decide(request, pk):
    purge = get_object_or_404(Purge, pk=pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="已批准，由后台执行。" if approve else "不清除。"):
        retention.decide(purge, approve=approve, actor=Actor.of(request), at=request.arrived_at)
    return redirect("office:retention")
