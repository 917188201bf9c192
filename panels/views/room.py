"""The member's pages: the door with its declaration, the room with the item under discussion."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import roles
from accounts.policy import policy
from applications.models import Attachment
from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from core.templatetags.jiebang import moment
from core.web import told
from panels import access, forms, minutes, queries, services, voting
from panels.access import Request
from panels.models import Item, Member, Rescore
from panels.services.scoring import Unfit
from panels.stages import PRESENCE_LABELS, Presence
from panels.views.leading import keep_notes
from reviews import copies, reading, scoring, showing

experts = policy(*roles.EXPERT)


@experts
@require_safe
def mine(request: Request) -> HttpResponse:
    """Where the expert sits: under way, planned, over."""
    seats = list(access.seats(request))
    return render(request, "panels/mine.html", {"seats": seats})


@experts
@require_safe
def room(request: Request, public_id: str) -> HttpResponse:
    """What a member sees now: the door, the current item, or only that they are out."""
    seat = access.seat(request, public_id)
    return _room(request, seat)


def _room(
    request: Request,
    seat: Member,
    *,
    typed: dict[str, Any] | None = None,
    reason: str = "",
    problems: list[scoring.Problem] | None = None,
) -> HttpResponse:
    item, where = access.place(seat)
    meeting = seat.meeting
    context: dict[str, Any] = {
        "seat": seat,
        "meeting": meeting,
        "round": meeting.round,
        "call": meeting.round.call,
        "hard": _hard(seat, item, where),
        "nav": [] if item else None,
    }
    if item is None:
        del context["nav"]
        context["where"] = where.value
        context["where_words"] = PRESENCE_LABELS[where]
        context["must_enter"] = seat.entered_at is None and not meeting.is_closed
        return render(request, "panels/waiting.html", context)
    item.meeting = meeting
    context |= _item(request, seat, item, typed=typed, problems=problems or [])
    context |= _vote(seat, item)
    context |= {
        "mark": f"{request.user.name} {moment(request.arrived_at)}",
        "reason": reason,
        "problems": problems or [],
        "has_errors": bool(problems),
    }
    return render(request, "panels/room.html", context, status=422 if problems else 200)


def _hard(seat: Member, item: Item | None, where: Presence) -> str:
    """Changes when the page has to be another one: the item, or in and out of the room."""
    said = (
        seat.meeting.state,
        item and (item.pk, item.sitting),
        where.value,
        seat.entered_at,
        seat.is_chair,
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def _item(
    request: Request,
    seat: Member,
    item: Item,
    *,
    typed: dict[str, Any] | None,
    problems: list[scoring.Problem],
) -> dict[str, Any]:
    round = seat.meeting.round
    material = reading.material(
        round.call.programme, item.entry.version.snapshot, blind=round.blind
    )
    review = queries.review_of(seat, item.entry.application_id)
    held = Rescore.objects.filter(item=item, member=seat, replaced_at__isnull=True).first()
    known = held.scores if held else review.scores if review else {}
    scores = known if typed is None else typed
    words = {problem.key: problem.message for problem in problems}
    return {
        "item": item,
        "entry": item.entry,
        **showing.of(
            request, material, room="panels", args=[seat.meeting.public_id, item.public_id]
        ),
        "figures": queries.figures_of(item),
        "review": review,
        "held": held,
        "form_rows": [
            {
                "criterion": one,
                "score": scores.get(one.key),
                "before": review.scores.get(one.key) if review else None,
                "error": words.get(one.key, ""),
            }
            for one in round.sheet.criteria
        ]
        if review
        else [],
        "reason_error": words.get("reason", ""),
    }


def _vote(seat: Member, item: Item) -> dict[str, Any]:
    """The ballot, and what the member may know of the others: own before others."""
    voted = queries.votes_of(item).filter(attendance__member=seat).exists()
    changed = Rescore.objects.filter(item=item, replaced_at__isnull=True)
    own = voted or changed.filter(member=seat).exists()
    present = queries.present(item)
    count = queries.votes_of(item).count()
    open_now = item.vote_opened_at is not None
    tie = None
    if seat.is_chair and open_now and count >= present > 0:
        found = voting.verdict(
            queries.tally(item), present=present, rule=voting.Rule(item.meeting.rule)
        )
        if found.how is voting.How.TIE:
            tie = [one for one in item.meeting.motions if one["key"] in found.leading]
    others = []
    if own:
        names = minutes.pseudonyms(item.meeting)
        others = sorted(
            (names[one.member_id], one.before, one.total, one.reason)
            for one in changed.exclude(member=seat)
        )
    soft = (open_now, voted, count if voted else 0, present if voted else 0, others, tie)
    return {
        "voting_open": open_now,
        "voted": voted,
        "own": own,
        "others": others,
        "count": count,
        "present": present,
        "tie": tie,
        "soft": hashlib.sha256(repr(soft).encode()).hexdigest()[:16],
    }


@experts
@require_safe
def pulse(request: Request, public_id: str) -> HttpResponse:
    """Asked every few seconds: 204 while nothing changed, the ballot, or word to load anew."""
    seat = access.seat(request, public_id)
    item, where = access.place(seat)
    if request.GET.get("hard", "") != _hard(seat, item, where):
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    if item is None:
        return HttpResponse(status=204)
    item.meeting = seat.meeting
    vote = _vote(seat, item)
    if request.GET.get("soft", "") == vote["soft"]:
        return HttpResponse(status=204)
    context = {
        "seat": seat,
        "meeting": seat.meeting,
        "item": item,
        "hard": _hard(seat, item, where),
        **vote,
    }
    return render(request, "panels/_ballot.html", context)


@experts
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: Request, public_id: str) -> HttpResponse:
    """The door: names of units only, in their own order; then the signature."""
    seat = access.seat(request, public_id)
    if seat.entered_at is not None or seat.meeting.is_closed:
        return redirect("panels:room", public_id)
    waiting = queries.undeclared(seat)
    rows = [
        {
            "key": one.pk,
            "token": one.pk,
            "unit": one.entry.application.organisation.name,
            "conflict": request.POST.get(f"conflict-{one.pk}") == "yes",
            "reason": request.POST.get(f"reason-{one.pk}", ""),
        }
        for one in waiting
    ]
    errors: list[dict[str, Any]] = []
    if request.method == "POST":
        errors = [
            {"token": row["token"], "message": f"{row['unit']}：{_wrong(row)}"}
            for row in rows
            if _wrong(row)
        ]
        if request.POST.get("agreed") != "yes":
            errors.append({"token": "agreed", "message": "请勾选申明"})
        if not errors:
            with told(request, success="已申明并签到。"):
                services.enter(
                    seat,
                    conflicted={row["key"]: row["reason"] for row in rows if row["conflict"]},
                    shown=whole_or(request.POST.get("shown", ""), -1),
                    actor=Actor.of(request),
                    at=request.arrived_at,
                )
            return redirect("panels:room", public_id)
    context = {
        "seat": seat,
        "meeting": seat.meeting,
        "call": seat.meeting.round.call,
        "rows": rows,
        "errors": errors,
        "has_errors": bool(errors),
        "agreed": request.POST.get("agreed") == "yes",
    }
    return render(request, "panels/enter.html", context, status=422 if errors else 200)


def _wrong(row: dict[str, Any]) -> str:
    if row["conflict"] and not row["reason"].strip():
        return "请写明须回避的理由"
    if row["conflict"] and len(row["reason"]) > 300:
        return "理由超过 300 字，请删减"
    return ""


def _mine(request: Request, public_id: str, item: str) -> tuple[Member, Item]:
    """The current item, to a member in the room of this meeting."""
    seat, found = access.my_item(request, item)
    if found.meeting.public_id != public_id:
        raise Http404(access.HIDDEN)
    return seat, found


@experts
@require_POST
def rescore(request: Request, public_id: str, item: str) -> HttpResponse:
    """A faulty form comes back with what was typed."""
    seat, found = _mine(request, public_id, item)
    typed = forms.typed_scores(seat.meeting.round.sheet, request.POST)
    reason = request.POST.get("reason", "")
    try:
        with told(request, success="改分已记录，原评分保留。"):
            services.rescore(
                seat,
                found,
                scores=typed,
                reason=reason,
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        problems = (
            refusal.problems
            if isinstance(refusal, Unfit)
            else [scoring.Problem("reason", refusal.message)]
        )
        return _room(request, seat, typed=typed, reason=reason, problems=problems)
    return redirect("panels:room", public_id)


@experts
@require_POST
def vote(request: Request, public_id: str, item: str) -> HttpResponse:
    seat, found = _mine(request, public_id, item)
    with told(request, success="已投票。"):
        services.vote(
            seat,
            found,
            motion=request.POST.get("motion", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("panels:room", public_id)


@experts
@require_http_methods(["GET", "HEAD", "POST"])
def recuse(request: Request, public_id: str, item: str) -> HttpResponse:
    """A conflict noticed late: the member is out from the next request on."""
    seat, found = _mine(request, public_id, item)
    error = ""
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            error = "请写明须回避的理由"
        elif len(reason) > 300:
            error = "理由超过 300 字，请删减"
        else:
            with told(request, success="回避已记录，请离开会场，等候下一项。"):
                services.declare_late(
                    seat, found, reason=reason, actor=Actor.of(request), at=request.arrived_at
                )
            return redirect("panels:room", public_id)
    context = {
        "seat": seat,
        "meeting": seat.meeting,
        "call": seat.meeting.round.call,
        "item": found,
        "error": error,
        "has_errors": bool(error),
        "reason": request.POST.get("reason", ""),
    }
    return render(request, "panels/recuse.html", context, status=422 if error else 200)


def _lead(request: Request, public_id: str, item: str) -> tuple[Member, Item]:
    """As ``_mine``, for the chair alone; to other members there is no such page."""
    seat, found = _mine(request, public_id, item)
    if not seat.is_chair:
        raise Http404(access.HIDDEN)
    return seat, found


@experts
@require_POST
def lead_notes(request: Request, public_id: str, item: str) -> HttpResponse:
    _, found = _lead(request, public_id, item)
    return keep_notes(request, found, back=f"/panels/room/{public_id}/")


@experts
@require_POST
def decide(request: Request, public_id: str, item: str) -> HttpResponse:
    """Votes are equal: the chair says which opinion stands, and why."""
    _, found = _lead(request, public_id, item)
    with told(request, success="决定已记录，本项审议完毕。"):
        services.conclude(
            found,
            motion=request.POST.get("motion", "") or "-",
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("panels:room", public_id)


@experts
@require_safe
def file(request: Request, public_id: str, item: str, file: str) -> HttpResponse:
    """A copy of a file of the version judged, if this review shows it."""
    seat, found = _mine(request, public_id, item)
    stored, shown = _shown_file(seat, found, file)
    return copies.stamped(request, stored.blob, shown.name)


@experts
@require_safe
def page_image(request: Request, public_id: str, item: str, file: str, page: int) -> HttpResponse:
    """The picture of one page of such a file, ``?w=`` pixels wide."""
    seat, found = _mine(request, public_id, item)
    stored, shown = _shown_file(seat, found, file)
    if not 1 <= page <= shown.pages:
        raise Http404(access.HIDDEN)
    return copies.page_picture(request, stored.blob, page)


def _shown_file(seat: Member, item: Item, public_id: str) -> tuple[Attachment, reading.Attached]:
    round = seat.meeting.round
    shown = reading.material(
        round.call.programme, item.entry.version.snapshot, blind=round.blind
    ).file(public_id)
    stored = (
        Attachment.objects.filter(application=item.entry.application_id, public_id=public_id)
        .select_related("blob")
        .first()
    )
    if shown is None or stored is None or stored.blob_id != shown.sha256:
        raise Http404(access.HIDDEN)
    return stored, shown
