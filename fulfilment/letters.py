"""Which letter goes to whom about a task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from accounts.models import Membership, User
from accounts.roles import FILING
from fulfilment.models import Task
from notifications import services as notifications


def filing_people(units: Iterable[int], at: datetime) -> dict[int, list[User]]:
    """Who fills in for each of these units, each person once."""
    found: dict[int, dict[int, User]] = {}
    rows = Membership.objects.active(at).filter(organisation__in=set(units), role__in=FILING)
    for one in rows.select_related("user").order_by("pk"):
        found.setdefault(one.organisation_id, {})[one.user_id] = one.user
    return {unit: list(people.values()) for unit, people in found.items()}


def _to_units(
    tasks: Sequence[Task], *, occasion: str, template: str, at: datetime, **more: Any
) -> None:
    """One letter about each task to the filing people of its unit."""
    people = filing_people([task.application.organisation_id for task in tasks], at)
    for task in tasks:
        notifications.enqueue(
            key=f"fulfilment.{occasion}:{task.pk}",
            to=people.get(task.application.organisation_id, []),
            template=f"fulfilment/letters/{template}.txt",
            context={"task": task, "application": task.application, **more},
            at=at,
        )


def started(tasks: Sequence[Task], *, at: datetime) -> None:
    for task in tasks:
        _to_units([task], occasion=f"started:{task.publication_id}", template="started", at=at)


def voided(tasks: Sequence[Task], *, reason: str, at: datetime) -> None:
    for task in tasks:
        _to_units(
            [task],
            occasion=f"voided:{task.publication_id}",
            template="voided",
            at=at,
            reason=reason,
        )
