"""The ministry's one page on every level of a call, and its workbook."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.policy import policy
from audit.services import Actor
from calls.models import LevelDate
from core.figures import whole
from documents import workbook
from recommenders import access, levelstate
from recommenders.views.filings import workbook_response
from recommenders.views.request import Request

Key = LevelDate.Key
COLUMNS = (
    ("单位", 36),
    ("类型", 18),
    ("上级单位", 30),
    ("填写中", 0),
    ("申报", 0),
    ("撤回或失效", 0),
    ("已上报", 0),
    ("不上报", 0),
    ("待初审", 0),
    ("上报名额", 0),
    ("已推荐", 0),
    ("推荐名额", 0),
    ("名单", 0),
    ("扫描件", 0),
    ("收到纸质（份）", 0),
    ("申报截止（不含）", 20),
    ("上报截止（不含）", 20),
    ("推荐截止（不含）", 20),
    ("纸质截止（不含）", 20),
)


@require_safe
@policy(*roles.OFFICE)
def levels(request: Request, code: str) -> HttpResponse:
    """Every recommender; with ``?under=`` one of them and all units below it."""
    call = access.office_call(request, code)
    roots = levelstate.of(call)
    typed = request.GET.get("under", "")
    wanted = whole(typed)
    under = None if wanted is None else levelstate.find(roots, wanted)
    if typed and under is None:
        raise Http404("没有这个单位。")
    chosen = request.GET.get("show", "busy")
    chosen = chosen if chosen in levelstate.SHOWN else ""
    keep = levelstate.SHOWN[chosen][1]
    path = []
    if under and under.unit.parent_id:
        above = levelstate.find(roots, under.unit.parent_id)
        path = [above] if above else []
    return render(
        request,
        "recommenders/office_levels.html",
        {
            "call": call,
            "now": call.time(request.arrived_at),
            "under": under,
            "path": path,
            "nodes": list(under.walk()) if under else [node for node in roots if keep(node)],
            "tabs": [
                (key, words, sum(map(test, roots)))
                for key, (words, test) in levelstate.SHOWN.items()
            ],
            "chosen": chosen,
        },
    )


@require_safe
@policy(*roles.OFFICE)
def sheet(request: Request, code: str) -> HttpResponse:
    """Every unit of every level, from the top down."""
    call = access.office_call(request, code)
    rows = [
        [
            "　" * node.depth + node.unit.name,
            node.unit.get_kind_display(),
            node.unit.parent.name if node.depth and node.unit.parent else "",
            node.drafts,
            node.filed,
            node.gone,
            node.forwarded if node.depth else None,
            node.held if node.depth else None,
            node.waiting if node.depth else None,
            node.limit,
            node.ledger.used if node.ledger else None,
            ("不限" if node.ledger.limit is None else node.ledger.limit) if node.ledger else None,
            node.state_words if node.ranked else "",
            {"ok": "相符", "manual_pending": "待复核", "": ""}.get(node.scan, "不符"),
            node.paper,
            node.until[Key.FILING],
            node.until[Key.PRESELECTION],
            node.until[Key.RECOMMENDATION],
            node.until[Key.PAPER],
        ]
        for root in levelstate.of(call)
        for node in root.walk()
        if node.busy or not node.depth
    ]
    data = workbook.workbook(
        f"{call.title}：各级状态",
        COLUMNS,
        rows,
        page="数据",
        foot=workbook.taken(
            name=Actor.of(request).name,
            unit=request.acting.organisation.name,
            at=request.arrived_at,
        ),
    )
    return workbook_response(data, f"各级状态-{call.code}.xlsx")
