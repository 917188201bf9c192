"""One filing as its recommender sees it, and what is done with it besides its line."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications import access as filings
from applications import services as applications
from applications.models import Application, Version
from applications.workflow import Status
from audit.services import Actor
from calls.phases import Phase
from calls.programme import Step
from core.errors import Refusal
from core.web import told
from documents.web import pdf_response
from recommenders import access, board, clashing, liststates, partners, queries, services
from recommenders.forms import ForwardForm, ReturnForm, VisitForm
from recommenders.models import Confirmation, FilingNote, Preselection, Reserve, Tag, Visit
from recommenders.views.request import Request


def _version(found: Application) -> Version | None:
    return (
        Version.objects.filter(application=found, number=found.version_number)
        .select_related("form__pdf")
        .first()
    )


@require_safe
@policy(*roles.RECOMMENDER)
def application(request: Request, public_id: str) -> HttpResponse:
    """Contents once filing has ended; before that the name and the status."""
    return _page(request, public_id)


def _page(
    request: Request,
    public_id: str,
    *,
    return_form: ReturnForm | None = None,
    visit_form: VisitForm | None = None,
) -> HttpResponse:
    found = access.application(request, public_id)
    at = request.arrived_at
    readable = filings.contents_open(found, at=at)
    held = (
        Confirmation.objects.filter(application=found, released_at__isnull=True)
        .select_related("proposed_by", "condition_met_by", "allotment")
        .first()
    )
    line = held or Reserve.objects.filter(application=found).first()
    ranked = queries.list_of(found.call, found.recommender_id or 0)
    mine = found.recommender_id == request.acting.organisation_id
    open_list = bool(ranked and ranked.state == liststates.OPEN)
    allotment = queries.allotment_for(found) if mine else None
    ledger = queries.ledger_of(allotment) if allotment else None
    settings = found.call.programme.recommendation
    waits = found.shown_status == Status.SUBMITTED
    warnings = clashing.of(found) if mine and readable else []
    unit = request.acting.organisation_id
    return render(
        request,
        "recommenders/application.html",
        {
            "call": found.call,
            "application": found,
            "region": board.region_of(found),
            "readable": readable,
            "version": _version(found) if readable else None,
            "held": held,
            "line": line,
            "reserved": isinstance(line, Reserve),
            "mine": mine,
            "acts": mine
            and open_list
            and readable
            and found.call.phase(at) not in (Phase.ANNOUNCED, Phase.FILING)
            and bool(ranked and queries.in_time(ranked, at=at)),
            "waits": waits,
            "warnings": warnings,
            "partners": partners.of(found) if readable else [],
            "hard": any(one.hard for one in warnings),
            "pools": board.pools(ranked) if mine and ranked else [],
            "notes": FilingNote.objects.filter(
                application=found, organisation=unit, removed_at__isnull=True
            )
            .select_related("by")
            .order_by("pk"),
            "tags": Tag.objects.filter(organisation=unit, taggings__application=found),
            "ledger": ledger,
            "may_ask": bool(
                ledger
                and ledger.soft
                and ledger.free == 0
                and waits
                and not found.over_quota_requests.filter(state="pending").exists()
            ),
            "requests": found.over_quota_requests.select_related("decided_by").order_by("-pk"),
            "visit_asked": bool(settings and settings.visit),
            "visit_title": settings.visit_title if settings else "",
            "visit": Visit.objects.filter(application=found).select_related("by").first(),
            "visit_form": visit_form or VisitForm(),
            "preselection": Step.PRESELECTION in found.call.steps and not mine,
            "preselections": Preselection.objects.filter(application=found)
            .select_related("organisation", "by")
            .order_by("pk"),
            "forward_form": ForwardForm(),
            "may_return": found.shown_status in (Status.SUBMITTED, Status.RECOMMENDED)
            and (open_list or not mine),
            "return_form": return_form or ReturnForm(call=found.call),
            "history": Confirmation.objects.filter(application=found)
            .select_related("proposed_by", "released_by")
            .order_by("pk"),
        },
        status=422 if (return_form or visit_form) else 200,
    )


@require_safe
@policy(*roles.RECOMMENDER)
def form_pdf(request: Request, public_id: str) -> HttpResponse:
    """The 申报书 as submitted."""
    found = access.application(request, public_id)
    version = _version(found) if filings.contents_open(found, at=request.arrived_at) else None
    if version is None or version.form is None:
        raise Http404("没有可以下载的申报书。")
    return pdf_response(request, version.form)


@require_POST
@policy(*roles.RECOMMENDER)
def return_application(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    form = ReturnForm(request.POST, call=found.call)
    if not form.is_valid():
        return _page(request, public_id, return_form=form)
    ranked = queries.list_of(found.call, found.recommender_id or 0)
    if ranked is not None and found.shown_status == Status.RECOMMENDED:
        liststates.must_be_open(ranked.state)
    try:
        with told(request, success=f"已退回修改：《{found.title}》"):
            applications.return_for_correction(
                found,
                fields=form.named(),
                note=form.cleaned_data["note"],
                until=form.last_moment(),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.add_error(None, str(refusal))
        return _page(request, public_id, return_form=form)
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def request_over_quota(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success="超额申请已提交，待主管部门审批"):
        services.request_over_quota(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def cancel_over_quota(request: Request, public_id: str) -> HttpResponse:
    found = access.over_quota(request, public_id)
    with told(request, success="超额申请已撤回"):
        services.cancel_over_quota(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:application", found.application.public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def record_visit(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    form = VisitForm(request.POST)
    if not form.is_valid():
        return _page(request, public_id, visit_form=form)
    with told(request, success="核查情况已登记"):
        services.record_visit(
            found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
        )
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def forward(request: Request, public_id: str) -> HttpResponse:
    """A level below sends it up, or holds it."""
    found = access.application(request, public_id)
    form = ForwardForm(request.POST)
    if not form.is_valid():
        raise Refusal("odd-rank", "本级排序请填整数，说明不超过 200 字。", status=422)
    actor, at = Actor.of(request), request.arrived_at
    note = form.cleaned_data["note"]
    if request.POST.get("act") == "hold":
        with told(request, success=f"已登记不上报：《{found.title}》"):
            services.hold(found, note=note, actor=actor, at=at)
    else:
        with told(request, success=f"已上报：《{found.title}》"):
            services.forward(found, rank=form.cleaned_data["rank"], note=note, actor=actor, at=at)
    return redirect("recommenders:area", found.call.code)
