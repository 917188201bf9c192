"""The result of a closed meeting as tables: on the page and as a workbook."""

from __future__ import annotations

from django.db.models import Count, F

from documents.workbook import Page
from panels.models import Meeting, PanelResult
from reviews.pages import Group


def groups(meeting: Meeting) -> list[Group]:
    """The directions of the meeting; key 0 where there are none."""
    rows = (
        meeting.items.values_list(
            "entry__application__direction_id",
            "entry__application__direction__title",
            "entry__application__direction__order",
        )
        .annotate(held=Count("pk"))
        .order_by("entry__application__direction__order", "entry__application__direction_id")
    )
    return [Group(key or 0, title or "全部项目", held) for key, title, _, held in rows]


def rows(meeting: Meeting, direction: int | None = None) -> list[PanelResult]:
    """Best first; those without a rank last. One query."""
    found = meeting.results.select_related(
        "application__organisation", "application__direction", "application__recommender"
    )
    if direction is not None:
        found = found.filter(application__direction=direction or None)
    return list(
        found.order_by(
            "application__direction__order", F("rank").asc(nulls_last=True), "application_id"
        )
    )


def sheet(meeting: Meeting) -> Page:
    columns = (
        ("申报编号", 18), ("项目名称", 36), ("申报单位", 30), ("方向", 24), ("网评得分", 10),
        ("网评名次", 8), ("会评得分", 10), ("会评名次", 8), ("计分份数", 8), ("改分人数", 8),
        ("会议意见", 12), ("方式", 18), ("提示", 24),
    )  # fmt: skip
    lines = [
        (
            one.application.number,
            one.application.title,
            one.application.organisation.name,
            one.application.direction.title if one.application.direction else "",
            one.before_score,
            one.before_rank,
            one.score,
            one.rank,
            one.reviews_count,
            one.changed,
            one.opinion,
            one.how,
            "、".join(one.flag_words),
        )
        for one in rows(meeting)
    ]
    return Page("会评结果", f"会评结果：{meeting.title}（{meeting.round.title}）", columns, lines)
