"""The draws of a round: what was promised, what was drawn from what, and their records as files."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.errors import Refusal
from documents import web, workbook
from reviews import access, drawrecord, results
from reviews.access import Request
from reviews.drawmodel import Draw
from reviews.models import Round, RoundApplication
from reviews.views.organiser import readers

MOST_SHOWN = 200
"""Adjustments on the page; the record has them all."""


def _draw(round: Round, number: int) -> Draw:
    """One that was sent out: before, nobody takes a record away."""
    found = round.draws.filter(number=number).first()
    if found is None:
        raise Http404(access.HIDDEN)
    if found.deployed_at is None:
        raise Refusal("not-out", "分配下发后才能取用抽取记录。")
    found.round = round
    return found


@readers
@require_safe
def draws(request: Request, public_id: str) -> HttpResponse:
    found = access.round(request, public_id)
    held = drawrecord.of(found)
    out = next((one for one in held if one.is_out), None)
    changes = drawrecord.adjustments(out) if out else []
    names = results.pseudonyms(found) if changes else {}
    numbers = dict(found.entries.values_list("application_id", "number")) if changes else {}
    context = {
        "round": found,
        "call": found.call,
        "draws": held,
        "changes": [
            (RoundApplication.label_of(numbers[one.application]), names.get(one.expert, "—"), one)
            for one in changes[:MOST_SHOWN]
        ],
        "changed": len(changes),
    }
    return render(request, "reviews/draws.html", context)


@readers
@require_safe
def draw_record(request: Request, public_id: str, number: int) -> HttpResponse:
    """The whole record as JSON: ``manage.py repeat_draw`` needs nothing else."""
    draw = _draw(access.round(request, public_id), number)
    return web.download(
        drawrecord.as_json(draw),
        media_type="application/json",
        name=f"抽取记录-{draw.round.title}-{draw.number}.json",
        plain="draw.json",
    )


@readers
@require_safe
def draw_sheet(request: Request, public_id: str, number: int) -> HttpResponse:
    """The same for people."""
    draw = _draw(access.round(request, public_id), number)
    foot = workbook.taken(
        name=request.user.name, unit=request.acting.organisation.name, at=request.arrived_at
    )
    return web.download(
        drawrecord.as_workbook(draw, foot=foot),
        media_type=workbook.MEDIA_TYPE,
        name=f"抽取记录-{draw.round.title}-{draw.number}.xlsx",
        plain="draw.xlsx",
    )
