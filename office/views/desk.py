"""The cockpit and the list behind its numbers."""

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from applications import access, rounds
from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from office import filters, queries
from office.forms import FilterForm

READERS = (*roles.OFFICE, roles.Role.AUDITOR)
PER_PAGE = 50


def chosen_call(request: HttpRequest) -> Call | None:
    """The call named in the URL, else the newest open one, else the newest."""
    code = request.GET.get("call", "")
    if code:
        found = Call.objects.filter(code=code).first()
        if found is None:
            raise Http404("没有这个批次。")
        return found
    return (
        Call.objects.open().order_by("-created_at").first()
        or Call.objects.order_by("-created_at").first()
    )


@require_safe
@policy(*READERS)
def cockpit(request):
    call = chosen_call(request)
    context = {"call": call, "calls": Call.objects.order_by("-created_at")}
    if call is not None:
        units = queries.units(call)
        context |= {
            "now": call.time(request.arrived_at),
            "phase": call.phase_title(request.arrived_at),
            "funnel": queries.funnel(call),
            "units": units,
            "used": sum(unit.used for unit in units),
            "limit": None
            if any(unit.limit is None for unit in units)
            else sum(unit.limit or 0 for unit in units),
            "delivered": sum(unit.state == "delivered" for unit in units),
            "idle": sum(bool(unit.submitted) and unit.word == "未开始" for unit in units),
            "waiting": (waiting := queries.waiting(call, request.arrived_at)),
            "to_do": sum(one.count for one in waiting),
            "machinery": queries.machinery(),
            "rows": [
                row
                for row in queries.deadline_rows([call], request.arrived_at)
                if row.state != "past"
            ][:4],
        }
    return render(request, "office/cockpit.html", context)


@require_safe
@policy(*READERS)
def applications(request):
    call = chosen_call(request)
    if call is None:
        return render(request, "office/applications.html", {"call": None})
    form = FilterForm(request.GET or None, call=call)
    found = (
        Application.objects.filter(access.seen_by(request.acting), call=call)
        .select_related("organisation", "recommender", "direction")
        .annotate(corrected=Exists(rounds.waiting().filter(application=OuterRef("pk"))))
        .order_by("-submitted_at", "-pk")
    )
    if form.is_bound and form.is_valid():
        found = filters.filings(found, form.cleaned_data)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/applications.html",
        {
            "call": call,
            "calls": Call.objects.order_by("-created_at"),
            "page": page,
            "filter_form": form,
            "to_judge": rounds.waiting().filter(application__call=call, by_office=True).count(),
            "may_pack": request.acting.role in roles.OFFICE,
            "filter_keys": [(key, request.GET.get(key, "")) for key in filters.KEYS],
            "statuses": [s for s in Status if s not in (Status.DRAFT, Status.LAPSED)],
        },
    )
