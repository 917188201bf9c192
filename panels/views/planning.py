"""Planning a meeting: the list, the arrangements, members and the order of discussion."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.models import Membership
from accounts.policy import policy
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from core.web import form_status, refused_into, told
from panels import access, forms, queries, services
from panels.access import Request
from panels.models import Meeting
from reviews import access as reviews
from reviews import pages
from reviews.models import Expert, Round
from reviews.stages import RoundState

PER_PAGE = 50
organisers = policy(*access.ORGANISERS)
readers = policy(*access.READERS)


def _may_act(request: Request) -> bool:
    return request.acting.role in access.ORGANISERS


@readers
@require_safe
def board(request: Request) -> HttpResponse:
    """All meetings, and the closed rounds that could have one."""
    meetings = (
        access.meetings(request.acting)
        .annotate(
            total=Count("items", distinct=True),
            done=Count("items", filter=Q(items__state="concluded"), distinct=True),
            seats=Count("members", distinct=True),
        )
        .order_by("-pk")
    )
    page = Paginator(meetings, PER_PAGE).get_page(request.GET.get("page"))
    acts = _may_act(request)
    context = {
        "page": page,
        "may_act": acts,
        "unit": request.acting.organisation if acts and not _office(request) else None,
        "rounds": list(_open_rounds(request)[:20]) if acts else [],
    }
    return render(request, "panels/board.html", context)


def _office(request: Request) -> bool:
    return request.acting.role in roles.OFFICE


def _open_rounds(request: Request) -> Any:
    """Closed rounds with applications that no meeting has taken up."""
    return (
        access.rounds(request.acting)
        .filter(state=RoundState.CLOSED)
        .select_related("call")
        .annotate(
            waiting=Count(
                "entries",
                filter=queries.can_be_discussed("entries__", ministry=_office(request)),
            )
        )
        .filter(waiting__gt=0)
        .order_by("-pk")
    )


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request, public_id: str) -> HttpResponse:
    """A meeting on a closed round. ``public_id`` is the round's."""
    round = reviews.round(request, public_id)
    groups = _groups(round)
    if request.method == "POST":
        form = forms.MeetingForm(request.POST, groups=groups)
        if form.is_valid():
            with refused_into(form), told(request, success="会议已建立，请邀请成员。"):
                made = services.create(
                    round, **form.values(), actor=Actor.of(request), at=request.arrived_at
                )
                return redirect("panels:members", made.public_id)
    else:
        initial = forms.first_values(round, request.arrived_at)
        form = forms.MeetingForm(groups=groups, initial=initial)
    context = {"form": form, "round": round, "call": round.call, "groups": groups}
    return render(request, "panels/create.html", context, status=form_status(form))


def _groups(round: Round) -> list[pages.Group]:
    """Directions with applications that no meeting has taken up."""
    rows = (
        queries.waiting_entries(round)
        .values_list(
            "application__direction_id",
            "application__direction__title",
            "application__direction__order",
        )
        .annotate(held=Count("pk"))
        .order_by("application__direction__order", "application__direction_id")
    )
    return [pages.Group(key or 0, title or "全部项目", held) for key, title, _, held in rows]


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    if request.method == "POST":
        form = forms.MeetingForm(request.POST, groups=[])
        if form.is_valid():
            with refused_into(form), told(request, success="会议安排已修改。"):
                services.edit(
                    found, **form.values(), actor=Actor.of(request), at=request.arrived_at
                )
                return redirect(found)
    else:
        form = forms.MeetingForm(groups=[], initial=forms.kept_values(found))
    context = {"form": form, "meeting": found, "call": found.round.call, "round": found.round}
    return render(request, "panels/edit.html", context, status=form_status(form))


@organisers
@require_POST
def cancel(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    with told(request, success="会议已取消，通知信已列入发件箱。"):
        services.cancel(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("panels:board")


@organisers
@require_safe
def members(request: Request, public_id: str) -> HttpResponse:
    """Who sits in the meeting, and who of the pool could be asked."""
    found = access.meeting(request, public_id)
    seats = list(found.members.select_related("expert"))
    able = queries.able_experts(found)
    wanted = request.GET.get("q", "").strip()
    if wanted:
        able = pages.filtered(able, q=wanted[:50])
    page = Paginator(able, PER_PAGE).get_page(request.GET.get("page"))
    leads = set(
        Membership.objects.active(request.arrived_at)
        .filter(organisation=found.round.pool_id, role=roles.Role.PANEL_LEAD)
        .values_list("user_id", flat=True)
    )
    reviewed = dict(
        found.round.assignments.filter(state="deployed")
        .values_list("expert_id")
        .annotate(held=Count("pk"))
    )
    context = {
        "meeting": found,
        "call": found.round.call,
        "seats": [(one, one.expert.user_id in leads) for one in seats],
        "page": page,
        "rows": [(one, reviewed.get(one.pk, 0), one.user_id in leads) for one in page.object_list],
        "q": wanted,
    }
    return render(request, "panels/members.html", context)


@organisers
@require_POST
def invite(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    keys = [whole_or(one, -1) for one in request.POST.getlist("expert")]
    experts: list[Expert] = list(
        reviews.pool_experts(request.acting).filter(pk__in=keys).select_related("user")
    )
    with told(request, success=f"已邀请 {len(experts)} 名专家，通知信已列入发件箱。"):
        services.invite(found, experts, actor=Actor.of(request), at=request.arrived_at)
    return redirect("panels:members", found.public_id)


@organisers
@require_POST
def remove(request: Request, public_id: str, pk: int) -> HttpResponse:
    found = access.meeting(request, public_id)
    seat = access.member(found, pk)
    with told(request, success=f"已移出{seat.expert.name}，通知信已列入发件箱。"):
        services.remove(seat, actor=Actor.of(request), at=request.arrived_at)
    return redirect("panels:members", found.public_id)


@organisers
@require_POST
def chair(request: Request, public_id: str, pk: int) -> HttpResponse:
    found = access.meeting(request, public_id)
    seat = access.member(found, pk)
    with told(request, success=f"已指定{seat.expert.name}为组长。"):
        services.name_chair(seat, actor=Actor.of(request), at=request.arrived_at)
    return redirect("panels:members", found.public_id)


@organisers
@require_POST
def arrange(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    with told(request, success="已按所选办法排序。"):
        services.arrange(
            found,
            order=request.POST.get("order", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(f"{found.get_absolute_url()}#agenda")


@organisers
@require_POST
def place(request: Request, public_id: str, item: str) -> HttpResponse:
    """By number, or one up or down."""
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    by = {"up": -1, "down": 1}.get(request.POST.get("direction", ""))
    position = whole_or(request.POST.get("number", ""), -1) if by is None else chosen.position + by
    if position < 1 and by is None:
        raise Refusal("bad-position", "请填写序号。", status=422)
    with told(request, success=f"{chosen.entry.label} 的顺序已调整。"):
        services.place_item(
            chosen, position=max(position, 1), actor=Actor.of(request), at=request.arrived_at
        )
    return redirect(f"{found.get_absolute_url()}#agenda")


def acting_on(meeting: Meeting) -> dict[str, Any]:
    return {"meeting": meeting, "round": meeting.round, "call": meeting.round.call}
