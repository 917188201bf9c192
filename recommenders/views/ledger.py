"""The whole record of a unit's quota and list, for the unit and for the office, with exports."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from documents import workbook
from recommenders import access, board, history, officeboard
from recommenders.models import Confirmation, RankedList
from recommenders.views.filings import workbook_response
from recommenders.views.request import Request

PER_PAGE = 100
HISTORY = (
    ("时间", 20),
    ("办理人", 12),
    ("身份", 12),
    ("类别", 14),
    ("事项", 40),
    ("项目", 40),
    ("变动前", 20),
    ("变动后", 20),
    ("理由或说明", 40),
)
ALLOTMENTS = (
    ("推荐单位", 34),
    ("类型", 18),
    ("范围", 20),
    ("名额池", 12),
    ("名额", 8),
    ("已推荐", 8),
    ("其中经批准超出", 14),
    ("待批", 8),
    ("剩余", 8),
    ("性质", 10),
    ("占属地指标", 12),
    ("依据", 40),
)


def _chosen(request: Request, ranked: RankedList) -> tuple[list[history.Event], str, str]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in history.KINDS else ""
    q = request.GET.get("q", "").strip()[:60]
    return history.shown(history.of(ranked), kind=kind, q=q), kind, q


def _page(request: Request, ranked: RankedList, *, office: bool) -> HttpResponse:
    events, kind, q = _chosen(request, ranked)
    ledger, scopes = board.meters(ranked)
    context: dict[str, Any] = {
        "call": ranked.call,
        "ranked": ranked,
        "office": office,
        "page": Paginator(events, PER_PAGE).get_page(request.GET.get("page")),
        "kinds": history.KINDS.items(),
        "kind": kind,
        "q": q,
        "ledger": ledger,
        "scopes": scopes,
        "confirmations": Confirmation.objects.filter(
            allotment__call=ranked.call_id, allotment__organisation=ranked.organisation_id
        )
        .select_related("application__organisation", "proposed_by", "released_by", "allotment")
        .order_by("-confirmed_at", "-pk"),
        "versions": ranked.versions.select_related(
            "document", "prepared_by", "approved_by"
        ).order_by("-number"),
        "requests": board.requests_of(ranked),
    }
    return render(request, "recommenders/history.html", context)


def _sheet(request: Request, ranked: RankedList) -> HttpResponse:
    events, kind, q = _chosen(request, ranked)
    said = [history.KINDS[kind]] if kind else []
    data = workbook.workbook(
        f"{ranked.call.title}：{ranked.organisation.name}办理记录",
        HISTORY,
        [
            [
                one.at,
                one.who,
                dict(roles.Role.choices).get(one.role, ""),
                history.KINDS[one.kind],
                one.what,
                one.title,
                one.before,
                one.after,
                one.reason,
            ]
            for one in events
        ],
        page="数据",
        foot=workbook.taken(
            name=Actor.of(request).name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
            shown="，".join([*said, f"“{q}”"] if q else said) or "全部",
        ),
    )
    return workbook_response(data, f"办理记录-{ranked.call.code}.xlsx")


@require_safe
@policy(*roles.RECOMMENDER)
def own(request: Request, code: str) -> HttpResponse:
    """Who confirmed what, when, and what it was before."""
    return _page(request, access.unit_list(request, code), office=False)


@require_safe
@policy(*roles.RECOMMENDER)
def own_sheet(request: Request, code: str) -> HttpResponse:
    return _sheet(request, access.unit_list(request, code))


@require_safe
@policy(*roles.OFFICE)
def office(request: Request, pk: int) -> HttpResponse:
    return _page(request, access.office_list(request, pk), office=True)


@require_safe
@policy(*roles.OFFICE)
def office_sheet(request: Request, pk: int) -> HttpResponse:
    return _sheet(request, access.office_list(request, pk))


@require_safe
@policy(*roles.OFFICE)
def allotments_sheet(request: Request, code: str) -> HttpResponse:
    """The quota ledger of a call: every unit, scope and pool with used, pending and limit."""
    call = access.office_call(request, code)
    rows = officeboard.allotments(call)
    data = workbook.workbook(
        f"{call.title}：名额表",
        ALLOTMENTS,
        [
            [
                one.organisation.name,
                one.organisation.get_kind_display(),
                ledger.scope_name or "整个批次",
                one.pool,
                one.limit if one.limit is not None else "不限",
                ledger.used,
                ledger.over,
                ledger.pending,
                ledger.free if ledger.free is not None else "不限",
                "未规定" if one.limit is None else "原则上" if one.soft else "刚性",
                "是" if one.counts_in_region else "否",
                one.source,
            ]
            for one, ledger in rows
        ],
        page="数据",
        foot=workbook.taken(
            name=Actor.of(request).name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
        ),
    )
    return workbook_response(data, f"名额表-{call.code}.xlsx")
