"""The organiser's pages: the ministry's office and recommenders with their own 初审, one path."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.policy import policy
from audit.services import Actor
from calls.models import Call
from core.errors import Refusal
from core.figures import whole, whole_or
from core.web import form_status, refused_into, told
from reviews import access, choosing, lines, pages, queries, results, services, shares
from reviews.access import Request
from reviews.forms import ExtendForm, RoundForm, round_initial
from reviews.models import Conflict, Expert, Round, RoundApplication
from reviews.stages import RoundState

PER_PAGE = 50
ROWS = (50, 100, 250)
MOST_COUNTED = 1000
"""Conflicts are counted so far on the page of a round; past it, "1000+" is said."""
MOST_OFFERED = 50
"""So many experts or filings are offered to choose from; a search narrows them."""
organisers = policy(*access.ORGANISERS)
readers = policy(*access.READERS)


def _organisation(request: Request) -> Any:
    """None for the ministry and the auditor; the unit for a recommender."""
    if access.reads_only(request.acting):
        return None
    owner = access.organiser_id(request.acting)
    return None if owner is None else request.acting.organisation


def _calls(request: Request) -> Any:
    calls = Call.objects.open().order_by("-pk")
    owner = access.organiser_id(request.acting)
    if owner is not None:
        calls = (
            calls.filter(applications__recommender=owner).distinct()
            | calls.filter(applications__preselector=owner).distinct()
        )
    return calls


@readers
@require_safe
def board(request: Request) -> HttpResponse:
    rounds = pages.board(access.rounds(request.acting))
    page = Paginator(rounds, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unit": _organisation(request),
        "may_act": not access.reads_only(request.acting),
    }
    return render(request, "reviews/board.html", context)


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: Request) -> HttpResponse:
    calls = _calls(request)
    own = _organisation(request) is not None
    chosen = calls.filter(code=request.GET.get("call", "")).first() or calls.first()
    if request.method == "POST":
        form = RoundForm(request.POST, calls=calls, own=own)
        if form.is_valid():
            data = dict(form.cleaned_data)
            criteria = data.pop("criteria_text", ())
            with refused_into(form):
                made = services.create_round(
                    data.pop("call"),
                    organisation=_organisation(request),
                    actor=Actor.of(request),
                    at=request.arrived_at,
                    criteria=criteria,
                    **data,
                )
                return redirect(made)
    else:
        form = RoundForm(calls=calls, own=own, initial=round_initial(chosen, request.arrived_at))
    return render(
        request,
        "reviews/create.html",
        {"form": form, "call": chosen, "unit": _organisation(request)},
        status=form_status(form),
    )


@readers
@require_safe
def round(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    entries = found.entries.all()
    wanted = request.GET.get("q", "").strip()
    if wanted:
        entries = pages.numbered_as(entries, wanted)
    rows = _rows(request)
    page = Paginator(entries, rows).get_page(request.GET.get("page"))
    shown = cast(QuerySet[RoundApplication], page.object_list)
    ready = shares.ready_experts(found)
    shared = shares.shares(found, ready)
    names = results.pseudonyms(found) if access.reads_only(request.acting) else None
    context = {
        "round": found,
        "may_act": names is None,
        "call": found.call,
        "now": found.call.time(request.arrived_at),
        "page": page,
        "lines": lines.lines(found, shown, names),
        "loads": shares.named(shared, names),
        "busy": sum(1 for one in shared if one.held),
        "histogram": shares.histogram(shared, ready),
        "progress": shares.sums(shared),
        "conflict_count": queries.standing_conflicts(found, most=MOST_COUNTED),
        "most_counted": MOST_COUNTED,
        "able": queries.able_experts(found, at=request.arrived_at).count(),
        "steps": _steps(found),
        "gathering": found.state in (RoundState.DRAFT, RoundState.ASSIGNING),
        "may_add": found.state == RoundState.ASSIGNING and names is None,
        "q": wanted,
        "rows": rows,
    }
    return render(request, "reviews/round.html", context)


def _rows(request: Request) -> int:
    """How many rows a page shows: those that may be chosen, otherwise ``PER_PAGE``."""
    rows = whole_or(request.GET.get("rows", ""), PER_PAGE)
    return rows if rows in ROWS else PER_PAGE


def _steps(round: Round) -> list[dict[str, str]]:
    """The way of a round, for ``_steps.html``."""
    order = ["draft", "assigning", "open", "closed"]
    titles = ("建立轮次", "分配专家", "下发评审", "结束与排名")
    here = order.index(round.state)
    return [
        {"title": title, "state": "done" if at < here or here == 3 else "now" if at == here else ""}
        for at, title in enumerate(titles)
    ]


def _expert(request: Request) -> Expert:
    chosen = whole(request.POST.get("expert", ""))
    if chosen is None:
        raise Refusal("no-expert", "请先在列表中选择专家。", status=422)
    return access.pool_expert(request, chosen)


def _application(request: Request, round: Round) -> Any:
    number = whole_or(request.POST.get("application", ""), 0)
    entry = round.entries.filter(number=number).select_related("application").first()
    if entry is None:
        raise Refusal("no-application", "请选择本轮中的申报书。", status=422)
    return entry.application


@organisers
@require_POST
def propose(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="已生成分配方案，请核对后下发。"):
        services.propose_assignment(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_safe
def choose(request: Request, public_id: str, number: int) -> HttpResponse:
    """Experts for one application, each with what would follow; ``instead``: of which task."""
    found = access.round(request, public_id)
    entry = access.entry_of_round(found, number)
    instead = None
    if request.GET.get("instead"):
        instead = access.task_of_round(found, request.GET["instead"])
        if instead.application_id != entry.application_id:
            raise Http404(access.HIDDEN)
    wanted = request.GET.get("q", "").strip()[:60]
    now = choosing.standing(found)
    tasks = lines.held(found, [entry.application_id])[entry.application_id]
    rows = choosing.candidates(entry, instead=instead, now=now, at=request.arrived_at, q=wanted)
    context = {
        "round": found,
        "call": found.call,
        "entry": entry,
        "tasks": tasks,
        "given": lines.standing(tasks),
        "instead": instead,
        "standing": now,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "may_add": found.state in ("assigning", "open"),
        "q": wanted,
    }
    return render(request, "reviews/choose.html", context)


@organisers
@require_POST
def add(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    expert, application = _expert(request), _application(request, found)
    with told(request, success=f"已增加专家{expert.name}。"):
        services.add(
            found,
            expert=expert,
            application=application,
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def remove(request: Request, public_id: str, task: str) -> HttpResponse:
    found = access.round(request, public_id)
    held = access.task_of_round(found, task)
    with told(request, success=f"已移出专家{held.expert.name}。"):
        services.remove(held, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def deploy(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="评审任务已下发，通知信已列入发件箱。"):
        services.deploy(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def undo(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="已撤回下发，可以继续调整。"):
        services.undo(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    form = ExtendForm(request.POST or None, initial={"closes_at": found.closes_at})
    if request.method == "POST" and form.is_valid():
        with refused_into(form):
            services.extend_round(
                found, **form.cleaned_data, actor=Actor.of(request), at=request.arrived_at
            )
            messages.success(request, "截止时间已调整。")
            return redirect(found)
    return render(
        request,
        "reviews/extend.html",
        {"form": form, "round": found, "call": found.call},
        status=form_status(form),
    )


@organisers
@require_POST
def close(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="评审已结束，排名已生成。"):
        services.close_round(
            found,
            actor=Actor.of(request),
            at=request.arrived_at,
            note=request.POST.get("note", ""),
        )
    return redirect("reviews:ranking", found.public_id)


@organisers
@require_safe
def task(request: Request, public_id: str, task: str) -> HttpResponse:
    """One task: its score once submitted, and what can be done with it."""
    found = access.round(request, public_id)
    held = access.task_of_round(found, task)
    review = pages.review_of(held)
    context = {
        "round": found,
        "call": found.call,
        "task": held,
        "entry": found.entries.get(application=held.application_id),
        "review": review if review and review.state == "submitted" else None,
        "draft": review if review and review.state == "draft" else None,
        "marks": pages.marks(found, review) if review and review.state == "submitted" else [],
    }
    return render(request, "reviews/task.html", context)


@organisers
@require_POST
def replace(request: Request, public_id: str, task: str) -> HttpResponse:
    found = access.round(request, public_id)
    held = access.task_of_round(found, task)
    with told(request, success="已更换专家，通知信已列入发件箱。"):
        services.replace(
            held,
            by=_expert(request),
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def reopen(request: Request, public_id: str, task: str) -> HttpResponse:
    found = access.round(request, public_id)
    review = access.review_of_round(found, task)
    with told(request, success="评分已退回，专家可以修改后重新提交。"):
        services.reopen(
            review,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_safe
def conflicts(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    chosen = {name: request.GET.get(name, "").strip()[:60] for name in ("q", "kind", "state")}
    page = Paginator(pages.conflicts(found, **chosen), _rows(request))
    experts = Expert.objects.filter(pool=found.pool_id).order_by("name", "pk")
    entries = found.entries.select_related("application__organisation")
    expert, filing = (request.GET.get(name, "").strip()[:60] for name in ("expert", "filing"))
    if expert:
        experts = pages.filtered(experts, q=expert)
    if filing:
        entries = pages.numbered_as(entries, filing)
    context = {
        "round": found,
        "call": found.call,
        "page": page.get_page(request.GET.get("page")),
        "rows": _rows(request),
        "chosen": chosen,
        "expert": expert,
        "filing": filing,
        "experts": experts[:MOST_OFFERED],
        "entries": entries[:MOST_OFFERED],
        "offered": MOST_OFFERED,
        "kinds": Conflict.Kind.choices,
        "states": Conflict.State.choices,
    }
    return render(request, "reviews/conflicts.html", context)


@organisers
@require_POST
def set_conflict(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    with told(request, success="已登记回避关系，相关评审任务随即终止。"):
        services.set_conflict(
            round=found,
            expert=_expert(request),
            application=_application(request, found),
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("reviews:conflicts", found.public_id)


@organisers
@require_POST
def judge_conflict(request: Request, public_id: str, pk: int) -> HttpResponse:
    found = access.round(request, public_id)
    conflict = queries.conflicts_of(found).filter(pk=pk).first()
    if conflict is None:
        raise Http404(access.HIDDEN)
    with told(request, success="已更新回避关系。"):
        services.judge_conflict(
            conflict,
            state=request.POST.get("state", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("reviews:conflicts", found.public_id)
