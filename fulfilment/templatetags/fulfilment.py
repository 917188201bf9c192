"""What other rooms' pages show of tasks."""

from __future__ import annotations

from typing import Any

from django import template

from fulfilment import queries
from fulfilment.queries import ToDo

register = template.Library()
SHOWN = 10
"""How many stand on a home page; the rest are a link away."""


@register.simple_tag(takes_context=True)
def tasks_to_do(context: template.Context) -> list[tuple[Any, ToDo]]:
    """The first thing to do in each task of the acting unit, nearest day first."""
    request = context["request"]
    acting = getattr(request, "acting", None)
    if acting is None:
        return []
    tasks = queries.of_unit(acting.organisation_id)
    todo = queries.to_do_in(tasks, at=request.arrived_at)
    found = [(task, todo[task.pk][0]) for task in tasks if todo[task.pk]]
    return sorted(found, key=lambda one: (one[1].until is None, str(one[1].until)))[:SHOWN]
