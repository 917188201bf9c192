"""Reading for the pages: lists, the week, rows of the form. The number of queries is fixed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery

from accounts import regions
from calls.programme import CHINA
from core.templatetags.jiebang import WEEKDAYS
from visits import form, report, slots
from visits.form import Form, Typed
from visits.models import Finding, Photo, Report, Seat, Visit, barring


def filtered(found: QuerySet[Visit], data: Mapping[str, Any]) -> QuerySet[Visit]:
    """Those that fit every part of the filter that is set."""
    if words := str(data.get("q") or "").strip():
        found = found.filter(
            Q(application__title__icontains=words)
            | Q(application__organisation__name__icontains=words)
            | Q(application__number__icontains=words)
        )
    if data.get("call"):
        found = found.filter(call__code=data["call"])
    if data.get("state"):
        found = found.filter(state=data["state"])
    if data.get("result"):
        found = found.filter(reports__voided_at=None, reports__result=data["result"])
    if data.get("region"):
        found = found.filter(application__organisation__region__startswith=str(data["region"])[:2])
    if data.get("direction"):
        found = found.filter(application__direction__key=data["direction"])
    if data.get("member"):
        found = found.filter(
            Exists(
                Seat.objects.filter(
                    visit=OuterRef("pk"), user=data["member"], state=Seat.State.ACTIVE
                )
            )
        )
    return found


def listed(found: QuerySet[Visit]) -> QuerySet[Visit]:
    """With all that a line shows."""
    in_force = Report.objects.filter(visit=OuterRef("pk"), voided_at=None)
    return (
        found.select_related(
            "call", "organisation", "application__organisation", "application__direction"
        )
        .prefetch_related(
            Prefetch(
                "seats",
                Seat.objects.filter(state=Seat.State.ACTIVE)
                .select_related("user", "expert")
                .annotate(barred=barring()),
                to_attr="team",
            )
        )
        .annotate(
            result=Subquery(in_force.values("result")[:1]),
            handed=Count(
                "seats",
                filter=Q(
                    seats__state=Seat.State.ACTIVE,
                    seats__finding__state=Finding.State.SUBMITTED,
                ),
                distinct=True,
            ),
        )
    )


def members(found: QuerySet[Visit]) -> list[tuple[int, str]]:
    """Who sits in these visits, for the filter."""
    rows = (
        Seat.objects.filter(visit__in=found, state=Seat.State.ACTIVE)
        .order_by("user__name", "user")
        .values_list("user", "user__name")
        .distinct()
    )
    return list(rows)


def result_words(value: str | None) -> str:
    return Report.Result(value).label if value else ""


RESULT_SHAPES = {"pass": "done", "fail": "no", "recheck": "fix"}


# The week ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week with its visits; ``note`` says why nobody works on it."""

    day: date
    weekday: str
    note: str
    visits: list[Visit]


def week(found: QuerySet[Visit], monday: date, *, notes: Mapping[date, str]) -> list[Day]:
    begin = datetime.combine(monday, time(), CHINA)
    rows = listed(
        found.filter(starts_at__gte=begin, starts_at__lt=begin + timedelta(days=7))
        .exclude(state="cancelled")
        .order_by("starts_at", "pk")
    )
    held: dict[date, list[Visit]] = {}
    for one in rows:
        held.setdefault(one.starts_at.astimezone(CHINA).date(), []).append(one)
    days = [monday + timedelta(days=n) for n in range(7)]
    return [
        Day(day, f"星期{WEEKDAYS[day.weekday()]}", notes.get(day, ""), held.get(day, []))
        for day in days
        if day.weekday() < 5 or held.get(day)
    ]


def monday_of(asked: str, at: datetime) -> date:
    """The Monday named in the address, or that of now."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        day = at.astimezone(CHINA).date()
    return slots.week_of(day)


def region_of(visit: Visit) -> str:
    code = visit.application.organisation.region
    return regions.name_of(code) or code if code else "未注明"


# The form ---------------------------------------------------------------------------------------


def item_rows(sheet: Form, typed: Typed, wrong: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "item": item,
            "name": f"item-{item.key}",
            "note_name": f"note-{item.key}",
            "value": typed.answers.get(item.key, ""),
            "note": typed.notes.get(item.key, ""),
            "words": form.in_words(item, typed.answers.get(item.key, "")),
            "error": wrong.get(f"item-{item.key}", ""),
            "choices": [(form.YES, "是"), (form.NO, "否")]
            if item.kind == "yes_no"
            else [(one, one) for one in item.grades],
        }
        for item in sheet.items
    ]


def stated_rows(sheet: Form, typed: Typed) -> list[dict[str, Any]]:
    rows = []
    for row in sheet.stated:
        value = typed.seen.get(row.key, "")
        beside_stated, beside_reference = row.seen_compares(value)
        rows.append(
            {
                "row": row,
                "name": f"seen-{row.key}",
                "note_name": f"seennote-{row.key}",
                "value": value,
                "note": typed.seen_notes.get(row.key, ""),
                "beside_stated": report.said(beside_stated),
                "beside_reference": report.said(beside_reference),
            }
        )
    return rows


def compared(sheet: Form, typed: Typed) -> dict[str, str]:
    """What the page shows beside each seen value after a save."""
    return {
        row["name"]: beside(row["beside_stated"], row["beside_reference"])
        for row in stated_rows(sheet, typed)
        if row["value"]
    }


def beside(stated: str, reference: str) -> str:
    said = [f"与申报值比：{stated}"] if stated else []
    if reference:
        said.append(f"与参考值比：{reference}")
    return "　".join(said)


def photos(visit: Visit) -> list[Photo]:
    return list(visit.photos.filter(removed_at=None).select_related("blob", "uploaded_by"))


def removed_photos(visit: Visit) -> list[Photo]:
    return list(
        visit.photos.exclude(removed_at=None).select_related("blob").order_by("-removed_at")[:20]
    )


def findings(seats: Sequence[Seat], sheet: Form) -> list[dict[str, Any]]:
    """For the organiser: each member with what they wrote."""
    return [
        {
            "seat": seat,
            "finding": (found := report.finding_of(seat)),
            "items": item_rows(sheet, found.typed, {}),
            "stated": stated_rows(sheet, found.typed),
        }
        for seat in seats
    ]


def steps(visit: Visit) -> list[dict[str, str]]:
    """The way of a visit, for ``_steps.html``."""
    order = ("planned", "confirmed", "concluded", "done")
    titles = ("安排并通知", "申报单位确认", "现场评估、形成结论", "成员签署")
    here = order.index(visit.state) if visit.state in order else -1
    done = {"planned": 1, "confirmed": 2, "concluded": 3, "done": 4}.get(visit.state, 0)
    return [
        {
            "title": title,
            "state": "done" if at < done else "now" if at == done and here >= 0 else "",
        }
        for at, title in enumerate(titles)
    ]
