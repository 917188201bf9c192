"""The deadline board: every date of every call and level, in order. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

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
    letters: str = ""
    """The kind of its reminders in the outbox."""

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
                row.letters,
            )
        )
    return marked


def last_day(end: datetime) -> datetime:
    """The day that an exclusive end belongs to, for the calendar's warning."""
    return end - timedelta(microseconds=1)


class Dated(Protocol):
    """A call, as far as its dates go."""

    def time(self, at: datetime) -> datetime: ...


def coming(call: Dated, at: datetime, *, at_most: int = 4) -> list[tuple[str, datetime]]:
    """The call's own next dates and their names, in the order of time."""
    now = call.time(at)
    dates = [(DATES[key][0], getattr(call, key)) for key in DATES]
    found = [(title, value) for title, value in dates if value is not None and value > now]
    return sorted(found, key=lambda pair: pair[1])[:at_most]


def due(until: datetime, days_before: int, now: datetime, *, after: bool = False) -> bool:
    """Whether the reminder's instant has come: before a date and not past it, or after it.

    One after a date is caught up for a week at most."""
    if after:
        return until + timedelta(days=days_before) <= now < until + timedelta(days=days_before + 7)
    return until - timedelta(days=days_before) <= now < until
