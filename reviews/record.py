"""What a closed round leaves behind: the score sheet of each direction, and the whole record.

Experts appear under the numbers of ``results.pseudonyms`` only; who they are is in the system.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from documents import services as documents
from documents.workbook import Page
from reviews import drawrecord, pages, results
from reviews.models import Assignment, Conflict, Result, Review, Round

CHINA = ZoneInfo("Asia/Shanghai")
MOST_NAMED = 12
"""Experts that have a column of their own; above, each application's scores stand side by side."""
HIGH, LOW = "high", "low"


def request_sheets(round: Round, *, at: datetime) -> None:
    """Ask for the score sheet of each direction of a round that has just been closed."""
    for group in pages.groups(round):
        number = documents.next_number(f"score-sheet:{round.call_id}")
        prefix = round.call.number_prefix
        documents.request_document(
            kind="score_sheet",
            subject=round,
            snapshot=sheet(round, group, number=f"{prefix}-PF-{number:04d}", at=at),
            title=f"专家评分汇总表：{round.title}（{group.title}）",
            organisation=round.organisation,
            at=at,
        )


def sheet(round: Round, group: pages.Group, *, number: str, at: datetime) -> dict[str, Any]:
    """The snapshot of one direction's score sheet (``documents.findings.ScoreSheet``)."""
    held = list(pages.results_of(round, group.key))
    totals = _totals(round, held)
    names = results.pseudonyms(round)
    experts = sorted({names[expert] for own in totals.values() for expert in own})
    side_by_side = len(experts) > MOST_NAMED
    if side_by_side:
        most = max((len(own) for own in totals.values()), default=0)
        experts = [f"第{n}份" for n in range(1, most + 1)]
    local = round.call.time(at).astimezone(CHINA)
    return {
        "call": {
            "code": round.call.code,
            "title": round.call.title,
            "demo": round.call.rehearsal,
        },
        "group": group.title,
        "number": number,
        "version": 1,
        "frozen_at": local.isoformat(timespec="seconds"),
        "date": local.date().isoformat(),
        "mode": round.title,
        "criteria": [f"{one.title}{one.weight}" for one in round.sheet.criteria],
        "full_marks": 100,
        "experts": experts,
        "rows": [
            _row(one, totals[one.application_id], names, experts, round, side_by_side)
            for one in held
        ],
        "notes": _notes(round, side_by_side),
    }


def _totals(round: Round, held: list[Result]) -> dict[int, dict[int, str]]:
    """By application the submitted total of each expert, two decimals."""
    found: dict[int, dict[int, str]] = {one.application_id: {} for one in held}
    rows = _submitted(round).values_list(
        "assignment__application_id", "assignment__expert_id", "total"
    )
    for application, expert, total in rows:
        if application in found:
            found[application][expert] = f"{total:.2f}"
    return found


def _submitted(round: Round) -> Any:
    return Review.objects.filter(
        assignment__round=round,
        assignment__state=Assignment.State.DEPLOYED,
        state=Review.State.SUBMITTED,
    ).order_by("assignment__application_id", "assignment__expert_id")


def _row(
    one: Result,
    own: dict[int, str],
    names: dict[int, str],
    experts: list[str],
    round: Round,
    side_by_side: bool,
) -> dict[str, Any]:
    said = sorted((names[expert], total) for expert, total in own.items())
    marks = _marks([total for _, total in said]) if round.method == "trimmed" else {}
    cells: list[dict[str, str]] = [
        {"text": total, **({"mark": marks[at]} if at in marks else {})}
        for at, (_, total) in enumerate(said)
    ]
    if side_by_side:
        scores = cells + [{"text": "—"}] * (len(experts) - len(cells))
    else:
        placed = {name: cell for (name, _), cell in zip(said, cells, strict=True)}
        scores = [placed.get(name, {"text": "—"}) for name in experts]
    return {
        "rank": one.rank or "—",
        "title": one.application.title,
        "organisation": one.application.organisation.name,
        "scores": scores,
        "counted": len(own) - len(marks),
        "average": f"{one.score:.2f}" if one.score is not None else "—",
        "advice": "",
    }


def _marks(totals: list[str]) -> dict[int, str]:
    """Which of these scores the trimmed mean leaves out: one highest, one lowest."""
    if len(totals) < 3:
        return {}
    order = sorted(range(len(totals)), key=lambda at: float(totals[at]))
    return {order[0]: LOW, order[-1]: HIGH}


def _notes(round: Round, side_by_side: bool) -> list[str]:
    notes = [f"计分方法：{round.get_method_display()}；"]
    if round.method == "trimmed":
        notes.append("△为最高分，▽为最低分，均不计入平均分；")
    if round.method == "z_score":
        notes.append("各专家评分先按其本人均值和离散程度标准化，再求平均；表中为原始总分；")
    if side_by_side:
        notes.append("各列为该项目收到的各份评分，同一列不是同一名专家；")
    notes.append(f"少于{round.min_reviews}份评分的不排名；专家以代号表示；评审建议由评审组填写。")
    return notes


# The record --------------------------------------------------------------------------------------


def record(round: Round, group: pages.Group | None = None) -> list[Page]:
    """Everything of a round that can be looked into later, as the pages of a workbook; of one
    direction, when one is named.
    """
    names = results.pseudonyms(round)
    entries = {one.application_id: one for one in _entries(round, group)}
    return [
        _about(round, group),
        _applications(round, entries),
        _tasks(round, names, entries),
        _conflicts(round, names, entries),
        _scores(round, names, entries),
        _comments(round, names, entries),
    ]


def _entries(round: Round, group: pages.Group | None) -> Any:
    held = round.entries.select_related(
        "application__organisation", "application__direction", "version"
    ).order_by("number")
    return held.filter(application__direction=group.key or None) if group else held


def _when(instant: datetime | None) -> str:
    return f"{instant.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" if instant else ""


def _about(round: Round, group: pages.Group | None) -> Page:
    draw = next((one for one in drawrecord.of(round) if one.is_out), None)
    rows: list[tuple[str, str | int]] = [
        ("批次", round.call.title),
        ("轮次", round.title),
        ("方向", group.title if group else "全部"),
        ("组织单位", round.organisation.name if round.organisation else "主管部门"),
        ("计分方法", round.get_method_display()),
        ("最少评审数", round.min_reviews),
        ("每项专家数", round.experts_per_application),
        ("匿名评审", "是" if round.blind else "否"),
        ("地区回避", "是" if round.region_recusal else "否"),
        ("建立时间", _when(round.created_at)),
        ("下发时间", _when(round.deployed_at)),
        ("结束时间", _when(round.closed_at)),
        ("拟定分配", round.proposed_by.name if round.proposed_by else ""),
        ("批准下发", round.approved_by.name if round.approved_by else ""),
        ("抽取种子承诺值", round.seed_commitment),
        ("抽取种子", round.seed_shown),
        ("抽取输入指纹", draw.fingerprint if draw else ""),
        ("抽取结果指纹", draw.outcome_fingerprint if draw else ""),
        ("核对办法", "种子的 SHA-256 应与事先公布的承诺值相同；复算用该轮的抽取记录"),
    ]
    return Page("轮次", f"评审记录：{round.title}", (("项目", 20), ("内容", 72)), rows)


def _applications(round: Round, entries: dict[int, Any]) -> Page:
    held = {one.application_id: one for one in round.results.all()}
    columns = (
        ("评审编号", 12), ("申报编号", 18), ("项目名称", 36), ("申报单位", 30), ("方向", 24),
        ("版本", 6), ("版本指纹", 68), ("得分", 10), ("名次", 8), ("名次区间", 12),
        ("评审数", 8), ("提示", 24),
    )  # fmt: skip
    rows = []
    for entry in entries.values():
        one = held.get(entry.application_id)
        direction = entry.application.direction
        rows.append(
            (
                entry.label,
                entry.application.number,
                entry.application.title,
                entry.application.organisation.name,
                direction.title if direction else "",
                entry.version.number,
                entry.version.fingerprint,
                f"{one.score:.2f}" if one and one.score is not None else "",
                one.rank if one and one.rank else "",
                f"{one.rank_low}–{one.rank_high}" if one and one.rank_low else "",
                one.reviews_count if one else 0,
                "、".join(one.flag_words) if one else "",
            )
        )
    return Page("结果", "参评项目与结果", columns, rows)


def _tasks(round: Round, names: dict[int, str], entries: dict[int, Any]) -> Page:
    columns = (
        ("评审编号", 12), ("专家", 10), ("状态", 10), ("拟定", 20), ("下发", 20), ("申明", 20),
        ("终止", 20), ("终止原因", 40),
    )  # fmt: skip
    rows = [
        (
            entries[one.application_id].label,
            names[one.expert_id],
            one.get_state_display(),
            _when(one.proposed_at),
            _when(one.deployed_at),
            _when(one.declared_at),
            _when(one.ended_at),
            "须回避" if one.state == Assignment.State.RECUSED else one.reason,
        )
        for one in round.assignments.order_by("application_id", "pk")
        if one.application_id in entries
    ]
    return Page("分配", "评审任务", columns, rows)


def _conflicts(round: Round, names: dict[int, str], entries: dict[int, Any]) -> Page:
    found = Conflict.objects.filter(
        expert__pool=round.pool_id, application__in=list(entries)
    ).order_by("application_id", "pk")
    rows = [
        (
            entries[one.application_id].label,
            names.get(one.expert_id, "未参加本轮的专家"),
            one.get_kind_display(),
            one.get_state_display(),
            _when(one.at),
        )
        for one in found
    ]
    columns = (("评审编号", 12), ("专家", 16), ("来源", 12), ("状态", 10), ("时间", 20))
    return Page("回避", "回避关系（不含理由）", columns, rows)


def _scores(round: Round, names: dict[int, str], entries: dict[int, Any]) -> Page:
    criteria = round.sheet.criteria
    columns = (
        ("评审编号", 12),
        ("专家", 10),
        *((f"{one.title}（{one.highest}）", 14) for one in criteria),
        ("加权合计", 10),
        ("提交时间", 20),
        ("退回修改", 30),
    )
    by_task: dict[int, list[Any]] = defaultdict(list)
    for review in _submitted(round).select_related("assignment"):
        by_task[review.assignment.application_id].append(review)
    rows = [
        (
            entry.label,
            names[review.assignment.expert_id],
            *(_figure(review.scores.get(one.key)) for one in criteria),
            f"{review.total:.2f}",
            _when(review.submitted_at),
            review.reopen_reason,
        )
        for entry in entries.values()
        for review in by_task[entry.application_id]
    ]
    return Page("评分", "已提交的评分", columns, rows)


def _comments(round: Round, names: dict[int, str], entries: dict[int, Any]) -> Page:
    """What experts wrote: the reasons of single figures, then the whole."""
    rows: list[tuple[str, str, str, str]] = []
    for review in _submitted(round).select_related("assignment"):
        entry = entries.get(review.assignment.application_id)
        if entry is None:
            continue
        said = [(one.title, review.comments.get(one.key, "")) for one in round.sheet.criteria]
        said.append(("总体意见", review.overall))
        name = names[review.assignment.expert_id]
        rows += [(entry.label, name, title, text) for title, text in said if text.strip()]
    rows.sort(key=lambda row: row[:2])
    columns = (("评审编号", 12), ("专家", 10), ("评分项", 20), ("意见", 90))
    return Page("意见", "已提交的评审意见", columns, rows, wrap=True)


def _figure(value: Any) -> str | int:
    return value if isinstance(value, int) else "" if value is None else str(value)
