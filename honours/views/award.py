"""The award board: staging, requests above a cap, taking effect together."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from core.web import told
from honours import access, board
from honours.forms import ReasonForm
from honours.services import awarding
from outcomes import access as deciding
from outcomes import queries
from outcomes.models import Stage

SHOW = (("", "全部"), ("open", "未拟定"), ("win", "拟授予"), ("none", "不授予"))


@require_safe
@policy(*OFFICE)
def page(request: HttpRequest, code: str) -> HttpResponse:
    call = access.award_call(request, code)
    places = board.places(call)
    asked = request.GET.get("place", "")
    first = next((one for one in places if one.waiting), places[0] if places else None)
    place = next((one for one in places if one.key == asked), first)
    lines = board.lines(call, place.key) if place else []
    cut = board.draw_cut(lines, place.first if place else None)
    show = request.GET.get("show", "")
    staged = sum(one.staged for one in places)
    context = {
        "call": call,
        "tab": "award",
        "rule": call.programme.award,
        "places": places,
        "place": place,
        "lines": [line for line in lines if _shown(line, show)],
        "total": len(lines),
        "show": show,
        "shows": SHOW,
        "cut": cut,
        "tied": sum(line.tied for line in lines),
        "tiers": call.programme.tiers_of(board.AWARD),
        "call_meters": board.call_meters(call),
        "requests": list(queries.open_requests(call, Stage.AWARD)),
        "staged": staged,
        "waiting": sum(one.waiting for one in places),
        "may_approve": _approves(request),
        "soft": [m for m in (place.meters if place else []) if m.soft and not m.free],
        "over": [
            line
            for line in lines
            if line.open and not line.standing.barred and not (line.award and line.award.is_select)
        ],
        "missing": any(line.standing.missing for line in lines if line.open),
        "revoke": ReasonForm(),
    }
    return render(request, "honours/board.html", context)


def _shown(line: board.Line, show: str) -> bool:
    if show == "open":
        return line.award is None
    if show in ("win", "none"):
        return line.award is not None and line.award.outcome == show
    return True


def _approves(request: HttpRequest) -> bool:
    return request.acting.role == Role.OFFICE_APPROVER  # type: ignore[attr-defined]


def _back(request: HttpRequest, code: str) -> HttpResponse:
    place = request.POST.get("place", "")
    query = f"?{urlencode({'place': place})}" if place else ""
    return redirect(reverse("honours:board", args=[code]) + query)


@require_POST
@policy(*OFFICE)
def stage(request: HttpRequest, code: str) -> HttpResponse:
    """``act``: ``win:<tier>``, ``none``, ``unstage``, or ``rest`` for those left over."""
    call = access.award_call(request, code)
    act, _, tier = request.POST.get("act", "").partition(":")
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    chosen = request.POST.getlist("application")
    reason = request.POST.get("reason", "")
    if act == "win":
        done = awarding.select(
            call,
            chosen,
            tier=tier,
            reason=reason,
            exception=request.POST.get("exception", ""),
            **who,
        )
        messages.success(request, f"已拟定授予 {len(done)} 项，尚未生效。")
    elif act == "unstage":
        messages.success(request, f"已取消拟定 {awarding.unstage(call, chosen, **who)} 项。")
    else:
        if act == "rest":
            lines = board.lines(call, request.POST.get("place", ""))
            chosen = [
                line.application.public_id
                for line in lines
                if line.award is None and not line.standing.under_way
            ]
        done = awarding.pass_over(call, chosen, reason=reason, **who)
        messages.success(request, f"已拟定不授予 {len(done)} 项，尚未生效。")
    return _back(request, code)


@require_POST
@policy(*OFFICE)
def request_more(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for one more than a soft cap allows."""
    call = access.award_call(request, code)
    application = deciding.application(request, call, request.POST.get("application", ""))
    with told(request, success="已提出超出上限申请，等待另一人批准。"):
        awarding.request_more(
            application,
            tier=request.POST.get("tier", ""),
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, code)


@require_POST
@policy(Role.OFFICE_APPROVER)
def decide_request(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    call = access.award_call(request, code)
    found = access.slot_request(request, call, pk)
    approve = request.POST.get("approve") == "yes"
    with told(request, success="已批准，项目已拟定授予。" if approve else "未批准，已退回。"):
        awarding.decide_request(
            found,
            approve=approve,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, code)


@require_safe
@policy(*OFFICE)
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that would take effect, before it does."""
    call = access.award_call(request, code)
    staged = board.pending(call)
    titles = {tier.key: tier.title for tier in call.programme.tiers}
    for one in staged:
        one.mark = board.mark_of(one, titles.get(one.tier, ""))  # type: ignore[attr-defined]
    context = {
        "call": call,
        "tab": "award",
        "staged": staged,
        "won": sum(one.is_select for one in staged),
        "shown": board.fingerprint_of(call, staged),
        "left": len(board.undecided(call)),
        "vacancies": board.vacancies(call),
        "requests": queries.open_requests(call, Stage.AWARD).count(),
        "may_approve": _approves(request),
        "own": request.user.pk in {one.proposed_by_id for one in staged},
    }
    return render(request, "honours/review.html", context)


@require_POST
@policy(Role.OFFICE_APPROVER)
def apply(request: HttpRequest, code: str) -> HttpResponse:
    call = access.award_call(request, code)
    done = awarding.apply_together(
        call,
        shown=request.POST.get("shown", ""),
        vacancies_confirmed=request.POST.get("vacancies") == "yes",
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    messages.success(
        request,
        f"已一并生效：授予 {done.won} 项，不授予 {done.none} 项。尚未公布，请拟写优胜名单。",
    )
    return redirect("honours:board", code=code)


@require_POST
@policy(Role.OFFICE_APPROVER)
def revoke(request: HttpRequest, code: str, public_id: str) -> HttpResponse:
    """Take back an award that is on no list."""
    call = access.award_call(request, code)
    found = access.award(request, call, public_id)
    with told(request, success="已取消，单位将收到通知，名额已释放。"):
        awarding.revoke(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, code)
