"""初审: rounds of the unit's own experts, or the result of a selection held on paper."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.web import told
from documents import workbook
from documents.web import file_response
from recommenders import access, queries, scores, services
from recommenders.forms import PaperSelectionForm
from recommenders.models import PaperSelection
from recommenders.services import selections
from recommenders.views.filings import names_open, workbook_response
from recommenders.views.request import Request
from reviews.models import Round


def _room(request: Request, code: str) -> tuple[Call, list[Any]]:
    call = Call.objects.filter(code=code).exclude(state=Call.State.PREPARING).first()
    unit = request.acting.organisation_id
    known = call and names_open(call, request.arrived_at)
    found = selections.open_to(call, unit) if call and known else []
    if call is None or not (found or queries.list_of(call, unit)):
        raise Http404("没有这个批次。")
    return call, found


@require_safe
@policy(*roles.RECOMMENDER)
def selection(request: Request, code: str) -> HttpResponse:
    return _page(request, code, PaperSelectionForm())


def _page(request: Request, code: str, form: PaperSelectionForm) -> HttpResponse:
    call, found = _room(request, code)
    unit = request.acting.organisation
    past = list(
        PaperSelection.objects.filter(call=call, organisation=unit)
        .select_related("by", "minutes")
        .order_by("-pk")
    )
    known = scores.of(call.pk, unit.pk)
    return render(
        request,
        "recommenders/selection.html",
        {
            "call": call,
            "ranked": queries.list_of(call, unit),
            "rounds": Round.objects.filter(call=call, organisation=unit).order_by("-pk"),
            "past": past,
            "rows": [
                (
                    one,
                    known.get(one.pk),
                    request.POST.get(f"score-{one.public_id}", ""),
                    request.POST.get(f"rank-{one.public_id}", ""),
                )
                for one in found
            ],
            "form": form,
        },
        status=422 if form.is_bound else 200,
    )


@require_POST
@policy(*roles.RECOMMENDER)
def enter_selection(request: Request, code: str) -> HttpResponse:
    """The typed results, or those of the sheet where one is given, with the minutes."""
    call, found = _room(request, code)
    form = PaperSelectionForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, code, form)
    data = form.cleaned_data
    try:
        if data["sheet"]:
            results = selections.read_sheet(data["sheet"].read(), found)
        else:
            results = _typed(request, found)
        with told(request, success=f"线下评审结果已录入，共 {len(results)} 项"):
            services.enter_paper_selection(
                call,
                organisation=request.acting.organisation,
                held_on=data["held_on"],
                participants=data["participants"],
                note=data["note"],
                minutes=data["minutes"].read(),
                minutes_name=data["minutes"].name,
                results=results,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.add_error(None, str(refusal))
        return _page(request, code, form)
    return redirect("recommenders:selection", code)


def _typed(request: Request, found: list[Any]) -> list[selections.Result]:
    results = []
    for one in found:
        score = request.POST.get(f"score-{one.public_id}", "").strip()
        rank = request.POST.get(f"rank-{one.public_id}", "").strip()
        if score or rank:
            what = f"《{one.title}》"
            results.append(
                selections.Result(
                    one.pk,
                    selections.figure(score, what=what),
                    selections.place(rank, what=what),
                )
            )
    return results


@require_safe
@policy(*roles.RECOMMENDER)
def selection_template(request: Request, code: str) -> HttpResponse:
    """The sheet to be filled in: every filing with its number; score and rank are left empty."""
    call, found = _room(request, code)
    data = workbook.workbook(
        f"{call.title}：线下评审结果",
        list(zip(selections.COLUMNS, (18, 40, 32, 10, 10), strict=True)),
        [[one.number, one.title, one.organisation.name, None, None] for one in found],
        page="数据",
    )
    return workbook_response(data, f"评审结果-{call.code}.xlsx")


@require_safe
@policy(*roles.RECOMMENDER)
def minutes(request: Request, public_id: str) -> HttpResponse:
    """The minutes as they were uploaded, byte for byte."""
    found = access.paper_selection(request, public_id)
    return file_response(found.minutes, found.minutes_name)
