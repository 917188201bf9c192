"""A call cloned from an earlier one: the moved dates are looked over first."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls import cloning, services
from core.errors import Refusal
from core.web import form_status, refused_into, told
from office import outlines
from office.forms_clone import CloneForm
from office.views.calls import call_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@policy(*roles.OFFICE)
def clone(request, code):
    """Preview with weekends and holidays, then the new call in preparation."""
    call = call_or_404(code)
    form = CloneForm(request.POST if request.method == "POST" else None, call=call)
    if request.method == "POST" and form.is_valid() and request.POST.get("act") != "preview":
        data = form.cleaned_data
        with refused_into(form), told(request, success="批次已复制，期限请逐项核对。"):
            made = cloning.clone(
                call,
                code=data["code"],
                title=data["title"],
                interval=form.interval,
                rehearsal=data["rehearsal"],
                actor=Actor.of(request),
                at=request.arrived_at,
            )
            return redirect("office:call", made.code)
    return _page(request, call, form)


def _page(request, call, form):
    moved = cloning.instants(cloning.moved(call, form.interval))
    now = {name: getattr(call, name) for name in services.DATES}
    before = outlines.days(call.programme, now)
    programme = cloning.programme_of(call, form.interval)
    return render(
        request,
        "office/call_clone.html",
        {
            "call": call,
            "form": form,
            "interval": form.interval,
            "days": list(zip(before, outlines.days(programme, moved), strict=True)),
            "order": _order(call, moved),
            "levels": [
                (one, new)
                for one, new in zip(call.programme.levels, programme.levels, strict=True)
                if one.until
            ],
            "programme": programme,
            "indicators": sum(len(one.indicators) for one in programme.directions),
        },
        status=form_status(form),
    )


def _order(call, moved) -> str:
    """Why the moved dates cannot stand together, in words; empty when they can."""
    draft = type(call)(rules=call.rules, **moved)
    try:
        services.check_dates(draft)
    except Refusal as refusal:
        return refusal.message
    return ""
