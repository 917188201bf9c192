"""The office's other lists: formal check, records of steps."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE
from audit.services import Actor
from calls.programme import Step
from core.web import form_status, refused_into
from outcomes import access, forms, queries, rules, services

PAGE = 50


@require_safe
@policy(*OFFICE)
def formal_check(request: HttpRequest, code: str) -> HttpResponse:
    """形式审查: what waits for it, one and many."""
    call = access.call(request, code)
    found = queries.to_check(call)
    direction = request.GET.get("direction", "")
    if direction:
        found = found.filter(direction__key=direction)
    context = {
        "call": call,
        "tab": "check",
        "has_step": Step.FORMAL_CHECK in call.steps,
        "title": call.programme.step_title(Step.FORMAL_CHECK),
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
        "directions": list(call.directions.all()),
        "direction": direction,
        "figures": queries.checked(call),
    }
    return render(request, "outcomes/check.html", context)


@require_POST
@policy(*OFFICE)
def check(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    passed = request.POST.get("act") == "accept"
    done = services.check(
        call,
        request.POST.getlist("application"),
        passed=passed,
        reason=request.POST.get("reason", ""),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    word = "通过" if passed else "不通过"
    messages.success(request, f"已办理{word} {len(done)} 项，通知已进入发件箱。")
    return redirect("outcomes:formal_check", code=code)


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*OFFICE)
def steps(request: HttpRequest, code: str) -> HttpResponse:
    """Records of the steps that have no page of their own."""
    call = access.call(request, code)
    known = rules.typed(call.programme)
    asked = request.POST.get("step") or request.GET.get("step", "")
    step = next((one for one in known if one == asked), known[0] if known else None)
    form = forms.RecordForm(request.POST or None)
    chosen = request.POST.getlist("application")
    if request.method == "POST" and form.is_valid() and step:
        with refused_into(form):
            done = services.record(
                call,
                chosen,
                step=step,
                result=form.cleaned_data["result"],
                note=form.cleaned_data["note"],
                actor=Actor.of(request),
                at=request.arrived_at,  # type: ignore[attr-defined]
            )
            title = call.programme.step_title(step)
            messages.success(request, f"已登记“{title}”{len(done)} 项。")
            return redirect(reverse("outcomes:steps", args=[code]) + f"?step={step}")
    rows = list(queries.to_record(call, step)) if step else []
    records = queries.latest_records(rows)
    context = {
        "call": call,
        "tab": "steps",
        "step": step,
        "steps": [(one, call.programme.step_title(one)) for one in known],
        "rows": [(one, records.get((one.pk, step or ""))) for one in rows],
        "chosen": chosen,
        "form": form,
        "before": step in rules.before_decision(call.steps) if step else False,
    }
    return render(request, "outcomes/steps.html", context, status=form_status(form))
