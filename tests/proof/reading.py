"""Reading changes nothing and is kept nowhere: every page of every world by everybody.

Counted by the rows of every table before and after (the recorder of statements of the permission
matrix is the other witness), and by the headers of each answer.
"""

from __future__ import annotations

import random
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import transaction

from tests.architecture import expanding
from tests.architecture.matrix_file import everybody, matrix
from tests.proof import ground
from tests.proof.frame import Report, Watch

BOOKKEEPING = {"accounts_session"}
CACHED = ("reference:",)
"""The lists of the state (regions, industries), the same for everybody."""


def prove(report: Report, *, seconds: float) -> None:
    for name, build in ground.worlds().items():
        routes = expanding.routes_of(name)
        random.Random(report.name).shuffle(routes)
        part = Watch(seconds * len(routes) / len(matrix()["routes"]))
        with ground.world(build) as made:
            for route in routes:
                if part.is_up:
                    break
                read(report, route, made, sorted(everybody()))


def read(report: Report, route: str, made: Any, people: list[str]) -> None:
    """One address by each of them, nothing rolled back in between; then the rows are counted."""
    url = expanding.address(route, made)
    was = rows()
    with transaction.atomic():
        for person in people:
            answer = made.client(person).get(url)
            if answer.streaming:
                b"".join(answer.streaming_content)
            report.count("answers")
            for wrong in headers(answer, route, person):
                report.fail(f"{route} as {person}: {wrong}")
        now = rows()
        transaction.set_rollback(True)
    grown = {table: (was[table], count) for table, count in now.items() if was[table] != count}
    report.count("addresses after which every table was counted")
    report.expect(not grown, f"{route}: reading it changed {grown}")


def rows() -> dict[str, int]:
    """How many rows each table has."""
    return {
        model._meta.db_table: model._default_manager.count()
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and model._meta.db_table not in BOOKKEEPING
    }


def headers(answer: Any, route: str, person: str) -> list[str]:
    """What an answer lacks of the headers that every answer carries."""
    held = answer.headers
    wrong = []
    if held.get("X-Content-Type-Options") != "nosniff":
        wrong.append("no nosniff")
    if held.get("Referrer-Policy") != "same-origin":
        wrong.append("no referrer policy")
    if "Content-Security-Policy" not in held:
        wrong.append("no content security policy")
    elif any(word in held["Content-Security-Policy"] for word in ("unsafe-inline", "unsafe-eval")):
        wrong.append("a policy that allows what stands in the page")
    if held.get("X-Frame-Options") not in ("DENY", "SAMEORIGIN"):
        wrong.append("may be framed")
    cache = held.get("Cache-Control", "")
    if person != "anonymous" and not route.startswith(CACHED):
        if "no-store" not in cache:
            wrong.append(f"may be kept: {cache!r}")
        if "public" in cache:
            wrong.append(f"may be shared: {cache!r}")
    for name, cookie in answer.cookies.items():
        if name == settings.SESSION_COOKIE_NAME and not cookie["httponly"]:
            wrong.append("the session's cookie can be read by a script")
        if not cookie["samesite"]:
            wrong.append(f"the cookie {name} goes along to other sites")
    return wrong
