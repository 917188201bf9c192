"""Comparing the texts of what was submitted, for the eyes of staff alone.

Runs in the sweeper: the rows say what is still to be done. Each run takes a bounded number of new
versions; all of them meet every filing of every round that counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import F, Q

from applications import similarity
from applications.exclusivity import COUNTED
from applications.models import Application, Likeness, TextSketch, Version
from calls.models import Call
from calls.programme import Programme

AT_ONCE = 200
"""Versions taken up in one run."""
MOST_PER_FILING = 20
"""Pairs kept for one new version, the likest."""


def compare_waiting(*, at: datetime, limit: int = AT_ONCE) -> int:
    """Take up versions that nobody has compared yet; returns how many. A second run at the same
    time repeats work and changes nothing."""
    waiting = list(
        Version.objects.filter(
            number=F("application__version_number"),
            application__status__in=COUNTED,
            text_sketch__isnull=True,
        )
        .select_related("application")
        .order_by("pk")[:limit]
    )
    if waiting:
        _take_up(waiting, at=at)
    return len(waiting)


@transaction.atomic
def _take_up(waiting: list[Version], *, at: datetime) -> None:
    programmes = _Programmes()
    rows = []
    for version in waiting:
        call = version.application.call_id
        found, runs = similarity.sketch(
            _texts(programmes.of(call), version.snapshot), ignored=programmes.wording(call)
        )
        row = TextSketch(version_id=version.pk, sketch=found.tobytes(), runs=runs, made_at=at)
        rows.append(row)  # by its key: a version that holds its sketch would stay in memory
    applications = [version.application_id for version in waiting]
    TextSketch.objects.filter(version__application__in=applications).exclude(
        version__in=waiting
    ).delete()
    TextSketch.objects.bulk_create(rows, ignore_conflicts=True)
    Likeness.objects.filter(Q(a__in=applications) | Q(b__in=applications)).delete()
    _meet(waiting, programmes, at=at)


def _meet(waiting: Iterable[Version], programmes: _Programmes, *, at: datetime) -> None:
    new = {version.pk for version in waiting}
    known = list(
        TextSketch.objects.filter(
            version__application__status__in=COUNTED, runs__gte=similarity.AT_LEAST_RUNS
        )
        .order_by("version_id")
        .values_list("version_id", "sketch")
    )
    pairs = similarity.candidates(
        [np.frombuffer(bytes(stored), np.uint32) for _, stored in known],
        fresh=[place for place, (version, _) in enumerate(known) if version in new],
    )
    met: dict[int, int] = {}
    chosen = []
    for a, b, _ in pairs:  # the likest first
        one, two = known[a][0], known[b][0]
        if any(met.get(version, 0) < MOST_PER_FILING for version in (one, two) if version in new):
            for version in (one, two):
                met[version] = met.get(version, 0) + 1
            chosen.append((one, two))
    for start in range(0, len(chosen), 100):
        _compare(chosen[start : start + 100], programmes, at=at)


def _compare(pairs: list[tuple[int, int]], programmes: _Programmes, *, at: datetime) -> None:
    versions = Version.objects.select_related("application").in_bulk(
        {version for pair in pairs for version in pair}
    )
    rows = []
    for pair in pairs:
        one, two = sorted((versions[pk] for pk in pair), key=lambda found: found.application_id)
        calls = (one.application.call_id, two.application.call_id)
        ignored = programmes.wording(calls[0]) | programmes.wording(calls[1])
        found = similarity.compare(
            _texts(programmes.of(calls[0]), one.snapshot),
            _texts(programmes.of(calls[1]), two.snapshot),
            ignored=ignored,
        )
        if found.share < similarity.KEPT:
            continue
        rows.append(
            Likeness(
                a=one.application,
                b=two.application,
                a_version=one.number,
                b_version=two.number,
                share=round(found.share, 4),
                fields=[asdict(field) for field in found.fields],
                passages=[asdict(passage) for passage in found.passages],
                found_at=at,
            )
        )
    Likeness.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["a", "b"],
        update_fields=["a_version", "b_version", "share", "fields", "passages", "found_at"],
    )


def _texts(programme: Programme, snapshot: dict[str, Any]) -> dict[str, str]:
    return similarity.texts(programme, snapshot.get("answers", {}))


class _Programmes:
    """The rules of each call, by its key, and the wording of its form: read once in a run."""

    def __init__(self) -> None:
        self.known: dict[int, tuple[Programme, set[int]]] = {}

    def _of(self, call: int) -> tuple[Programme, set[int]]:
        if call not in self.known:
            programme = Call.objects.get(pk=call).programme
            self.known[call] = (programme, similarity.wording(programme))
        return self.known[call]

    def of(self, call: int) -> Programme:
        return self._of(call)[0]

    def wording(self, call: int) -> set[int]:
        return self._of(call)[1]


def forget(application: Application) -> None:
    """A filing that no longer counts is like no other."""
    Likeness.objects.filter(Q(a=application) | Q(b=application)).delete()
