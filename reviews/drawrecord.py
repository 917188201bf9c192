"""The record of a draw as a file: everything that is needed to make it again, and what was changed
by hand afterwards. Applications and experts under keys, numbers and pseudonyms only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from audit import services as audit
from audit.models import Entry
from documents.workbook import Page, of_pages
from reviews import drawing, results
from reviews.drawmodel import Draw
from reviews.models import Assignment, Round, RoundApplication

FORMAT = "jiebang-draw-record/1"
CHINA = ZoneInfo("Asia/Shanghai")
HOW = (
    "一、种子：UTF-8 编码后取 SHA-256，应与抽取前公布的承诺值相同。",
    "二、输入：JSON 文件中的 inputs 按键排序、不留空格、UTF-8 编码后取 SHA-256，应与输入指纹相同。",
    "三、结果：manage.py repeat_draw 抽取记录.json 只凭该文件复算，逐对比较。",
    "四、下发前后的手工调整单独列出，不属于抽取结果。",
)


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A pair that is not as it was drawn. ``at`` is None where the trail has no act of its own."""

    application: int
    expert: int
    words: str
    at: datetime | None


REMOVED, DROPPED, ADDED = "下发前移出", "因回避或撤回申报移出", "手工增加"
ENDED = {
    Assignment.State.RECUSED.value: "下发后回避",
    Assignment.State.REPLACED.value: "下发后更换或撤回",
}


def adjustments(draw: Draw) -> list[Adjustment]:
    """What differs between the draw that is out and the tasks there are, in two statements.

    A draw that is not out was replaced by another: nothing of it stands.
    """
    if not draw.is_out:
        return []
    rows = {
        (application, expert): (state, proposed, ended)
        for application, expert, state, proposed, ended in draw.round.assignments.order_by(
            "pk"
        ).values_list("application_id", "expert_id", "state", "proposed_at", "ended_at")
    }
    removed = _removed(draw)
    found = [
        Adjustment(*pair, REMOVED if pair in removed else DROPPED, removed.get(pair))
        for pair in draw.drawn - rows.keys()
    ]
    for pair, (state, proposed, ended) in rows.items():
        if pair not in draw.drawn:
            found.append(Adjustment(*pair, ADDED, proposed))
        if state in ENDED:
            found.append(Adjustment(*pair, ENDED[state], ended))
    return sorted(found, key=lambda one: (one.application, one.expert, one.words))


def _removed(draw: Draw) -> dict[tuple[int, int], datetime]:
    """When the organiser took which pair off, by the trail."""
    entries = Entry.objects.filter(
        subject=audit.label(draw.round), action="reviews.remove", at__gte=draw.made_at
    ).values_list("data", "at")
    return {(data["application"], data["expert"]): at for data, at in entries}


def content(draw: Draw) -> dict[str, Any]:
    round = draw.round
    return {
        "format": FORMAT,
        "call": {"code": round.call.code, "title": round.call.title},
        "round": {"title": round.title, "key": round.public_id},
        "draw": draw.number,
        "committed_at": _iso(draw.committed_at),
        "made_at": _iso(draw.made_at),
        "deployed_at": _iso(draw.deployed_at),
        "undone_at": _iso(draw.undone_at),
        "commitment": draw.commitment,
        "seed": draw.seed_shown,
        "fingerprint": draw.fingerprint,
        "outcome_fingerprint": draw.outcome_fingerprint,
        "solver": draw.solver,
        "objective": draw.objective,
        "cost": draw.cost,
        "gap": draw.gap,
        "inputs": draw.given,
        "pairs": drawing.together(draw.drawn),
        "adjustments": [
            [one.application, one.expert, one.words, _iso(one.at)] for one in adjustments(draw)
        ],
    }


def _iso(at: datetime | None) -> str:
    return at.astimezone(CHINA).isoformat(timespec="seconds") if at else ""


def as_json(draw: Draw) -> bytes:
    return json.dumps(content(draw), ensure_ascii=False, separators=(",", ":")).encode()


# For people --------------------------------------------------------------------------------------


def as_workbook(draw: Draw, *, foot: list[str]) -> bytes:
    """The same on sheets: one line for each application and each expert."""
    numbers = dict(draw.round.entries.values_list("application_id", "number"))
    labels = {key: RoundApplication.label_of(number) for key, number in numbers.items()}
    names = results.pseudonyms(draw.round)
    return of_pages(
        [
            _about(draw, foot),
            _applications(draw, labels, names),
            _experts(draw, names),
            _adjusted(draw, labels, names),
        ]
    )


def _about(draw: Draw, foot: list[str]) -> Page:
    round = draw.round
    rows: list[tuple[str, str | int | datetime | None]] = [
        ("批次", round.call.title),
        ("轮次", round.title),
        ("抽取", f"第 {draw.number} 次"),
        ("种子承诺值", draw.commitment),
        ("承诺公布", draw.committed_at),
        ("抽取种子", draw.seed_shown),
        ("抽取时间", draw.made_at),
        ("下发时间", draw.deployed_at),
        ("撤回时间", draw.undone_at),
        ("输入指纹", draw.fingerprint),
        ("结果指纹", draw.outcome_fingerprint),
        ("拟分配", draw.pairs),
        ("专业匹配度", draw.objective),
        ("求解程序", draw.solver),
        *(("核对办法", line) for line in HOW),
    ]
    return Page("抽取", f"抽取记录：{round.title}", (("项目", 14), ("内容", 90)), rows, foot)


def _applications(draw: Draw, labels: dict[int, str], names: dict[int, str]) -> Page:
    topics = draw.given["topics"]
    barred = dict(draw.given["conflicts"])
    given = dict(drawing.together(draw.drawn))

    def words(experts: list[int]) -> str:
        return "、".join(names.get(one, str(one)) for one in experts)

    rows = [
        (
            str(key),
            labels.get(key, ""),
            "、".join(topics[topic]),
            wanted,
            words(given.get(key, [])),
            "、".join(str(one) for one in barred.get(key, [])),
        )
        for key, topic, wanted in draw.given["applications"]
    ]
    columns = (
        ("键", 10), ("评审编号", 12), ("方向与细分领域", 40), ("应派专家", 10), ("抽取的专家", 40),
        ("须回避的专家（键）", 40),
    )  # fmt: skip
    return Page("申报书", "参加抽取的申报书", columns, rows)


def _experts(draw: Draw, names: dict[int, str]) -> Page:
    fields = draw.given["fields"]
    rows = [
        (
            str(key),
            names.get(key, "未派任务"),
            "、".join(fields[field]),
            capacity,
            elsewhere,
            max(capacity - elsewhere, 0),
        )
        for key, field, capacity, elsewhere in draw.given["experts"]
    ]
    columns = (
        ("键", 10), ("代号", 12), ("专业领域", 50), ("评审量上限", 12), ("其他轮次已占", 14),
        ("本轮可用", 10),
    )  # fmt: skip
    return Page("专家", "参加抽取的专家", columns, rows)


def _adjusted(draw: Draw, labels: dict[int, str], names: dict[int, str]) -> Page:
    rows = [
        (
            labels.get(one.application, str(one.application)),
            names.get(one.expert, str(one.expert)),
            one.words,
            one.at,
        )
        for one in adjustments(draw)
    ]
    columns = (("评审编号", 12), ("专家", 12), ("调整", 26), ("时间", 20))
    return Page("手工调整", "下发前后的调整，不属于抽取结果", columns, rows)


# Holding against the data ----------------------------------------------------------------------


def unexplained(draw: Draw) -> list[tuple[int, int]]:
    """Tasks that neither the draw nor an act in the trail accounts for."""
    entries = Entry.objects.filter(
        subject=audit.label(draw.round), action__in=("reviews.add", "reviews.replace")
    ).values_list("data", flat=True)
    named = {(data["application"], data["expert"]) for data in entries}
    held = set(draw.round.assignments.values_list("application_id", "expert_id"))
    return sorted(held - draw.drawn - named)


def of(round: Round) -> list[Draw]:
    """The draws of a round, the newest first, without what went in and came out."""
    return list(
        round.draws.defer("inputs", "outcome").select_related("made_by").order_by("-number")
    )
