"""The deadline board: every date of every call and level, in order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

REMINDABLE = {
    "filing_until": "申报截止",
    "recommendation_until": "推荐截止",
    "scan_until": "盖章扫描件截止",
    "paper_until": "纸质材料截止",
    "review_until": "评审截止",
}
DEFAULT_DAYS = {
    "filing_until": (7, 3, 1),
    "recommendation_until": (7, 3, 1),
    "scan_until": (1,),
    "paper_until": (3, 1),
    "review_until": (5, 2),
}

# key: what it is called, whom it concerns, what happens by itself at that instant
DATES = {
    "filing_from": ("申报开始", "申报主体", "开放填写"),
    "filing_until": ("申报截止", "申报主体", "冻结已提交版本，从未提交的草稿失效"),
    "recommendation_until": ("推荐截止", "推荐单位", "关闭推荐，未提交名单的列出待处理"),
    "scan_until": ("盖章扫描件截止", "推荐单位", "列出缺少扫描件的单位"),
    "paper_until": ("纸质材料截止", "推荐单位", "列出缺少纸质件的单位"),
    "review_until": ("评审截止", "评审专家", "—"),
    "announcement_by": ("公布名单", "主管部门", "—"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the board. ``at`` is in the call's own time; exclusive where it is an end."""

    at: datetime
    title: str
    who: str
    then: str
    call: str
    call_code: str
    state: str = ""  # past, next, future
    note: str = ""
    warning: str = ""
    reminders: tuple[str, ...] = field(default=())

    @property
    def past(self) -> bool:
        return self.state == "past"


def arrange(rows: Iterable[Row], now: datetime) -> list[Row]:
    """The rows in the order of time, each marked as past, next or future."""
    ordered = sorted(rows, key=lambda row: (row.at, row.title))
    coming = next((row.at for row in ordered if row.at > now), None)
    marked = []
    for row in ordered:
        state = "past" if row.at <= now else "next" if row.at == coming else "future"
        marked.append(
            Row(
                row.at,
                row.title,
                row.who,
                row.then,
                row.call,
                row.call_code,
                state,
                row.note,
                row.warning,
                row.reminders,
            )
        )
    return marked


def last_day(end: datetime) -> datetime:
    """The day that an exclusive end belongs to, for the calendar's warning."""
    return end - timedelta(microseconds=1)


def due(until: datetime, days_before: int, now: datetime) -> bool:
    """Whether the reminder's instant has come and the date itself has not."""
    return until - timedelta(days=days_before) <= now < until
