"""The office's part: requests above the limit, allotments, the state of every list."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from calls.programme import Step
from core.errors import Refusal
from core.web import told
from documents import services as documents
from documents.web import pdf_response
from recommenders import access, board, officeboard, queries, services
from recommenders.forms import DecisionForm, LimitForm
from recommenders.models import OverQuotaRequest, SealedScan
from recommenders.views.request import Request


@require_safe
@policy(*roles.OFFICE)
def calls(request: Request) -> HttpResponse:
    """Calls with a recommendation; one alone is shown at once."""
    found = [
        one
        for one in Call.objects.exclude(state=Call.State.PREPARING).order_by("-filing_until")
        if Step.RECOMMENDATION in one.steps
    ]
    if len(found) == 1:
        return redirect("recommenders:office_lists", found[0].code)
    return render(
        request,
        "recommenders/office_calls.html",
        {"rows": officeboard.calls(found, at=request.arrived_at)},
    )


@require_safe
@policy(*roles.OFFICE)
def lists(request: Request, code: str) -> HttpResponse:
    """Every recommender's state in one call, with its quota."""
    call = access.office_call(request, code)
    state = request.GET.get("state", "")
    rows = officeboard.lists(call)
    return render(
        request,
        "recommenders/office_lists.html",
        {
            "call": call,
            "rows": [row for row in rows if officeboard.shown(row, state)],
            "tabs": officeboard.tabs(rows, state),
            "requests": OverQuotaRequest.objects.filter(
                allotment__call=call, state=OverQuotaRequest.State.PENDING
            ).count(),
            "until": call.recommendation_until,
            "now": call.time(request.arrived_at),
        },
    )


@require_safe
@policy(*roles.OFFICE)
def one_list(request: Request, pk: int) -> HttpResponse:
    ranked = access.office_list(request, pk)
    version = queries.version_in_force(ranked)
    above, below, rest = board.lines(ranked)
    ledger, scopes = board.meters(ranked)
    return render(
        request,
        "recommenders/office_list.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "ledger": ledger,
            "scopes": scopes,
            "above": above,
            "below": below,
            "rest": rest,
            "version": version,
            "versions": ranked.versions.select_related(
                "document", "prepared_by", "approved_by"
            ).order_by("-number"),
            "scans": SealedScan.objects.filter(list_version__list=ranked)
            .select_related("list_version", "uploaded_by", "manual_by", "second_by")
            .prefetch_related("files__blob")
            .order_by("-pk"),
            "may_approve": request.acting.role == roles.Role.OFFICE_APPROVER,
            "overdue": bool(ranked.flagged_at) and ranked.state == "open",
        },
    )


@require_safe
@policy(*roles.OFFICE)
def office_sheet(request: Request, pk: int) -> HttpResponse:
    ranked = access.office_list(request, pk)
    version = queries.version_in_force(ranked)
    found = documents.of(version, "summary_sheet").first() if version else None
    if found is None:
        raise Refusal("no-sheet", "名单还没有确认，没有汇总表。")
    return pdf_response(request, found)


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def settle(request: Request, pk: int) -> HttpResponse:
    ranked = access.office_list(request, pk)
    accept = request.POST.get("act") == "accept"
    with told(request, success="已按现状收取名单" if accept else "已结束该单位的推荐"):
        services.settle_unsubmitted(
            ranked,
            accept=accept,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:office_list", pk)


@require_POST
@policy(*roles.OFFICE)
def second_look(request: Request, public_id: str) -> HttpResponse:
    found = access.scan(request, public_id)
    actor, at, note = Actor.of(request), request.arrived_at, request.POST.get("note", "")
    if request.POST.get("act") == "refuse":
        with told(request, success="已登记复核不通过"):
            services.refuse_manual(found, note=note, actor=actor, at=at)
    else:
        with told(request, success="复核通过，名单可以报送"):
            services.second_look(found, note=note, actor=actor, at=at)
    return redirect("recommenders:office_list", found.list_version.list_id)


@require_safe
@policy(*roles.OFFICE, roles.Role.AUDITOR)
def over_quota(request: Request) -> HttpResponse:
    """Requests above the limit: those that wait first."""
    return _over_quota_page(request)


def _over_quota_page(request: Request, *, status: int = 200, **more) -> HttpResponse:
    found = OverQuotaRequest.objects.select_related(
        "allotment__organisation",
        "allotment__call",
        "application__organisation",
        "application__direction",
        "proposed_by",
        "decided_by",
    ).order_by("-proposed_at")
    if code := request.GET.get("call", ""):
        found = found.filter(allotment__call__code=code)
    pending = list(found.filter(state=OverQuotaRequest.State.PENDING))
    return render(
        request,
        "recommenders/office_over_quota.html",
        {
            "pending": officeboard.with_ledgers(pending),
            "decided": found.exclude(state=OverQuotaRequest.State.PENDING)[:50],
            "form": DecisionForm(),
            "may_decide": request.acting.role == roles.Role.OFFICE_APPROVER,
            **more,
        },
        status=status,
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def decide_over_quota(request: Request, public_id: str) -> HttpResponse:
    found = access.over_quota(request, public_id)
    approve = request.POST.get("act") == "approve"
    with told(request, success="已同意超额推荐" if approve else "已登记不同意"):
        services.decide_over_quota(
            found,
            approve=approve,
            note=request.POST.get("note", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:over_quota")


@require_safe
@policy(*roles.OFFICE)
def allotments(request: Request, code: str) -> HttpResponse:
    """The quota ledger: what counts in the region, what apart, what is full, what is asked for."""
    call = access.office_call(request, code)
    rows = officeboard.allotments(call)
    only = request.GET.get("only", "")
    keep = officeboard.ONLY.get(only)
    return render(
        request,
        "recommenders/office_allotments.html",
        {
            "call": call,
            "rows": [row for row in rows if keep is None or keep(*row)],
            "only": only if keep else "",
            **officeboard.sums(rows),
            "may_change": request.acting.role == roles.Role.OFFICE_APPROVER,
        },
    )


@require_safe
@policy(*roles.OFFICE)
def allotment(request: Request, pk: int) -> HttpResponse:
    return _allotment_page(request, pk)


def _allotment_page(request: Request, pk: int, form: LimitForm | None = None) -> HttpResponse:
    found = access.allotment(request, pk)
    return render(
        request,
        "recommenders/office_allotment.html",
        {
            "call": found.call,
            "allotment": found,
            "ledger": queries.ledger_of(found),
            "form": form or LimitForm(initial={"limit": found.limit}),
            "may_change": request.acting.role == roles.Role.OFFICE_APPROVER,
        },
        status=422 if form is not None else 200,
    )


@require_POST
@policy(roles.Role.OFFICE_APPROVER)
def change_limit(request: Request, pk: int) -> HttpResponse:
    found = access.allotment(request, pk)
    form = LimitForm(request.POST)
    if not form.is_valid():
        return _allotment_page(request, pk, form)
    try:
        with told(request, success=f"{found.organisation.name}的名额已调整"):
            services.change_limit(
                found,
                limit=form.cleaned_data["limit"],
                reason=form.cleaned_data["reason"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        form.add_error("limit", str(refusal))
        return _allotment_page(request, pk, form)
    return redirect("recommenders:office_allotments", found.call.code)
