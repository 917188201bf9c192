"""Submitted filings, their versions, deadlines and numbers."""

import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Max

from applications.models import Application, Version
from applications.workflow import Status
from audit.models import Entry
from calls.models import Call, Extension, LevelDate
from documents.fingerprints import fingerprint
from documents.models import Counter
from portal.invariants.base import check
from recommenders.models import ListVersion

Found = Iterator[tuple[str, str]]
NEVER_SUBMITTED = (Status.DRAFT, Status.LAPSED, Status.WITHDRAWN)
SUBMISSIONS = ("applications.submit", "applications.correct")
DATE_CHANGES = ("calls.set_dates", "calls.set_level_date", "calls.decide_extension")


def _name(pk: int) -> str:
    return f"applications.application:{pk}"


@check("R1")
def submitted_has_its_version() -> Found:
    """R1: whatever stands as submitted has the version it was acknowledged with, and its number."""
    for application in (
        Application.objects.annotate(latest=Max("versions__number"), kept=Count("versions"))
        .only("pk", "status", "number", "version_number", "submitted_at")
        .iterator(1000)
    ):
        name, latest = _name(application.pk), application.latest or 0  # type: ignore[attr-defined]
        if application.status not in NEVER_SUBMITTED and not latest:
            yield name, f"状态为“{application.get_status_display()}”，却没有提交版本"
        if application.version_number != latest:
            yield name, f"记为第 {application.version_number} 版，实存到第 {latest} 版"
        if application.kept != latest:  # type: ignore[attr-defined]
            yield name, f"应有 {latest} 个版本，实有 {application.kept} 个"  # type: ignore[attr-defined]
        if latest and not (application.number and application.submitted_at):
            yield name, "已提交而没有编号或提交时间"
        if not latest and application.number:
            yield name, f"从未提交而有编号 {application.number}"


@check("R5")
def versions_are_what_their_fingerprint_says() -> Found:
    """R5: each frozen version has the fingerprint of its contents, and papers drawn from it."""
    versions = Version.objects.select_related("form", "receipt").order_by("pk")
    for version in versions.iterator(200):
        name = f"applications.version:{version.pk}"
        if fingerprint(version.snapshot) != version.fingerprint:
            yield name, "冻结内容与指纹不符"
        for word, paper in (("申报书", version.form), ("回执", version.receipt)):
            if paper is None:
                yield name, f"没有{word}"
            elif paper.snapshot.get("content_fingerprint") != version.fingerprint:
                yield name, f"{word}不是由这一版生成的"


@check("R1")
def submission_time_is_that_of_the_last_version() -> Found:
    """R1: the instant shown on the receipt is that of the version in force."""
    latest = {
        version.application_id: version.arrived_at
        for version in Version.objects.order_by("application", "number").only(
            "application", "arrived_at"
        )
    }
    for pk, submitted_at in Application.objects.filter(version_number__gt=0).values_list(
        "pk", "submitted_at"
    ):
        if latest.get(pk) != submitted_at:
            yield _name(pk), "提交时间与最新版本的到达时间不同"


def _ends() -> dict[int, tuple[datetime | None, dict[int, datetime], dict[int, datetime]]]:
    """Of each call its date, the earliest date and the latest extension of each unit."""
    found: dict[int, tuple[datetime | None, dict[int, datetime], dict[int, datetime]]] = {
        pk: (until, {}, {}) for pk, until in Call.objects.values_list("pk", "filing_until")
    }
    for call, unit, until in LevelDate.objects.filter(key=LevelDate.Key.FILING).values_list(
        "call", "organisation", "until"
    ):
        found[call][1][unit] = until
    for call, unit, until in Extension.objects.filter(
        key=LevelDate.Key.FILING, state=Extension.State.APPROVED
    ).values_list("call", "organisation", "until"):
        known = found[call][2].get(unit)
        found[call][2][unit] = max(known, until) if known else until
    return found


def _last_change() -> dict[int, datetime]:
    """When the dates of a call were last changed by hand: earlier arrivals cannot be judged."""
    units = {f"calls.call:{pk}": pk for pk in Call.objects.values_list("pk", flat=True)}
    for model in (LevelDate, Extension):
        label = model._meta.label_lower
        units |= {f"{label}:{pk}": call for pk, call in model.objects.values_list("pk", "call")}
    found: dict[int, datetime] = {}
    for subject, at in (
        Entry.objects.filter(action__in=DATE_CHANGES).order_by("pk").values_list("subject", "at")
    ):
        if subject in units:
            found[units[subject]] = at
    return found


@check("R4")
def no_version_is_late() -> Found:
    """R4: no version arrived at or after the end in force for its filing.

    Left out, because it cannot be derived any more: what was sent in as a correction, and what
    was submitted before somebody changed the call's dates.
    """
    submissions: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for subject, before, at in (
        Entry.objects.filter(action__in=SUBMISSIONS)
        .order_by("pk")
        .values_list("subject", "data__before", "at")
    ):
        submissions[subject].append((before, at))
    ends, changed = _ends(), _last_change()
    for version in Version.objects.select_related("application__preselector").only(
        "number",
        "arrived_at",
        "application__call",
        "application__organisation",
        "application__recommender",
        "application__preselector__parent",
    ):
        application = version.application
        acts = submissions[_name(application.pk)]
        if version.number > len(acts):
            yield _name(application.pk), f"第 {version.number} 版没有提交的审计记录"
            continue
        before, at = acts[version.number - 1]
        last = changed.get(application.call_id)
        if before == Status.RETURNED or (last and at <= last):
            continue
        base, levels, extended = ends[application.call_id]
        first = application.preselector
        chain = [application.recommender_id, first and first.pk, first and first.parent_id]
        granted = [
            extended[unit] for unit in [*chain, application.organisation_id] if unit in extended
        ]
        bounds = [until for until in (base, *(levels.get(unit) for unit in chain if unit)) if until]
        end = max([*granted, *([base] if base else [])]) if granted else min(bounds, default=None)
        if end is None or version.arrived_at >= end:
            yield _name(application.pk), f"第 {version.number} 版到达时已过截止时间"


def _series(numbers: Iterator[str] | list[str]) -> list[int]:
    return sorted(int(found[-1]) for number in numbers if (found := re.findall(r"\d+", number)))


@check("R6")
def numbers_are_unique_and_without_gaps() -> Found:
    """R6: 申报编号 and the numbers of summary sheets run from 1 to their counter, each under the
    prefix of its call."""
    counters = dict(Counter.objects.values_list("series", "value"))
    given: dict[str, list[str]] = defaultdict(list)
    for call, prefix, number in Application.objects.exclude(number="").values_list(
        "call", "call__number_prefix", "number"
    ):
        given[f"application:{call}"].append(number)
        if not re.fullmatch(rf"{re.escape(prefix)}-\d{{6,}}", number):
            yield f"application:{call}", f"编号 {number} 不在本批次的前缀 {prefix} 之下"
    for call, number in ListVersion.objects.exclude(letter_number="").values_list(
        "list__call", "letter_number"
    ):
        given[f"summary-sheet:{call}"].append(number)
    for series in sorted({*counters, *given}):
        if not series.startswith(("application:", "summary-sheet:")):
            continue
        found, value = _series(given[series]), counters.get(series, 0)
        if len(set(found)) < len(found):
            yield series, "有重复的编号"
        missing = sorted(set(range(1, value + 1)) - set(found))
        if missing:
            yield series, f"缺编号 {missing[:10]}"
        if found and found[-1] > value:
            yield series, f"计数器为 {value}，已有编号 {found[-1]}"
