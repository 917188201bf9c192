"""The decision board: staging, requests above a cap, and taking effect together."""

from collections import Counter
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.policy import policy
from accounts.roles import OFFICE, Role
from audit.services import Actor
from calls.programme import Step
from core.web import told
from outcomes import access, board, forms, queries, services

LETTERS = 20
SHOW = (("", "全部"), ("open", "未拟定"), ("select", "拟入选"), ("decline", "拟不入选"))


@require_safe
@policy(*OFFICE)
def index(request: HttpRequest) -> HttpResponse:
    """The calls the office decides in."""
    calls = queries.with_figures(queries.calls_at_work())
    return render(request, "outcomes/index.html", {"calls": calls})


@require_safe
@policy(*OFFICE)
def page(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    places = board.places(call)
    asked = request.GET.get("place", "")
    first = next((one for one in places if one.waiting), places[0] if places else None)
    place = next((one for one in places if one.key == asked), first)
    lines = board.lines(call, place.key) if place else []
    capped = place.first if place else None
    cut = board.draw_cut(lines, capped)
    show = request.GET.get("show", "")
    requests = list(queries.open_requests(call))
    staged, waiting = sum(one.staged for one in places), sum(one.waiting for one in places)
    context = {
        "call": call,
        "tab": "board",
        "places": places,
        "place": place,
        "lines": [line for line in lines if _shown(line, show)],
        "total": len(lines),
        "show": show,
        "shows": SHOW,
        "cut": cut,
        "tied": sum(line.tied for line in lines),
        "tiers": board.selection_tiers(call),
        "call_meters": board.call_meters(call),
        "decision_rule": call.programme.decision,
        "reviewed": Step.REVIEW in call.steps,
        "round_open": Step.REVIEW in call.steps and queries.round_open(call),
        "requests": requests,
        "staged": staged,
        "waiting": waiting,
        "left": waiting - staged,
        "may_approve": _approves(request),
        "soft": [
            meter for meter in (place.meters if place else []) if meter.soft and not meter.free
        ],
        "over": [line for line in lines if line.open and not _selected(line)],
        "held": services.held_letters(call).count(),
    }
    return render(request, "outcomes/board.html", context)


def _selected(line: board.Line) -> bool:
    return bool(line.decision and line.decision.is_select)


def _shown(line: board.Line, show: str) -> bool:
    if show == "open":
        return line.decision is None
    if show in ("select", "decline"):
        return line.decision is not None and line.decision.outcome == show
    return True


def _approves(request: HttpRequest) -> bool:
    return request.acting.role == Role.OFFICE_APPROVER  # type: ignore[attr-defined]


def _back(request: HttpRequest, code: str) -> HttpResponse:
    place = request.POST.get("place", "")
    query = f"?{urlencode({'place': place})}" if place else ""
    return redirect(reverse("outcomes:call_board", args=[code]) + query)


@require_POST
@policy(*OFFICE)
def stage(request: HttpRequest, code: str) -> HttpResponse:
    """``act``: ``select:<tier>``, ``decline``, ``unstage``, or ``rest`` for those left over."""
    call = access.call(request, code)
    act, _, tier = request.POST.get("act", "").partition(":")
    who = {"actor": Actor.of(request), "at": request.arrived_at}  # type: ignore[attr-defined]
    chosen = request.POST.getlist("application")
    reason = request.POST.get("reason", "")
    if act == "select":
        done = services.select(
            call, chosen, tier=tier, amounts=forms.amounts(request.POST), reason=reason, **who
        )
        messages.success(request, f"已拟定入选 {len(done)} 项，尚未生效。")
    elif act == "unstage":
        messages.success(request, f"已取消拟定 {services.unstage(call, chosen, **who)} 项。")
    else:
        if act == "rest":
            lines = board.lines(call, request.POST.get("place", ""))
            chosen = [
                line.application.public_id for line in lines if line.open and not line.decision
            ]
        done = services.decline(call, chosen, reason=reason, **who)
        messages.success(request, f"已拟定不入选 {len(done)} 项，尚未生效。")
    return _back(request, code)


@require_POST
@policy(*OFFICE)
def request_more(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for one more than a soft cap allows."""
    call = access.call(request, code)
    application = access.application(request, call, request.POST.get("application", ""))
    with told(request, success="已提出超出上限申请，等待另一人批准。"):
        services.request_more(
            application,
            tier=request.POST.get("tier", ""),
            reason=request.POST.get("reason", ""),
            amount=forms.amounts(request.POST).get("more"),
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, code)


@require_POST
@policy(Role.OFFICE_APPROVER)
def decide_request(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    call = access.call(request, code)
    found = access.slot_request(request, call, pk)
    approve = request.POST.get("approve") == "yes"
    word = "已批准，项目已拟定入选。" if approve else "未批准，已退回。"
    with told(request, success=word):
        services.decide_request(
            found,
            approve=approve,
            actor=Actor.of(request),
            at=request.arrived_at,  # type: ignore[attr-defined]
        )
    return _back(request, code)


@require_safe
@policy(*OFFICE)
def review(request: HttpRequest, code: str) -> HttpResponse:
    """Everything that would take effect, with its letters, before anybody is told."""
    call = access.call(request, code)
    staged = queries.pending(call)
    letters = queries.recipients(
        [one.application for one in staged],
        request.arrived_at,  # type: ignore[attr-defined]
    )
    titles = {tier.key: tier.title for tier in call.programme.tiers}
    for one in staged:
        one.mark = board.mark_of(one, titles.get(one.tier, ""))  # type: ignore[attr-defined]
        one.letters = letters.get(one.application.organisation_id, 0)  # type: ignore[attr-defined]
    proposers = {one.proposed_by_id for one in staged}
    context = {
        "call": call,
        "tab": "board",
        "staged": staged,
        "selected": sum(one.is_select for one in staged),
        "letters": sum(one.letters for one in staged),  # type: ignore[attr-defined]
        "shown": queries.standing(call, staged),
        "left": queries.undecided(call).count(),
        "vacancies": board.vacancies(call),
        "requests": queries.open_requests(call).count(),
        "decision_rule": call.programme.decision,
        "may_approve": _approves(request),
        "own": request.user.pk in proposers,
    }
    return render(request, "outcomes/review.html", context)


@require_POST
@policy(Role.OFFICE_APPROVER)
def apply(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    done = services.apply_together(
        call,
        shown=request.POST.get("shown", ""),
        vacancies_confirmed=request.POST.get("vacancies") == "yes",
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    messages.success(
        request,
        f"已一并生效：入选 {done.selected} 项，不入选 {done.declined} 项。"
        "名单公示或公布以前，申报单位和推荐单位看到的仍是原来的状态；"
        "通知已写好，名单发布后核对放行。",
    )
    return redirect("outcomes:letters", code=code)


@require_safe
@policy(*OFFICE)
def letters(request: HttpRequest, code: str) -> HttpResponse:
    """The letters about the decisions as each reader will get them, before they go."""
    call = access.call(request, code)
    held = list(services.held_letters(call))
    context = {
        "call": call,
        "tab": "board",
        "page": Paginator(held, LETTERS).get_page(request.GET.get("page")),
        "total": len(held),
        "kinds": Counter(one.subject.partition("：")[0] for one in held).most_common(),
        "shown": services.letters_hash(held),
        "may_approve": _approves(request),
        "awaits_list": services.awaits_list(call),
    }
    return render(request, "outcomes/letters.html", context)


@require_POST
@policy(Role.OFFICE_APPROVER)
def release(request: HttpRequest, code: str) -> HttpResponse:
    call = access.call(request, code)
    count = services.release_letters(
        call,
        shown=request.POST.get("shown", ""),
        actor=Actor.of(request),
        at=request.arrived_at,  # type: ignore[attr-defined]
    )
    messages.success(request, f"已放行 {count} 封通知，随即发出。")
    return redirect("outcomes:call_board", code=code)
