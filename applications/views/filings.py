"""The unit's filings: the desk, a new one, what it is about, withdrawing it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles, units
from accounts.models import Membership, Organisation
from accounts.policy import policy
from applications import (
    access,
    eligibility,
    exclusivity,
    filing,
    queries,
    readiness,
    routing,
    services,
)
from applications.forms import WITHDRAW_WORD, BasicsForm, WithdrawForm
from applications.models import Application
from applications.views import common, tasklist
from applications.workflow import LIVE, Status
from audit.services import Actor
from calls.models import Call
from calls.phases import Phase
from calls.programme import Step
from core.web import form_status, refused_into, told
from units import services as proving

WRITABLE = (Status.DRAFT, Status.RETURNED, Status.SUBMITTED)
NEXT = {
    Status.DRAFT: "填写并提交申报书",
    Status.RETURNED: "按退回意见修改后重新提交",
    Status.RECOMMENDED: "等待主管部门办理",
    Status.ACCEPTED: "等待评审",
    Status.IN_REVIEW: "等待评审结果",
    Status.FINALIST: "留意后续通知",
}


@require_safe
@policy(*roles.APPLICANT)
def index(request: HttpRequest) -> HttpResponse:
    """The desk of an applicant: what to do now, its filings, the limits with their clauses."""
    acting: Membership = request.acting  # type: ignore[attr-defined]
    at = request.arrived_at  # type: ignore[attr-defined]
    applications = list(
        access.visible_to(acting)
        .filter(organisation=acting.organisation_id)
        .select_related("call", "direction", "subfield", "recommender", "preselector")
        .order_by("-changed_at", "-pk")
    )
    for application in applications:
        application.organisation = acting.organisation
    calls = list(Call.objects.open().order_by("filing_until", "pk"))
    ends = _deadlines(applications)
    rows = [
        {
            "application": application,
            "next": _next(application, ends, at),
            "until": ends.get(application.pk)
            if application.shown_status in (Status.DRAFT, Status.RETURNED)
            else None,
            "now": application.call.time(at),
        }
        for application in applications
    ]
    return render(
        request,
        "applications/index.html",
        {
            "organisation": acting.organisation,
            "rows": rows,
            "doing": _doing(applications, ends, at),
            "calls": [_limits(call, acting, applications, at) for call in calls],
            "people": Membership.objects.active(at)
            .filter(organisation=acting.organisation_id, role__in=roles.APPLICANT)
            .select_related("user")
            .order_by("pk"),
            "may_write": acting.role in roles.FILING,
        },
    )


def _deadlines(applications: list[Application]) -> dict[int, Any]:
    """The filing deadline of each, read once for those that share call and chain."""
    seen: dict[Any, Any] = {}
    found = {}
    for application in applications:
        if application.shown_status not in (Status.DRAFT, Status.RETURNED, Status.SUBMITTED):
            continue
        key = (
            application.call_id,
            application.recommender_id,
            application.preselector_id,
            application.correction_until if application.shown_status == Status.RETURNED else None,
        )
        if key not in seen:
            seen[key] = queries.filing_deadline(application)
        found[application.pk] = seen[key]
    return found


def _next(application: Application, ends: dict[int, Any], at: Any) -> str:
    end = ends.get(application.pk)
    now = application.call.time(at)
    if application.shown_status == Status.SUBMITTED:
        recommended = application.call.programme.has(Step.RECOMMENDATION)
        waits = f"等待{'推荐单位' if recommended else '主管部门'}办理"
        again = "；截止前可再次提交，以最后一版为准" if end and now < end else ""
        return waits + again
    return NEXT.get(application.shown_status, "")


def _doing(applications: list[Application], ends: dict[int, Any], at: Any) -> dict[str, Any] | None:
    """The one filing that needs its unit most: a return first, then the draft that ends first."""
    waiting = [
        application
        for application in applications
        if application.shown_status in (Status.RETURNED, Status.DRAFT)
        and (end := ends.get(application.pk))
        and application.call.time(at) < end
        and application.call.phase(at) != Phase.ANNOUNCED
    ]
    if not waiting:
        return None
    waiting.sort(key=lambda one: (one.shown_status != Status.RETURNED, ends[one.pk]))
    application = waiting[0]
    _, parts = common.material_and_parts(application)
    done, total = readiness.tally(parts)
    last = (
        application.sections.exclude(saved_at=None)
        .select_related("saved_by")
        .order_by("-saved_at")
        .first()
    )
    return {
        "application": application,
        "until": ends[application.pk],
        "now": application.call.time(at),
        "done": done,
        "total": total,
        "blockers": sum(len(part.problems) for part in parts),
        "saved_by": last.saved_by.name if last and last.saved_by else "",
        "saved_at": application.call.time(last.saved_at) if last and last.saved_at else None,
    }


def _limits(
    call: Call, acting: Membership, applications: list[Application], at: Any
) -> dict[str, Any]:
    """May this unit file in the call, and how often still, with the clauses."""
    rules = call.programme.applicants
    organisation = acting.organisation
    used = sum(1 for one in applications if one.call_id == call.pk and one.shown_status in LIVE)
    limit = rules.per_applicant
    phase = call.phase(at)
    why = rule = ""
    if organisation.kind not in {str(kind) for kind in rules.kinds}:
        why, rule = f"本批次不接受{organisation.get_kind_display()}申报", "kinds"
    elif elsewhere := eligibility.outside(call.programme, organisation.region):
        why, rule = elsewhere, "regions"
    elif phase != Phase.FILING:
        why = f"现在是{call.phase_title(at)}"
    elif limit is not None and used >= limit:
        why, rule = f"已用满 {limit} 项，换报须先撤回其中一项", "per_applicant"
    return {
        "call": call,
        "now": call.time(at),
        "open": phase == Phase.FILING,
        "used": used,
        "limit": limit,
        "left": None if limit is None else max(limit - used, 0),
        "clause": rules.sources.get("per_applicant", call.programme.notice),
        "kinds_clause": rules.sources.get("kinds", call.programme.notice),
        "winners_clause": rules.sources.get("exclude_winners", call.programme.notice)
        if rules.exclude_winners
        else "",
        "conditions": rules.conditions,
        "why": why,
        "why_clause": rules.sources.get(rule, call.programme.notice) if rule else "",
    }


@require_safe
@policy(*roles.FILING)
def choose_call(request: HttpRequest) -> HttpResponse:
    """Which open call to file in."""
    acting: Membership = request.acting  # type: ignore[attr-defined]
    at = request.arrived_at  # type: ignore[attr-defined]
    filed = list(access.visible_to(acting).filter(organisation=acting.organisation_id))
    calls = [
        _limits(call, acting, filed, at) for call in Call.objects.open().order_by("filing_until")
    ]
    found = [one for one in calls if one["open"]]
    if len(found) == 1 and not found[0]["why"]:
        return redirect("applications:create", found[0]["call"].code)
    return render(request, "applications/choose_call.html", {"calls": calls})


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def create(request: HttpRequest, code: str) -> HttpResponse:
    """Start a filing: title, direction, recommender."""
    acting: Membership = request.acting  # type: ignore[attr-defined]
    at = request.arrived_at  # type: ignore[attr-defined]
    call = get_object_or_404(Call.objects.open(), code=code)
    organisation = acting.organisation
    ways = routing.ways(call, organisation)
    form = BasicsForm(request.POST or None, call=call, ways=ways)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            application = filing.start(
                call=call,
                organisation=organisation,
                user=request.user,  # type: ignore[arg-type]
                actor=Actor.of(request),
                at=at,
                **form.chosen,
            )
            return redirect("applications:detail", application.public_id)
    filed = list(access.visible_to(acting).filter(organisation=organisation, call=call))
    return render(
        request,
        "applications/create.html",
        {
            "form": form,
            "call": call,
            "limits": _limits(call, acting, filed, at),
            "earlier": access.visible_to(acting)
            .filter(organisation=organisation)
            .select_related("call")
            .order_by("-changed_at", "-pk")[:8],
            "now": call.time(at),
            "no_recommender": not ways.all and call.programme.has(Step.RECOMMENDATION),
            "recommending": _recommending(call, ways),
            "merged": units.head(organisation) if organisation.merged_into_id else None,
            "unproven": call.programme.applicants.verified
            and proving.state_of(organisation) != "verified",
        },
        status=form_status(form),
    )


def _recommending(
    call: Call, ways: routing.Ways, current: Organisation | None = None
) -> list[dict[str, Any]]:
    """The units by registration, and the chosen one, each with the end of its confirming."""
    named = [*ways.local, *([current] if current and current not in ways.local else [])]
    return [
        {
            "unit": unit,
            "until": queries.recommendation_deadline(call, unit),
            "separate": unit.kind == Organisation.Kind.SEPARATE_CITY,
            "local": unit.kind in routing.LOCAL,
        }
        for unit in named
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def basics(request: HttpRequest, public_id: str) -> HttpResponse:
    """Change what the filing is about."""
    application = common.own(request, public_id)
    ways = routing.ways(application.call, application.organisation)
    current = application.recommender
    if current is not None and current not in ways.all:
        kept = ways.local if current.kind in routing.LOCAL else ways.chosen
        kept.append(current)
    form = BasicsForm(
        request.POST or None,
        call=application.call,
        ways=ways,
        initial={
            "title": application.title,
            "subfield": application.subfield_id,
            "current": current,
        },
    )
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="基本信息已保存。"):
                filing.change(
                    application,
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                    **form.chosen,
                )
            done = reverse("applications:detail", args=[public_id])
            return redirect(common.after(request, application, done))
    return render(
        request,
        "applications/basics.html",
        {
            **common.frame(request, application),
            "form": form,
            "comments": tasklist.comments(application, readiness.BASICS),
            "recommending": _recommending(application.call, ways, current),
        },
        status=form_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def withdraw(request: HttpRequest, public_id: str) -> HttpResponse:
    """Take the filing back for good, after typing the word."""
    application = common.own(request, public_id)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="申报已撤回。"):
                services.withdraw(
                    application,
                    reason=form.cleaned_data["reason"],
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("applications:index")
    return render(
        request,
        "applications/withdraw.html",
        {
            **common.frame(request, application),
            "form": form,
            "word": WITHDRAW_WORD,
            "effects": exclusivity.effects_of_withdrawing(application),
        },
        status=form_status(form),
    )
