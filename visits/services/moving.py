"""The lock of a visit, and the only writer of its state."""

from __future__ import annotations

from datetime import datetime

from audit.services import Actor
from core.errors import Refusal
from core.lengths import characters
from visits import stages
from visits.models import Visit

SHORTEST = 4
"""Characters of a reason, white space not counted."""


def lock(visit: Visit) -> Visit:
    """The visit under a lock; inside a transaction only."""
    return (
        Visit.objects.select_for_update(of=("self",))
        .select_related("call", "application__organisation", "organisation", "version")
        .get(pk=visit.pk)
    )


def advance(visit: Visit, name: str, *, actor: Actor, at: datetime, reason: str = "") -> None:
    """Take a step: the only writer of ``Visit.state``. The row must be locked.

    Raises ``Refusal`` ``wrong-state``.
    """
    visit.state = stages.target(name, visit.state).value
    fields = ["state"]
    if name == "confirm":
        visit.confirmed_at, visit.confirmed_by_id = at, actor.person
        fields += ["confirmed_at", "confirmed_by"]
    elif name == "change":
        visit.confirmed_at, visit.confirmed_by_id = None, None
        fields += ["confirmed_at", "confirmed_by"]
    elif name == "conclude":
        visit.concluded_at = at
        fields.append("concluded_at")
    elif name == "reopen":
        visit.concluded_at = None
        fields.append("concluded_at")
    elif name == "finish":
        visit.done_at = at
        fields.append("done_at")
    elif name == "cancel":
        visit.ended_reason = reason
        fields.append("ended_reason")
    visit.save(update_fields=fields)


def reason_of(text: str, *, what: str) -> str:
    """A reason, trimmed to what is kept. Raises ``Refusal`` ``reason-missing`` (422)."""
    if characters(text) < SHORTEST:
        raise Refusal("reason-missing", f"请写明{what}（不少于 {SHORTEST} 字）。", status=422)
    return text.strip()[:300]
