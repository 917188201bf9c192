"""The unit's home, its list, and the acts on lines of the list."""

import unicodedata

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.phases import Phase
from core.errors import Refusal
from core.figures import whole
from core.web import told
from recommenders import access, board, clashing, liststates, queries, ranking, services, sheets
from recommenders.forms import RankForm
from recommenders.views.request import Request


@require_safe
@policy(*roles.RECOMMENDER)
def workspace(request: Request) -> HttpResponse:
    """The calls of the unit: what to do now, until when."""
    found = board.desks(request.acting.organisation_id, at=request.arrived_at)
    return render(request, "recommenders/workspace.html", {"desks": found})


@require_safe
@policy(*roles.RECOMMENDER)
def ranked_list(request: Request, code: str) -> HttpResponse:
    """The ranked list of one call, the reserve below the line, and what is not listed."""
    ranked = access.unit_list(request, code)
    call, at = ranked.call, request.arrived_at
    above, below, rest = board.lines(ranked, desk=True)
    chosen = board.filters(request.GET, above + below + rest)
    version = queries.version_in_force(ranked)
    scan = queries.accepted_scan(version) if version else None
    ledger, scopes = board.meters(ranked)
    filing = call.phase(at) in (Phase.ANNOUNCED, Phase.FILING)
    settings = call.programme.recommendation
    counts = queries.counts(call, ranked.organisation_id)
    steps = board.steps(ranked, used=len(above), reserve=len(below), version=version, scan=scan)
    return render(
        request,
        "recommenders/list.html",
        {
            "call": call,
            "ranked": ranked,
            "above": [line for line in above if chosen.take(line)],
            "below": [line for line in below if chosen.take(line)],
            "rest": [line for line in rest if chosen.take(line)],
            "totals": {"above": len(above), "below": len(below), "rest": len(rest)},
            "show_rest": request.GET.get("show") == "rest" or not (above or below),
            "filters": chosen,
            "ledger": ledger,
            "scopes": scopes,
            "counts": counts,
            "filed": sum(counts.values()),
            "filing": filing,
            "names_open": not filing or settings is None or settings.watch_filing,
            "is_open": ranked.state == liststates.OPEN,
            "editable": ranked.state == liststates.OPEN
            and not filing
            and queries.in_time(ranked, at=at),
            "until": queries.own_deadline(ranked),
            "now": call.time(at),
            "version": version,
            "scan": scan,
            "steps": steps,
            "steps_left": board.steps_left(steps),
            "requests": board.requests_of(ranked),
            "scored": any(line.score for line in above + below + rest),
            "pools": board.pools(ranked),
            "dropped": board.dropped_out(ranked),
            "next_up": below[0] if below else None,
            "may_approve": request.acting.role == roles.Role.REC_APPROVER,
            "may_deliver": ranked.state == liststates.SEALED
            or (ranked.state == liststates.FROZEN and not queries.needs_scan(ranked)),
        },
    )


def _back(request: Request, code: str, *, at: str = "") -> HttpResponse:
    """Where the button stood: the list, with its filter, and nothing from outside.

    ``at`` names the filing whose row has the keyboard's place again.
    """
    show = "?show=rest" if request.POST.get("show") == "rest" else f"?at={at}" if at else ""
    response = redirect("recommenders:list", code)
    response["Location"] += show
    return response


def _to_explain(request: Request, refusal: Refusal, public_id: str) -> HttpResponse:
    """A repetition has to be explained first: on to the filing's page, where it is shown."""
    if refusal.code != "clash-unexplained":
        raise refusal
    messages.warning(request, str(refusal))
    response = redirect("recommenders:application", public_id)
    response["Location"] += "#clash"
    return response


@require_POST
@policy(*roles.RECOMMENDER)
def recommend(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    try:
        with told(request, success=f"已推荐：《{found.title}》"):
            services.recommend(
                found,
                pool=request.POST.get("pool", ""),
                condition=request.POST.get("condition", ""),
                clash_reason=request.POST.get("clash_reason", ""),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        return _to_explain(request, refusal, public_id)
    return _back(request, found.call.code)


@require_POST
@policy(*roles.RECOMMENDER)
def unrecommend(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success=f"已撤下：《{found.title}》，名额已释放"):
        services.unrecommend(
            found,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return _back(request, found.call.code)


@require_POST
@policy(*roles.RECOMMENDER)
def reserve(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success=f"已列为备选：《{found.title}》"):
        services.reserve(found, actor=Actor.of(request), at=request.arrived_at)
    return _back(request, found.call.code)


@require_POST
@policy(*roles.RECOMMENDER)
def unreserve(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success=f"已移出备选：《{found.title}》"):
        services.unreserve(found, actor=Actor.of(request), at=request.arrived_at)
    return _back(request, found.call.code)


@require_POST
@policy(*roles.RECOMMENDER)
def promote(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    try:
        with told(request, success=f"已由备选递补为推荐：《{found.title}》"):
            services.promote(
                found,
                pool=request.POST.get("pool", ""),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        return _to_explain(request, refusal, public_id)
    return _back(request, found.call.code)


@require_POST
@policy(*roles.RECOMMENDER)
def move(request: Request, public_id: str) -> HttpResponse:
    """One line up or down."""
    found = access.application(request, public_id)
    services.move_row(
        found,
        direction=request.POST.get("direction", ""),
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    return _back(request, found.call.code, at=public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def rank(request: Request, public_id: str) -> HttpResponse:
    """A number typed into a line, or a line dropped in another place."""
    found = access.application(request, public_id)
    typed = unicodedata.normalize("NFKC", request.POST.get("number", "")).strip()
    number = whole(typed)
    if number is None or not 1 <= number <= 9999:
        raise Refusal("odd-number", "序号请填 1 以上的整数。", status=422)
    services.set_rank(found, number=number, actor=Actor.of(request), at=request.arrived_at)
    return _back(request, found.call.code, at=public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def order_by_score(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    moved = services.order_by_score(ranked, actor=Actor.of(request), at=request.arrived_at)
    messages.success(
        request, f"已按初评分重排，{moved} 项移动" if moved else "名单已是按初评分的顺序"
    )
    return _back(request, code)


@require_POST
@policy(*roles.RECOMMENDER)
def undo(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    words = services.undo(ranked, actor=Actor.of(request), at=request.arrived_at)
    messages.success(request, f"已撤销：{words}")
    return _back(request, code)


@require_POST
@policy(*roles.RECOMMENDER)
def condition(request: Request, public_id: str) -> HttpResponse:
    """Set, change or lift the condition of a recommendation, or say how it was fulfilled."""
    found = access.application(request, public_id)
    actor, at = Actor.of(request), request.arrived_at
    if request.POST.get("act") == "met":
        with told(request, success="条件落实情况已登记"):
            services.condition_met(found, note=request.POST.get("note", ""), actor=actor, at=at)
    else:
        with told(request, success="推荐条件已保存"):
            services.set_condition(
                found, condition=request.POST.get("condition", ""), actor=actor, at=at
            )
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def explain_clash(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success="情况说明已保存"):
        services.explain_clash(
            found,
            reason=request.POST.get("clash_reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:application", public_id)


@require_POST
@policy(*roles.RECOMMENDER)
def set_rank(request: Request, code: str) -> HttpResponse:
    """把第 n 项移到第 m 位."""
    ranked = access.unit_list(request, code)
    form = RankForm(request.POST)
    if not form.is_valid():
        raise Refusal("odd-number", "请填写两个整数序号，如把第 7 项移到第 2 位。", status=422)
    above, _, _ = board.lines(ranked)
    line = form.cleaned_data["line"]
    if line > len(above):
        raise Refusal("no-such-line", f"名单现有 {len(above)} 项，没有第 {line} 项。", status=422)
    moved = above[line - 1].application
    number = services.set_rank(
        moved,
        number=form.cleaned_data["number"],
        actor=Actor.of(request),
        at=request.arrived_at,
    )
    with told(request, success=f"《{moved.title}》现为第 {number} 位"):
        pass
    return _back(request, code)


@require_POST
@policy(*roles.RECOMMENDER)
def set_note(request: Request, public_id: str) -> HttpResponse:
    found = access.application(request, public_id)
    with told(request, success="备注已保存"):
        services.set_note(
            found,
            note=request.POST.get("note", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:application", public_id)


@require_safe
@policy(*roles.RECOMMENDER)
def confirm(request: Request, code: str) -> HttpResponse:
    """The list as it will be frozen, with the hash that the button carries."""
    ranked = access.unit_list(request, code)
    rows = sheets.rows(ranked)
    version = queries.version_in_force(ranked)
    ledger, scopes = board.meters(ranked)
    held = list(queries.live(ranked.call_id, ranked.organisation_id)) if not version else []
    warned = clashing.of_list(ranked.call, [one.application for one in held])
    approver = request.acting.role == roles.Role.REC_APPROVER
    same_person = ranked.changed_by_id == request.user.pk
    two = sheets.has_own_filing(ranked) or queries.staffed_by_two(
        ranked.organisation_id, at=request.arrived_at
    )
    return render(
        request,
        "recommenders/confirm.html",
        {
            "call": ranked.call,
            "ranked": ranked,
            "rows": version.rows if version else rows,
            "hash": version.hash if version else ranking.list_hash(rows),
            "version": version,
            "limits": queries.limits_shown(ranked.call, ranked.organisation_id),
            "ledger": ledger,
            "scopes": scopes,
            "is_open": ranked.state == liststates.OPEN,
            "may_submit": approver and not (same_person and two),
            "blocked_by_self": approver and same_person and two,
            "approver": approver,
            "pending": queries.pending_requests(ranked.call, ranked.organisation_id).count(),
            "until": queries.own_deadline(ranked),
            "now": ranked.call.time(request.arrived_at),
            "in_time": queries.in_time(ranked, at=request.arrived_at),
            "needs_scan": queries.needs_scan(ranked),
            "warned": [
                (one, warned[one.application_id]) for one in held if one.application_id in warned
            ],
            "versions": ranked.versions.select_related("document", "approved_by").order_by(
                "-number"
            ),
        },
    )


@require_POST
@policy(*roles.RECOMMENDER)
def propose_list(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    with told(request, success="已提请本单位审批人确认名单"):
        services.propose_list(
            ranked,
            shown=request.POST.get("hash", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:list", code)


@require_POST
@policy(*roles.RECOMMENDER)
def submit_list(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    with told(request, success="名单已确认并锁定，汇总表正在生成"):
        services.submit_list(
            ranked,
            shown=request.POST.get("hash", ""),
            limits=request.POST.get("limits"),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:list", code)


@require_POST
@policy(*roles.RECOMMENDER)
def reopen_list(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    with told(request, success="名单已重新打开，原汇总表作废"):
        services.reopen_list(
            ranked,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("recommenders:list", code)


@require_POST
@policy(*roles.RECOMMENDER)
def deliver(request: Request, code: str) -> HttpResponse:
    ranked = access.unit_list(request, code)
    with told(request, success="名单已报送，已通知申报单位打印盖章"):
        services.deliver(ranked, actor=Actor.of(request), at=request.arrived_at)
    return redirect("recommenders:list", code)
