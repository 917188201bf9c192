"""Levels below: their dates and quotas, and what a city or district forwards."""

import unicodedata

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.models import Organisation
from accounts.policy import policy
from applications import access as applications
from audit.services import Actor
from calls import services as calls
from calls.models import Call, LevelDate
from calls.programme import Step, closing
from core.errors import Refusal
from core.figures import whole, whole_or
from core.web import told
from recommenders import board, levelstate, queries, services
from recommenders.forms import ForwardForm, LevelDateForm
from recommenders.models import LevelQuota, Preselection
from recommenders.views.request import Request


def _calls() -> list[Call]:
    return [
        one
        for one in Call.objects.open().order_by("-filing_until", "-pk")
        if Step.RECOMMENDATION in one.steps
    ]


@require_safe
@policy(*roles.RECOMMENDER)
def levels(request: Request) -> HttpResponse:
    """The unit's own dates per call, and the units below it."""
    return _levels_page(request, LevelDateForm())


def _levels_page(request: Request, form: LevelDateForm) -> HttpResponse:
    unit = request.acting.organisation
    chain = [unit.pk, unit.parent_id]
    found = _calls()
    wanted = request.POST.get("call", "") or request.GET.get("call", "")
    call = next((one for one in found if one.code == wanted), found[0] if found else None)
    node = levelstate.find(levelstate.of(call), unit.pk) if call else None
    return render(
        request,
        "recommenders/levels.html",
        {
            "unit": unit,
            "calls": found,
            "call": call,
            "node": node,
            "nodes": list(node.walk()) if node else [],
            "children": node.children if node else [],
            "preselects": bool(call and Step.PRESELECTION in call.steps),
            "dates": LevelDate.objects.filter(organisation__in=[one for one in chain if one])
            .select_related("call", "organisation")
            .order_by("-call", "until"),
            "below": Organisation.objects.filter(parent=unit).order_by("region", "pk"),
            "form": form,
            "chosen": call.code if call else "",
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@policy(*roles.RECOMMENDER)
def set_level_quota(request: Request) -> HttpResponse:
    """How many a unit directly below may forward in a call."""
    call = next((one for one in _calls() if one.code == request.POST.get("call")), None)
    below = Organisation.objects.filter(parent=request.acting.organisation_id)
    unit = below.filter(pk=whole_or(request.POST.get("unit", ""), 0)).first()
    if call is None or unit is None:
        raise Refusal("no-such-unit", "请选择批次和直接下级单位。", status=422)
    limit = unicodedata.normalize("NFKC", request.POST.get("limit", "")).strip()
    if limit and whole(limit, digits=3) is None:
        raise Refusal("limit-odd", "名额请填 0 至 999 的整数，不限则留空。", status=422)
    with told(request, success=f"{unit.name}的上报名额已保存"):
        services.set_level_quota(
            call,
            organisation=unit,
            limit=int(limit) if limit else None,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    response = redirect("recommenders:levels")
    response["Location"] += f"?call={call.code}"
    return response


def _own_or_below(request: Request, typed: str) -> Organisation:
    """The own unit, or one directly below it; no other unit's dates can be set from here."""
    own = request.acting.organisation
    if not typed or typed == str(own.pk):
        return own
    below = Organisation.objects.filter(parent=own)
    found = below.filter(pk=whole_or(typed, 0)).first()
    if found is None:
        raise Refusal("not-yours", "只能设定本单位和直接下级单位的时间。", status=403)
    return found


@require_POST
@policy(*roles.RECOMMENDER)
def set_level_date(request: Request) -> HttpResponse:
    form = LevelDateForm(request.POST)
    call = next((one for one in _calls() if one.code == request.POST.get("call")), None)
    if call is None:
        form.add_error(None, "请选择批次")
    if not form.is_valid() or call is None:
        return _levels_page(request, form)
    data = form.cleaned_data
    unit = _own_or_below(request, request.POST.get("unit", ""))
    try:
        with told(request, success=f"{unit.name}的时间安排已保存"):
            calls.set_level_date(
                call,
                organisation=unit,
                key=data["key"],
                until=closing(data["until"]),
                copies=data["copies"] or 0,
                note=data["note"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        form.add_error("until", str(refusal))
        return _levels_page(request, form)
    return redirect("recommenders:levels")


@require_safe
@policy(*roles.RECOMMENDER)
def area(request: Request, code: str) -> HttpResponse:
    """What a city or district sees of a call: the filings of its area, to forward or hold."""
    call = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    if call is None:
        raise Http404("没有这个批次。")
    unit = request.acting.organisation_id
    found = list(
        applications.visible_to(request.acting)
        .filter(call=call)
        .exclude(recommender=unit)
        .select_related("organisation", "direction", "recommender", "preselector", "call")
        .order_by("-submitted_at", "pk")
    )
    if not found and not LevelDate.objects.filter(call=call, organisation=unit).exists():
        raise Http404("没有这个批次。")
    said = {
        one.application_id: one
        for one in Preselection.objects.filter(organisation=unit, application__in=found)
    }
    return render(
        request,
        "recommenders/area.html",
        {
            "call": call,
            "rows": [(one, board.region_of(one), said.get(one.pk)) for one in found],
            "form": ForwardForm(),
            "until": queries.preselection_deadline(found[0], unit) if found else None,
            "now": call.time(request.arrived_at),
            "preselects": Step.PRESELECTION in call.steps,
            "quota": LevelQuota.objects.filter(call=call, organisation=unit).first(),
            "sent": sum(one.state == Preselection.State.FORWARDED for one in said.values()),
        },
    )
