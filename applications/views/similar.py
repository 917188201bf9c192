"""Filings whose texts are alike, side by side. For staff; applicants never come here."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from applications import access, similarity
from applications.models import Application, Likeness, Version
from calls.models import Call

SHARES = (30, 50, 70, 90, 15)
"""Thresholds in percent, the usual one first."""
PER_PAGE = 30
MARGIN = 60
"""Characters shown around a passage."""


def _seen(request: HttpRequest) -> QuerySet[Application]:
    """The filings whose contents the person may read now: the recommender's after filing."""
    acting = request.acting  # type: ignore[attr-defined]
    found = access.visible_to(acting)
    if acting.role in roles.RECOMMENDER:
        at = request.arrived_at  # type: ignore[attr-defined]
        calls = Call.objects.filter(pk__in=found.values("call"))
        probe = Application()
        shut = []
        for call in calls:
            probe.call = call
            if not access.contents_open(probe, at=at):
                shut.append(call.pk)
        found = found.exclude(call__in=shut)
    return found


@require_safe
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def similar(request: HttpRequest) -> HttpResponse:
    """Pairs above a share, the likest first; both filings are ones the person may read."""
    seen = _seen(request)
    calls = list(Call.objects.filter(pk__in=seen.values("call")).order_by("-created_at", "-pk"))
    least = _share(request.GET.get("share", ""))
    pairs = (
        Likeness.objects.filter(a__in=seen, b__in=seen, share__gte=Decimal(least) / 100)
        .select_related(
            "a__call",
            "b__call",
            "a__organisation",
            "b__organisation",
            "a__recommender",
            "b__recommender",
        )
        .order_by("-share", "pk")
    )
    call = next((one for one in calls if one.code == request.GET.get("call")), None)
    if call is not None:
        pairs = pairs.filter(Q(a__call=call) | Q(b__call=call))
    if request.GET.get("others"):
        pairs = pairs.exclude(a__organisation=F("b__organisation"))
    page = Paginator(pairs, PER_PAGE).get_page(request.GET.get("page"))
    away = 0
    if request.acting.role in roles.RECOMMENDER:  # type: ignore[attr-defined]
        away = (
            Likeness.objects.filter(share__gte=Decimal(least) / 100)
            .filter(Q(a__in=seen) ^ Q(b__in=seen))
            .count()
        )
    return render(
        request,
        "applications/similar.html",
        {
            "page_obj": page,
            "rows": [{"pair": pair, "percent": _percent(pair.share)} for pair in page],
            "calls": calls,
            "chosen": call,
            "shares": SHARES,
            "least": least,
            "others": bool(request.GET.get("others")),
            "away": away,
        },
    )


def alike_of(request: HttpRequest, application: Application) -> list[dict[str, Any]]:
    """The likest filings of one, for staff who may read both; nothing for anybody else."""
    if request.acting.role not in (*roles.RECOMMENDER, *roles.OFFICE):  # type: ignore[attr-defined]
        return []
    seen = _seen(request)
    pairs = (
        Likeness.objects.filter(Q(a=application) | Q(b=application), a__in=seen, b__in=seen)
        .filter(share__gte=Decimal(SHARES[0]) / 100)
        .select_related("a", "b")
        .order_by("-share", "pk")[:5]
    )
    return [
        {
            "pair": pair,
            "percent": _percent(pair.share),
            "other": pair.b if pair.a_id == application.pk else pair.a,
        }
        for pair in pairs
    ]


def _share(typed: str) -> int:
    return int(typed) if typed in {str(share) for share in SHARES} else SHARES[0]


def _percent(share: Decimal) -> int:
    return round(share * 100)


@require_safe
@policy(*roles.RECOMMENDER, *roles.OFFICE)
def pair(request: HttpRequest, pk: int) -> HttpResponse:
    """Two filings with the passages they have in common, one beside the other."""
    seen = _seen(request)
    found = (
        Likeness.objects.filter(pk=pk, a__in=seen, b__in=seen)
        .select_related("a__call", "b__call", "a__organisation", "b__organisation")
        .first()
    )
    if found is None:
        raise Http404("没有这一对申报。")
    sides = [_side(found.a, found.a_version), _side(found.b, found.b_version)]
    return render(
        request,
        "applications/similar_pair.html",
        {
            "pair": found,
            "call": found.a.call,
            "percent": _percent(found.share),
            "sides": sides,
            "fields": [
                {
                    "a": sides[0]["titles"].get(one["a_field"], one["a_field"]),
                    "b": sides[1]["titles"].get(one["b_field"], one["b_field"]),
                    "percent": round(one["share"] * 100),
                }
                for one in found.fields
            ],
            "passages": [
                {
                    "chars": one["a_end"] - one["a_start"],
                    "left": _excerpt(sides[0], one["a_field"], one["a_start"], one["a_end"]),
                    "right": _excerpt(sides[1], one["b_field"], one["b_start"], one["b_end"]),
                }
                for one in found.passages
            ],
        },
    )


def _side(application: Application, number: int) -> dict[str, Any]:
    version = Version.objects.get(application=application, number=number)
    spec = application.call.programme
    return {
        "application": application,
        "number": number,
        "texts": similarity.texts(spec, version.snapshot.get("answers", {})),
        "titles": similarity.titles(spec),
    }


def _excerpt(side: dict[str, Any], field: str, start: int, end: int) -> dict[str, str]:
    """The passage with a little of what stands around it."""
    text = side["texts"].get(field, "")
    first, last = max(0, start - MARGIN), min(len(text), end + MARGIN)
    return {
        "field": side["titles"].get(field, field),
        "before": ("…" if first else "") + text[first:start],
        "same": text[start:end],
        "after": text[end:last] + ("…" if last < len(text) else ""),
    }
