"""Beginning a new filing from an earlier one of the same unit, and what came of it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import roles
from accounts.models import Membership
from accounts.policy import policy
from applications import access, copying, eligibility, exclusivity, filing, routing
from applications.forms import BasicsForm
from applications.models import Application
from applications.views import common
from audit.services import Actor
from calls.models import Call, SubField
from calls.phases import Phase
from core.web import form_status, refused_into


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.FILING)
def copy(request: HttpRequest, public_id: str) -> HttpResponse:
    """Choose the call, see what goes over and what does not, begin."""
    source = common.own(request, public_id)
    acting: Membership = request.acting  # type: ignore[attr-defined]
    at = request.arrived_at  # type: ignore[attr-defined]
    calls = [
        (call, _why_not(call, acting, at))
        for call in Call.objects.open().order_by("filing_until", "pk")
        if call.phase(at) == Phase.FILING
    ]
    code = request.GET.get("call", "") or (calls[0][0].code if len(calls) == 1 else "")
    call = next((one for one, _ in calls if one.code == code), None)
    if code and call is None:
        raise Http404("没有这个批次，或它现在不接受申报。")
    form = _form(request, source, call) if call else None
    if request.method == "POST" and form is not None and call is not None and form.is_valid():
        with refused_into(form):
            made = copying.start(
                source,
                call=call,
                organisation=acting.organisation,
                user=request.user,  # type: ignore[arg-type]
                actor=Actor.of(request),
                at=at,
                **form.chosen,
            )
            return redirect("applications:copied", made.public_id)
    return render(
        request,
        "applications/copy.html",
        {
            "source": source,
            "call": call,
            "calls": calls,
            "why": dict(calls).get(call) if call else None,
            "form": form,
            "plan": _plan(request, source, call) if call else [],
        },
        status=form_status(form) if form is not None else 200,
    )


def _why_not(call: Call, acting: Membership, at: Any) -> str:
    unit = acting.organisation
    rules = call.programme.applicants
    if unit.kind not in {str(kind) for kind in rules.kinds}:
        return f"本批次不接受{unit.get_kind_display()}申报"
    if elsewhere := eligibility.outside(call.programme, unit.region):
        return elsewhere
    limit = rules.per_applicant
    if limit is not None and exclusivity.filed_by(unit, call) >= limit:
        return f"已用满 {limit} 项，须先撤回其中一项"
    return ""


def _plan(request: HttpRequest, source: Application, call: Call) -> list[copying.Taken]:
    known = filing.known_of(source.organisation, request.user)  # type: ignore[arg-type]
    return copying.plan(source, call.programme, known=known)


def _form(request: HttpRequest, source: Application, call: Call) -> BasicsForm:
    initial: dict[str, Any] = {"title": source.title, "current": source.recommender}
    if source.direction:
        same = SubField.objects.filter(
            direction__call=call, direction__key=source.direction.key
        ).order_by("order", "pk")
        key = source.subfield.key if source.subfield else ""
        chosen = next((one for one in same if one.key == key), None) or same.first()
        initial["subfield"] = chosen.pk if chosen else None
    ways = routing.ways(call, source.organisation)
    return BasicsForm(request.POST or None, call=call, ways=ways, initial=initial)


@require_safe
@policy(*roles.APPLICANT)
def copied(request: HttpRequest, public_id: str) -> HttpResponse:
    """What was taken over and what was not, section by section."""
    application = common.own(request, public_id)
    found = getattr(application, "copy", None)
    if found is None:
        raise Http404("这份申报不是从以往申报开始的。")
    source = access.visible_to(request.acting).filter(pk=found.source_id).first()  # type: ignore[attr-defined]
    return render(
        request,
        "applications/copied.html",
        {
            **common.frame(request, application),
            "copy": found,
            "source": source,
            "report": [
                {**one, "url": common.part_url(application, one["key"]) if one["taken"] else ""}
                for one in found.report
            ],
        },
    )
