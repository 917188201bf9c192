"""States in marks and words, and answers as lines to read. Pure but for the rows it is given."""

from __future__ import annotations

from typing import Any

from applications.content import answers, wording
from surveys.models import Request
from surveys.spec import Survey

S = Request.State
SHAPES = {S.ASKED: "todo", S.STARTED: "doing", S.ANSWERED: "wait", S.CHECKED: "done"}


def standing(request: Request) -> tuple[str, str, str]:
    """The mark of a request, its words, and for an answer the unit before which it lies."""
    state = S(request.state)
    if state != S.ANSWERED:
        return SHAPES.get(state, "fix"), str(state.label), ""
    waiting = waits_for(request)
    return "wait", "已填报，待核对", waiting.unit.name if waiting else ""


def waits_for(request: Request) -> Any:
    """The check an answer waits for; none when it waits for nobody."""
    if request.state != S.ANSWERED:
        return None
    return next((one for one in request.checks.all() if one.position == request.place), None)


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
