"""Mass assignment: fields that no form asked for, added to every form, change nothing.

Each form is sent twice from the same state with clock and chance pinned: as the page offers it, and
with the names of the columns of every model beside. What is written, statement by statement, and
what is answered must be the same.
"""

from __future__ import annotations

import random
import re
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.architecture import expanding
from tests.proof import forms, ground
from tests.proof.frame import Report, Watch
from tests.twins import comparing

FURTHER = (
    "is_staff",
    "is_superuser",
    "groups",
    "user_permissions",
    "role",
    "roles",
    "user_id",
    "owner",
    "owner_id",
    "organisation_id",
    "status",
    "state",
    "actor",
    "at",
    "acting",
    "arrived_at",
    "_method",
)
VALUES = ("1", "on", "approved", "2", "recommended", "system_admin", "2021-01-01", "0")


def prove(report: Report, *, seconds: float) -> None:
    for name, build in ground.worlds().items():
        with ground.world(build) as made:
            offered = list(forms.offered(made, name).values())
            random.Random(report.name).shuffle(offered)
            part = Watch(seconds / len(ground.worlds()))
            for person, form in offered:
                if part.is_up:
                    break
                twice(report, made, person, form)


def columns() -> list[str]:
    """The name of every column of every model of the house."""
    found = set(FURTHER)
    for model in apps.get_models():
        for one in model._meta.concrete_fields:
            found |= {one.name, one.attname}
    return sorted(found)


def twice(
    report: Report, made: Any, person: str, form: forms.Form, *, read: frozenset[str] = frozenset()
) -> None:
    """The form as it is, and with every column it does not have. ``read``: fields that the page
    shows to others, or later, and that the view rightly reads."""
    draw = random.Random(form.action)
    foreign = [one for one in columns() if one not in form.names and one not in read]
    more = {one: draw.choice(VALUES) for one in foreign}
    with comparing.pinned() as pins:
        plain = sent(made, person, form, {}, pins)
        loaded = sent(made, person, form, more, pins)
    report.count("forms sent twice")
    report.count("of them written something", bool(plain[1]))
    report.count("foreign fields", len(more))
    if plain != loaded:
        report.fail(
            f"{form.action} as {person}: {culprit(made, person, form, more, plain)}"
            f" {apart(plain, loaded)}"
        )


def culprit(made: Any, person: str, form: forms.Form, more: dict[str, str], plain: Any) -> str:
    """Of many foreign fields one that makes a difference, found by halves."""
    names = list(more)
    while len(names) > 1:
        half = names[: len(names) // 2]
        with comparing.pinned() as pins:
            found = sent(made, person, form, {name: more[name] for name in half}, pins)
        names = half if found != plain else names[len(names) // 2 :]
    return names[0]


def sent(
    made: Any, person: str, form: forms.Form, more: dict[str, str], pins: Any
) -> tuple[int, tuple[str, ...]]:
    """The status of the answer, and every statement that wrote, with its values."""
    pins.again()
    client = made.client(person)
    client.raise_request_exception = False
    with transaction.atomic(), CaptureQueriesContext(connection) as seen:
        answer = client.post(form.action, form.filled(**more))
        written = tuple(
            _plain(query["sql"])
            for query in seen.captured_queries
            if query["sql"].lstrip().upper().startswith(expanding.WRITING)
            and not any(word in query["sql"] for word in expanding.BOOKKEEPING)
        )
        transaction.set_rollback(True)
    return answer.status_code, written


def _plain(sql: str) -> str:
    """Without what differs from one sending to the next."""
    return re.sub(r"'[0-9a-f]{12,64}'", "'…'", sql)


def apart(plain: tuple[int, tuple[str, ...]], loaded: tuple[int, tuple[str, ...]]) -> str:
    if plain[0] != loaded[0]:
        return f"{plain[0]} became {loaded[0]}"
    one = next((b for a, b in zip(plain[1], loaded[1], strict=False) if a != b), "")
    return f"{len(plain[1])} statements became {len(loaded[1])}: {one[:200]}"
