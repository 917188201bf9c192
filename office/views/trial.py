"""A call as an applicant will see it: task list and form, read only. A look writes nothing."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.policy import policy
from office import outlines, trial
from office.views.calls import READERS, call_or_404


def _frame(request, code):
    call = call_or_404(code)
    directions = trial.directions(call)
    wanted = request.GET.get("direction", "")
    chosen = next((one for one in directions if one.key == wanted), None)
    chosen = chosen or (directions[0] if directions else None)
    return call, {
        "call": call,
        "programme": call.programme,
        "directions": directions,
        "chosen": chosen,
        "parts": trial.parts(call, chosen),
        "conditional": trial.conditional(call),
        "page_wide": trial.PAGE_WIDE,
    }


@require_safe
@policy(*READERS)
def tasks(request, code):
    """The task list of a new filing, with who may file and until when."""
    call, frame = _frame(request, code)
    return render(
        request,
        "office/trial.html",
        {**frame, "outline": outlines.of_call(call), "until": call.filing_until},
    )


@require_safe
@policy(*READERS)
def part(request, code, key):
    """One part of the form, every field shut."""
    call, frame = _frame(request, code)
    section = call.programme.section(key)
    if section is None:
        raise Http404("没有这一部分。")
    return render(
        request,
        "office/trial_part.html",
        {
            **frame,
            "section": section,
            "form": trial.form(section),
            "asked": trial.ledger(section),
            "indicators": trial.indicators(frame["chosen"]),
            "hidden": trial.conditional_fields(call, section),
        },
    )
