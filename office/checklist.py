"""What stands before a call opens: one line for each thing, done or not, with the way to it.

``open_call`` opens it. A call that is no rehearsal itself and was not played through as it is
opens only with a reason, which stays with the opening.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from audit.services import Actor
from calls import services as calls
from calls import standing
from calls.models import Call, Opening
from calls.programme import Step, outline
from core.errors import Refusal
from office import outlines
from office.models import Rehearsal
from office.rehearsal import facts, keeping
from outcomes import words

DONE, FIX, LOOK = "done", "fix", "wait"
"""In order; to be mended first; to be looked at, which stops nobody."""
LEAST_REASON = 5


@dataclass(frozen=True, slots=True)
class Line:
    state: str
    title: str
    words: str
    url: str = ""


def lines(call: Call, *, at: datetime) -> list[Line]:
    """The checklist of a call in preparation, in the order in which it is usually worked off."""
    page = reverse("office:call", args=[call.code])
    found = [_notices(call, page), _dates(call, page), _quota(call), _directions(call)]
    if Step.RECOMMENDATION in call.steps:
        found.append(_recommenders(call, at=at))
    return [*found, _sources(call), _rehearsed(call), _people(call)]


def _notices(call: Call, page: str) -> Line:
    count = call.notices.count()
    if count:
        return Line(DONE, "通知", f"已发布 {count} 件", f"{page}#notices")
    return Line(LOOK, "通知", "还没有发布通知，申报主体无从得知", f"{page}#notices")


def _dates(call: Call, page: str) -> Line:
    url = f"{page}#dates"
    needed = calls.needed_dates(call.programme)
    must = [one for one in ("filing_until", "recommendation_until") if one in needed]
    if missing := [calls.NAMES[one] for one in must if getattr(call, one) is None]:
        return Line(FIX, "期限", f"还没有填{'、'.join(missing)}", url)
    try:
        calls.check_dates(call)
    except Refusal as refusal:
        return Line(FIX, "期限", refusal.message, url)
    instants = {one: getattr(call, one) for one in needed}
    notes = [
        f"{one.title}是{one.note}" for one in outlines.days(call.programme, instants) if one.note
    ]
    unset = [calls.NAMES[one] for one in needed if instants[one] is None and one != "filing_from"]
    if unset:
        notes.append(f"{'、'.join(unset)}未定")
    return Line(LOOK if notes else DONE, "期限", "；".join(notes) or "已填，均在工作日", url)


def _quota(call: Call) -> Line:
    url = reverse("office:call_rules", args=[call.code])
    if Step.RECOMMENDATION not in call.steps:
        return Line(DONE, "推荐名额", "本方案没有推荐步骤")
    rows = call.programme.quota
    if not rows:
        return Line(FIX, "推荐名额", "方案文件没有写明谁可以推荐", url)
    open_ended = sum(one.limit is None for one in rows)
    said = f"{len(rows)} 条规则" + (f"，其中 {open_ended} 条未限数量" if open_ended else "")
    return Line(DONE, "推荐名额", said, url)


def _directions(call: Call) -> Line:
    url = reverse("office:directions_import", args=[call.code])
    found = standing.directions(call)
    complete = call.programme.directions_complete
    if not found:
        if complete:
            return Line(DONE, "方向与指标", "本批次不分方向", url)
        return Line(FIX, "方向与指标", "方向没有列全，也没有一个方向，请由表格导入", url)
    bare = sum(not one.indicators for one in found)
    said = f"{len(found)} 个方向"
    notes = ([] if complete else ["未列全"]) + ([f"{bare} 个没有参考指标"] if bare else [])
    return Line(LOOK if notes else DONE, "方向与指标", "，".join([said, *notes]), url)


def _recommenders(call: Call, *, at: datetime) -> Line:
    url = reverse("office:units")
    house = facts.recommenders(at=at)
    empty, short = [], 0
    for kind in call.programme.recommender_kinds:
        one = house.get(str(kind), {"units": 0, "one": 0})
        if not one["one"]:
            empty.append(words.RECOMMENDERS[kind])
        short += one["units"] - one["one"]
    if len(empty) == len(call.programme.recommender_kinds):
        return Line(FIX, "推荐单位", "没有一家推荐单位有人可以办理", url)
    if empty:
        return Line(LOOK, "推荐单位", f"{'、'.join(empty)}还没有人可以办理", url)
    if short:
        return Line(LOOK, "推荐单位", f"还有 {short} 家没有人可以办理", url)
    return Line(DONE, "推荐单位", "各类推荐单位都有人可以办理", url)


def _sources(call: Call) -> Line:
    many = len(outline.unverified(call.programme))
    newest = call.rules_versions.order_by("-number").values_list("number", flat=True).first()
    url = reverse("office:call_version", args=[call.code, newest]) if newest else ""
    if many:
        return Line(LOOK, "依据", f"{many} 处未核实或来源未说明", url)
    return Line(DONE, "依据", "全部写明依据", url)


def _rehearsed(call: Call) -> Line:
    url = reverse("office:call_rehearsal", args=[call.code])
    newest = keeping.latest(call)
    if newest is None:
        return Line(FIX, "演练", "还没有演练过", url)
    if keeping.is_stale(newest, call):
        return Line(FIX, "演练", "演练之后规则或期限又有改动，请重新演练", url)
    if newest.state != Rehearsal.State.PASSED:
        many = len(newest.report.get("dead_ends", []))
        return Line(FIX, "演练", f"有 {many} 处走不通", url)
    return Line(DONE, "演练", "走通，且与现行规则、期限一致", url)


def _people(call: Call) -> Line:
    stands = Opening.objects.select_related("proposed_by").filter(call=call).first()
    if stands is None or stands.proposed_by is None:
        return Line(DONE, "两人办理", "由主管审批人开放")
    return Line(DONE, "两人办理", f"规则由{stands.proposed_by.name}提交，由另一名主管审批人开放")


def was_rehearsed(call: Call) -> bool:
    """Whether the call as it stands was played to its end without a dead end."""
    newest = keeping.latest(call)
    return (
        newest is not None
        and newest.state == Rehearsal.State.PASSED
        and not keeping.is_stale(newest, call)
    )


def needs_reason(call: Call) -> bool:
    return not call.rehearsal and not was_rehearsed(call)


def open_call(call: Call, *, reason: str, actor: Actor, at: datetime) -> Call:
    """Open a call. Raises ``Refusal`` ``not-rehearsed`` (422) and those of ``calls.open_call``."""
    if needs_reason(call) and len(reason.strip()) < LEAST_REASON:
        raise Refusal(
            "not-rehearsed",
            "本批次按现行规则和期限还没有走通过一次演练。请先演练；"
            f"确需直接开放的，请写明理由（不少于 {LEAST_REASON} 字），理由随批次留存。",
            status=422,
        )
    kept = reason if needs_reason(call) else ""
    return calls.open_call(call, actor=actor, at=at, reason=kept)
