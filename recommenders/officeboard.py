"""What the office's pages of the recommendation show."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS
from calls.models import Call
from recommenders import liststates, queries
from recommenders.models import Allotment, OverQuotaRequest, RankedList, SealedScan
from recommenders.quota import FULL, OVER, Ledger, combine


@dataclass(frozen=True, slots=True)
class ListRow:
    ranked: RankedList
    ledger: Ledger
    filed: int
    looks: int


def lists(call: Call) -> list[ListRow]:
    """Every unit with its state, quota and filings, in a fixed number of queries."""
    figures: dict[int, list[Ledger]] = defaultdict(list)
    for one in queries.with_figures(Allotment.objects.filter(call=call)):
        figures[one.organisation_id].append(queries.ledger_of(one))
    filed = dict(
        Application.objects.filter(call=call, status__in=SEEN_BY_OTHERS)
        .values_list("recommender")
        .annotate(n=Count("pk"))
    )
    looks = dict(
        SealedScan.objects.filter(
            list_version__list__call=call, state=SealedScan.State.MANUAL_PENDING
        )
        .values_list("list_version__list")
        .annotate(n=Count("pk"))
    )
    found = (
        RankedList.objects.filter(call=call)
        .select_related("organisation", "call", "delivered_by")
        .order_by("organisation__kind", "organisation__region", "organisation")
    )
    return [
        ListRow(
            one,
            combine(figures[one.organisation_id]) if figures[one.organisation_id] else Ledger(0),
            filed.get(one.organisation_id, 0),
            looks.get(one.pk, 0),
        )
        for one in found
    ]


TABS = (
    ("", "全部"),
    ("active", "有申报"),
    (liststates.OPEN, "未确认"),
    (liststates.FROZEN, "待盖章"),
    (liststates.SEALED, "待报送"),
    (liststates.DELIVERED, "已报送"),
    ("overdue", "逾期未确认"),
    ("look", "待复核"),
)


def shown(row: ListRow, state: str) -> bool:
    match state:
        case "":
            return True
        case "active":
            return row.filed > 0
        case "overdue":
            return row.ranked.flagged_at is not None and row.ranked.state == liststates.OPEN
        case "look":
            return row.looks > 0
        case liststates.OPEN:
            return row.ranked.state == state and row.filed > 0
        case _:
            return row.ranked.state == state


def tabs(rows: Sequence[ListRow], state: str) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "label": label,
            "count": sum(shown(row, key) for row in rows),
            "current": key == state,
        }
        for key, label in TABS
    ]


def calls(found: Sequence[Call], *, at: datetime) -> list[dict[str, Any]]:
    """Each call with how many lists were delivered and how many requests wait."""
    delivered = dict(
        RankedList.objects.filter(call__in=found, state=liststates.DELIVERED)
        .values_list("call")
        .annotate(n=Count("pk"))
    )
    waiting = dict(
        OverQuotaRequest.objects.filter(
            allotment__call__in=found, state=OverQuotaRequest.State.PENDING
        )
        .values_list("allotment__call")
        .annotate(n=Count("pk"))
    )
    active = dict(
        RankedList.objects.filter(call__in=found)
        .filter(
            Q(
                organisation__in=Application.objects.filter(
                    call__in=found, status__in=SEEN_BY_OTHERS
                ).values("recommender")
            )
        )
        .values_list("call")
        .annotate(n=Count("pk"))
    )
    return [
        {
            "call": one,
            "phase": one.phase_title(at),
            "delivered": delivered.get(one.pk, 0),
            "active": active.get(one.pk, 0),
            "waiting": waiting.get(one.pk, 0),
        }
        for one in found
    ]


def allotments(call: Call) -> list[tuple[Allotment, Ledger]]:
    names = queries.scope_names(call)
    found = queries.with_figures(
        Allotment.objects.filter(call=call).select_related("organisation")
    ).order_by("organisation__kind", "organisation__region", "organisation", "scope", "pool")
    return [(one, queries.ledger_of(one, scope_name=names.get(one.scope, ""))) for one in found]


ONLY: dict[str, Callable[[Allotment, Ledger], bool]] = {
    "apart": lambda one, ledger: not one.counts_in_region,
    "full": lambda one, ledger: ledger.state in (FULL, OVER),
    "asked": lambda one, ledger: ledger.pending > 0,
}


def sums(rows: Sequence[tuple[Allotment, Ledger]]) -> dict[str, Any]:
    """The figures above the quota table: in the region, apart from it, full, asked for."""
    region = [ledger for one, ledger in rows if one.counts_in_region]
    apart = [ledger for one, ledger in rows if not one.counts_in_region]
    return {
        "region": combine(region) if region else Ledger(0),
        "apart": combine(apart) if apart else Ledger(0),
        "full": sum(ONLY["full"](*row) for row in rows),
        "asked": sum(ledger.pending for _, ledger in rows),
    }


def with_ledgers(
    requests: Sequence[OverQuotaRequest],
) -> list[tuple[OverQuotaRequest, Ledger]]:
    figures = {
        one.pk: queries.ledger_of(one)
        for one in queries.with_figures(
            Allotment.objects.filter(pk__in={request.allotment_id for request in requests})
        )
    }
    return [(request, figures[request.allotment_id]) for request in requests]
