"""What other rooms' pages show of tasks."""

from __future__ import annotations

from typing import Any

from django import template

from fulfilment import queries
from fulfilment.queries import ToDo

register = template.Library()


@register.simple_tag(takes_context=True)
def tasks_to_do(context: template.Context) -> list[tuple[Any, ToDo]]:
    """The first thing to do in each task of the acting unit, nearest day first."""
    request = context["request"]
    acting = getattr(request, "acting", None)
    if acting is None:
        return []
    found = []
    for task in queries.of_unit(acting.organisation_id)[:10]:
        todo = queries.to_do(task, at=request.arrived_at)
        if todo:
            found.append((task, todo[0]))
    return sorted(found, key=lambda one: (one[1].until is None, str(one[1].until)))
