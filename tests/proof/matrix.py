"""The permission matrix at length: every cell, and methods that no row names.

A sample of the cells is what tests/architecture/test_matrix_*.py play each time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from tests.architecture import expanding
from tests.architecture.matrix_file import everybody, matrix
from tests.proof import ground
from tests.proof.frame import Report, Watch

GOAL = ("cells", 30_000)
STRANGE = ("put", "patch", "delete")
"""Methods that no page takes: nothing may be shown and nothing written."""


def prove(report: Report, *, seconds: float) -> None:
    seen = 0
    for name, build in ground.worlds().items():
        routes = expanding.routes_of(name)
        random.Random(report.name).shuffle(routes)
        with ground.world(build) as made:
            # Building the worlds does not count; each has its share by the number of its routes.
            part = Watch(seconds * len(routes) / len(matrix()["routes"]))
            for route in routes:
                if part.is_up:
                    break
                seen += 1
                play(report, route, made)
    report.figures["persons"] = len(everybody())
    report.figures["routes played"] = f"{seen} of {len(matrix()['routes'])}"


def play(report: Report, route: str, made: Any) -> None:
    """All cells of one route."""
    for method in ("get", "post"):
        done: list[str] = []
        for wrong in expanding.play(route, method, made, whole=True, done=done):
            report.fail(wrong)
        report.count("cells", len(done))
    for method in STRANGE:
        for wrong in strange(report, route, method, made):
            report.fail(wrong)


def strange(report: Report, route: str, method: str, made: Any) -> Iterator[str]:
    """Each person who gets anything but a refusal, or changes anything, by such a method."""
    url = expanding.address(route, made)
    for person in sorted(everybody()):
        client = made.client(person)
        before = Entry.objects.count()
        with transaction.atomic(), CaptureQueriesContext(connection) as seen:
            answer = getattr(client, method)(url)
            text = expanding.text_of(answer)
            written = expanding.changes(seen.captured_queries)
            grown = Entry.objects.count() - before
            transaction.set_rollback(True)
        report.count("cells")
        report.count("cells of methods no page takes")
        said = f"{method.upper()} {route} as {person}"
        if answer.status_code not in (302, 403, 404, 405):
            yield f"{said}: {answer.status_code}"
        if written or grown:
            yield f"{said}: something was written: {written[:2]}"
        if found := expanding.leaks(text, person, made):
            yield f"{said}: shows {found}"
