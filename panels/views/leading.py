"""The organiser's page while the meeting runs: who must leave, the item, the votes, the notes."""

from __future__ import annotations

import hashlib
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from audit.services import Actor
from core.errors import Refusal
from core.figures import whole_or
from core.web import told
from panels import access, minutes, queries, services, voting
from panels.access import Request
from panels.models import Item, Meeting
from panels.views.planning import acting_on, organisers, readers
from reviews import reading


@readers
@require_safe
def meeting(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    seats = list(found.members.select_related("expert"))
    lines = queries.lines(found, seats)
    context = {
        **acting_on(found),
        "may_act": request.acting.role in access.ORGANISERS,
        "steps": _steps(found),
        "seats": seats,
        "lines": lines,
        "concluded": sum(1 for one in lines if one.ruling),
        "waiting": sum(1 for one in lines if one.item.state == "waiting" and not one.withdrawn),
        **_current(found, seats),
    }
    return render(request, "panels/meeting.html", context)


def _steps(meeting: Meeting) -> list[dict[str, str]]:
    order = ["planned", "running", "closed"]
    titles = ("安排会议", "进行审议", "结束与纪要")
    if meeting.state not in order:
        return []
    here = order.index(meeting.state)
    return [
        {"title": title, "state": "done" if at < here or here == 2 else "now" if at == here else ""}
        for at, title in enumerate(titles)
    ]


def _current(meeting: Meeting, seats: list[Any]) -> dict[str, Any]:
    """The current item with the room, the figures, and what the votes say so far."""
    item = queries.current(meeting)
    if item is None:
        return {"item": None, "stamp": _stamp(meeting, None, [])}
    item.meeting = meeting
    room = queries.room(item, seats)
    inside = [one for one in room if one.presence == "in"]
    voted = sum(1 for one in room if one.voted)
    counts = queries.tally(item)
    found = voting.verdict(counts, present=len(inside), rule=voting.Rule(meeting.rule))
    all_in = item.vote_opened_at is not None and voted >= len(inside) > 0
    return {
        "item": item,
        "room": room,
        "inside": len(inside),
        "leaving": [one for one in room if one.must_leave],
        "voted": voted,
        "figures": queries.figures_of(item),
        "quorum_ok": len(inside) >= meeting.quorum,
        "all_voted": all_in,
        "tie": found.how is voting.How.TIE and all_in,
        "leading": [one for one in meeting.motions if one["key"] in found.leading],
        "stamp": _stamp(meeting, item, room),
    }


def _stamp(meeting: Meeting, item: Item | None, room: list[queries.Seat]) -> str:
    """Changes whenever something on the live part of the page does."""
    entered = list(meeting.members.order_by("pk").values_list("pk", "entered_at", "away"))
    said = [
        meeting.state,
        item and (item.pk, item.sitting, item.vote_opened_at),
        [(one.member.pk, one.presence, one.voted, one.rescored) for one in room],
        entered,
    ]
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


@readers
@require_safe
def live(request: Request, public_id: str) -> HttpResponse:
    """The part of the page that follows the room; 204 while nothing has changed."""
    found = access.meeting(request, public_id)
    seats = list(found.members.select_related("expert"))
    current = _current(found, seats)
    if request.GET.get("seen", "") == current["stamp"]:
        return HttpResponse(status=204)
    shown = request.GET.get("item", "")
    here = current["item"].public_id if current["item"] else ""
    if shown != here or not found.is_running:
        response = HttpResponse()
        response["HX-Refresh"] = "true"
        return response
    context = {
        **acting_on(found),
        "may_act": request.acting.role in access.ORGANISERS,
        "seats": seats,
        **current,
    }
    return render(request, "panels/_live.html", context)


@readers
@require_safe
def item(request: Request, public_id: str, item: str) -> HttpResponse:
    """One item as the organiser sees it: version judged, ruling, changes under numbers, notes."""
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    chosen.meeting = found
    names = minutes.pseudonyms(found)
    context = {
        **acting_on(found),
        "may_act": request.acting.role in access.ORGANISERS,
        "item": chosen,
        "entry": chosen.entry,
        "material": reading.material(
            found.round.call.programme, chosen.entry.version.snapshot, blind=False
        ),
        "figures": queries.figures_of(chosen),
        "rulings": [
            (one, [(said["title"], one.tally.get(said["key"], 0)) for said in found.motions])
            for one in chosen.rulings.select_related("item__meeting").order_by("-sitting")
        ],
        "attendances": [
            (one, names.get(one.member_id, ""))
            for one in chosen.attendances.filter(sitting=chosen.sitting).select_related(
                "member__expert"
            )
        ],
        "changes": [(one, names.get(one.member_id, "")) for one in chosen.rescores.order_by("pk")],
    }
    return render(request, "panels/item.html", context)


@organisers
@require_POST
def start(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    with told(request, success="会议已开始，可以逐项审议。"):
        services.start(found, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def close(request: Request, public_id: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    with told(request, success="会议已结束，纪要和签字表正在生成。"):
        services.close(
            found,
            note=request.POST.get("note", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect("panels:results", found.public_id)


@organisers
@require_POST
def mark(request: Request, public_id: str, pk: int) -> HttpResponse:
    found = access.meeting(request, public_id)
    seat = access.member(found, pk)
    away = request.POST.get("away") == "yes"
    with told(request, success=f"已登记{seat.expert.name}{'离席' if away else '回到会场'}。"):
        services.mark(
            seat,
            away=away,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def call_up(request: Request, public_id: str, item: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success=f"正在审议 {chosen.entry.label}。"):
        services.call_up(chosen, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def put_back(request: Request, public_id: str, item: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success=f"已撤回 {chosen.entry.label}，仍为待审议。"):
        services.put_back(chosen, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def open_vote(request: Request, public_id: str, item: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success="表决已开始，在场成员的页面会出现选票。"):
        services.open_vote(chosen, actor=Actor.of(request), at=request.arrived_at)
    return redirect(found)


@organisers
@require_POST
def revote(request: Request, public_id: str, item: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success="原票作废，重新表决。"):
        services.revote(
            chosen,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def conclude(request: Request, public_id: str, item: str) -> HttpResponse:
    """The votes say the result; with equal votes the chair's decision is entered here."""
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success=f"{chosen.entry.label} 已审议完毕。"):
        services.conclude(
            chosen,
            motion=request.POST.get("motion", ""),
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def reopen(request: Request, public_id: str, item: str) -> HttpResponse:
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    with told(request, success=f"重新审议 {chosen.entry.label}。"):
        services.reopen(
            chosen,
            reason=request.POST.get("reason", ""),
            actor=Actor.of(request),
            at=request.arrived_at,
        )
    return redirect(found)


@organisers
@require_POST
def notes(request: Request, public_id: str, item: str) -> HttpResponse:
    """A stale save comes back with what was typed, beside what stands there now."""
    found = access.meeting(request, public_id)
    chosen = access.item(found, item)
    return keep_notes(request, chosen, back=found.get_absolute_url())


def keep_notes(request: Request, item: Item, *, back: str) -> HttpResponse:
    typed = request.POST.get("notes", "").replace("\r\n", "\n")
    try:
        with told(request, success="讨论记录已保存。"):
            services.write_notes(
                item,
                typed,
                version=whole_or(request.POST.get("version", ""), -1),
                actor=Actor.of(request),
                at=request.arrived_at,
            )
    except Refusal as refusal:
        if refusal.code != "stale":
            raise
        item.refresh_from_db()
        context = {
            **acting_on(item.meeting),
            "item": item,
            "typed": typed,
            "refusal": refusal,
            "back": back,
            "url": request.path,
            "has_errors": True,
        }
        return render(request, "panels/stale_notes.html", context, status=409)
    return redirect(back)
