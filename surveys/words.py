"""States in marks and words, and answers as lines to read. Pure but for the rows it is given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from applications.content import answers, wording
from surveys.models import Check, Request
from surveys.spec import Survey

S = Request.State
SHAPES = {S.ASKED: "todo", S.STARTED: "doing", S.ANSWERED: "wait", S.CHECKED: "done"}


def standing(request: Request, *, at: datetime) -> tuple[str, str, str]:
    """The mark of a request, its words, and for an answer the unit before which it lies."""
    state = S(request.state)
    if state != S.ANSWERED:
        return SHAPES.get(state, "fix"), str(state.label), ""
    waiting = waits_for(request, at=at)
    return "wait", "已填报，待核对", waiting.unit.name if waiting else ""


def waits_for(request: Request, *, at: datetime) -> Check | None:
    """The check an answer waits for; none when it waits for nobody.

    A level whose end has passed is left out: the next one above checks in its place. The highest
    is never left out.
    """
    if request.state != S.ANSWERED:
        return None
    checks = [one for one in request.checks.all() if one.position >= request.place]
    survey = request.survey
    for one in checks[:-1]:
        end = survey.level_end(one.unit.kind)
        if end is None or at < end:
            return one
    return checks[-1] if checks else None


def may_return(request: Request, *, unit: int, at: datetime) -> bool:
    """Whether the unit may give it back: in its turn, or as the highest once all is done."""
    if request.state == S.CHECKED:
        checks = list(request.checks.all())
        return bool(checks) and max(checks, key=lambda one: one.position).unit_id == unit
    waiting = waits_for(request, at=at)
    return waiting is not None and waiting.unit_id == unit


def sections(spec: Survey, data: dict[str, Any]) -> list[dict[str, Any]]:
    """An answer in words, section by section, only what was asked."""
    found = []
    for section in spec.sections:
        kept = data.get(section.key, {})
        if not answers.holds(section.condition, section=section.key, answers=data):
            continue
        lines = [
            line for field in answers.shown(section, data) for line in wording.lines(field, kept)
        ]
        found.append({"title": section.title, "lines": lines})
    return found
