"""Renames and mergers: one person of the office proposes, another one confirms."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.web import form_status, refused_into, told
from units import access, services
from units.forms import MergeForm, RegionForm, RenameForm
from units.models import Change

page = require_http_methods(["GET", "HEAD", "POST"])
SHOWN = 200


@require_safe
@never_cache
@policy(*OFFICE, Role.AUDITOR)
def index(request: HttpRequest) -> HttpResponse:
    """What waits for a second person, and what was decided."""
    found = Change.objects.select_related("organisation", "into", "proposed_by", "approved_by")
    return render(
        request,
        "units/changes.html",
        {
            "open": found.filter(state=Change.State.PROPOSED),
            "past": found.exclude(state=Change.State.PROPOSED)[:SHOWN],
            "decides": request.acting.role == Role.OFFICE_APPROVER,  # type: ignore[attr-defined]
        },
    )


@page
@never_cache
@policy(Role.OFFICE_OPERATOR)
def rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose a new name, with its day and its basis."""
    unit = access.changeable(pk)
    form = RenameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            data = form.cleaned_data
            with told(request, success="更名已提出，由另一人确认后生效。"):
                services.propose_rename(
                    unit,
                    name=data["name"],
                    code=data["code"],
                    day=data["day"],
                    reason=data["reason"],
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("units:changes")
    return render(
        request, "units/rename.html", {"unit": unit, "form": form}, status=form_status(form)
    )


@page
@never_cache
@policy(Role.OFFICE_OPERATOR)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose that a unit becomes part of another one."""
    unit = access.unit(request.acting, pk)  # type: ignore[attr-defined]
    form = MergeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="合并已提出，由另一人确认后生效。"):
                services.propose_merge(
                    unit,
                    into=form.cleaned_data["into"],
                    reason=form.cleaned_data["reason"],
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("units:changes")
    return render(
        request, "units/merge.html", {"unit": unit, "form": form}, status=form_status(form)
    )


@page
@never_cache
@policy(*OFFICE)
def region(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct where a unit is registered, which decides who recommends it."""
    unit = access.unit(request.acting, pk)  # type: ignore[attr-defined]
    form = RegionForm(request.POST or None, initial={"region": unit.region})
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            with told(request, success="注册地已更正，单位会收到通知。"):
                services.correct_region(
                    unit,
                    region=form.cleaned_data["region"],
                    reason=form.cleaned_data["reason"],
                    actor=Actor.of(request),
                    at=request.arrived_at,  # type: ignore[attr-defined]
                )
            return redirect("units:unit", unit.pk)
    return render(
        request, "units/region.html", {"unit": unit, "form": form}, status=form_status(form)
    )


@require_POST
@policy(Role.OFFICE_APPROVER)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm or refuse a proposal."""
    change = Change.objects.filter(pk=pk).select_related("organisation").first()
    if change is None:
        raise Http404("没有这项变更。")
    confirm = request.POST.get("confirm") == "yes"
    what = f"{change.organisation.name}的{change.get_kind_display()}"
    with told(request, success=f"{what}{'已确认，即时生效' if confirm else '未通过'}。"):
        services.decide(
            change,
            confirm=confirm,
            note=request.POST.get("note", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return redirect("units:changes")
