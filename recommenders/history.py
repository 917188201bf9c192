"""Who did what with a unit's quota and list, when, and what it was before: read from the trail."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from applications.models import Application
from audit.models import Entry
from recommenders import filings
from recommenders.models import Allotment, OverQuotaRequest, PaperSelection, RankedList

PLACES, ORDER, LIST, OVER, BELOW = "places", "order", "list", "over", "below"
KINDS = {
    PLACES: "名额与推荐",
    ORDER: "排序与备注",
    LIST: "名单与扫描件",
    OVER: "超额申请",
    BELOW: "初审与核查",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the record. ``before`` and ``after`` are words, empty where nothing changed."""

    at: datetime
    who: str
    role: str
    kind: str
    what: str
    title: str = ""
    public_id: str = ""
    before: str = ""
    after: str = ""
    reason: str = ""


Data = Mapping[str, Any]
Words = tuple[str, Callable[[Data], str], Callable[[Data], tuple[str, str]], Callable[[Data], str]]


def _limit(value: Any) -> str:
    return "不限" if value is None else f"{value} 项"


def _nothing(data: Data) -> tuple[str, str]:
    return "", ""


def _span(words: Callable[[Any], str]) -> Callable[[Data], tuple[str, str]]:
    return lambda data: (words(data.get("before")), words(data.get("after")))


def _no(data: Data) -> str:
    return ""


def _of(key: str) -> Callable[[Data], str]:
    return lambda data: str(data.get(key) or "")


def _said(words: str) -> Callable[[Data], str]:
    return lambda data: words


def _confirmed(data: Data) -> str:
    parts = [f"推荐，列第 {data.get('rank', '—')} 位"]
    if data.get("granted"):
        parts.append("使用经批准增加的名额")
    if data.get("pool"):
        parts.append(f"使用{data['pool']}名额，不占本单位名额")
    if data.get("condition"):
        parts.append(f"有条件：{data['condition']}")
    return "；".join(parts)


ACTIONS: dict[str, Words] = {
    "change_limit": (PLACES, _said("调整名额"), _span(_limit), _of("reason")),
    "confirm": (PLACES, _confirmed, _nothing, _of("clash")),
    "release": (PLACES, _said("撤下，名额释放"), _nothing, _of("why")),
    "reserve": (ORDER, _said("列为备选"), _nothing, _no),
    "unreserve": (ORDER, _said("移出备选"), _nothing, _no),
    "rank": (ORDER, _said("调整序号"), _span(lambda n: f"第 {n} 位"), _no),
    "order_by_score": (
        ORDER,
        lambda data: f"按初评分重排，{data.get('moved', 0)} 项移动",
        _nothing,
        _no,
    ),
    "undo": (ORDER, lambda data: f"撤销：{data.get('what', '')}", _nothing, _no),
    "note": (ORDER, _said("修改备注"), lambda data: ("", str(data.get("note", ""))), _no),
    "condition": (
        ORDER,
        _said("修改推荐条件"),
        _span(lambda text: str(text or "无条件")),
        _no,
    ),
    "condition_met": (ORDER, _said("登记条件已落实"), _nothing, _of("note")),
    "explain_clash": (ORDER, _said("说明重复情况"), _nothing, _of("reason")),
    "propose_list": (LIST, _said("提请审批名单"), _nothing, _no),
    "submit_list": (
        LIST,
        lambda data: f"确认第 {data['version']} 版，{data['rows']} 项，指纹 {data['hash'][:16]}",
        _nothing,
        _no,
    ),
    "void_version": (
        LIST,
        lambda data: f"第 {data.get('version')} 版作废，名单重新打开",
        _nothing,
        _of("reason"),
    ),
    "deliver": (LIST, lambda data: f"报送第 {data['version']} 版", _nothing, _no),
    "receive_scan": (LIST, _said("上传盖章扫描件"), _nothing, _no),
    "flag_unsubmitted": (LIST, _said("推荐截止时名单未确认，已标记"), _nothing, _no),
    "settle_unsubmitted": (
        LIST,
        lambda data: "按现状收取名单" if data.get("accept") else "结束该单位推荐",
        _nothing,
        _of("reason"),
    ),
    "request_over_quota": (OVER, _said("提出超额申请"), _nothing, _of("reason")),
    "cancel_over_quota": (OVER, _said("撤回超额申请"), _nothing, _no),
    "decide_over_quota": (
        OVER,
        lambda data: "同意超额推荐" if data.get("approve") else "不同意超额推荐",
        _nothing,
        _of("note"),
    ),
    "forward": (
        BELOW,
        lambda data: f"下级上报，本级第 {data['rank']} 位" if data.get("rank") else "下级上报",
        _nothing,
        _of("note"),
    ),
    "hold": (BELOW, _said("下级不上报"), _nothing, _of("note")),
    "visit": (
        BELOW,
        lambda data: "登记现场核查，通过" if data.get("passed") else "登记现场核查，不通过",
        _nothing,
        _no,
    ),
    "paper_selection": (
        BELOW,
        lambda data: f"录入线下评审结果，{len(data['results'])} 项，纪要 {data['minutes'][:16]}",
        _nothing,
        _no,
    ),
}


def of(ranked: RankedList) -> list[Event]:
    """Everything that was done, newest first. Seven queries."""
    call, unit = ranked.call_id, ranked.organisation_id
    applications = {
        one.pk: one
        for one in Application.objects.filter(filings.area(unit), call=call).only(
            "pk", "title", "public_id"
        )
    }
    requests = dict(
        OverQuotaRequest.objects.filter(
            allotment__call=call, allotment__organisation=unit
        ).values_list("pk", "application")
    )
    allotments = list(
        Allotment.objects.filter(call=call, organisation=unit).values_list("pk", flat=True)
    )
    papers = PaperSelection.objects.filter(call=call, organisation=unit)
    subjects = {f"recommenders.rankedlist:{ranked.pk}": 0}
    subjects |= {f"recommenders.allotment:{pk}": 0 for pk in allotments}
    subjects |= {
        f"recommenders.paperselection:{pk}": 0 for pk in papers.values_list("pk", flat=True)
    }
    subjects |= {f"recommenders.overquotarequest:{pk}": app for pk, app in requests.items()}
    subjects |= {f"applications.application:{pk}": pk for pk in applications}
    entries = Entry.objects.filter(
        action__in=[f"recommenders.{name}" for name in ACTIONS], subject__in=list(subjects)
    ).order_by("-at", "-pk")
    return [_event(entry, applications.get(subjects[entry.subject])) for entry in entries]


def _event(entry: Entry, application: Application | None) -> Event:
    kind, what, span, reason = ACTIONS[entry.action.removeprefix("recommenders.")]
    before, after = span(entry.data)
    return Event(
        at=entry.at,
        who="系统" if entry.actor_name == "clock" else entry.actor_name,
        role=entry.actor_role,
        kind=kind,
        what=what(entry.data),
        title=application.title if application else "",
        public_id=application.public_id if application else "",
        before=before,
        after=after,
        reason=reason(entry.data),
    )


def shown(events: Sequence[Event], *, kind: str, q: str) -> list[Event]:
    """The events of one kind that hold these words."""
    words = q.lower()
    return [
        one
        for one in events
        if kind in ("", one.kind)
        and (not words or words in f"{one.title}{one.who}{one.what}{one.reason}".lower())
    ]
