"""A proposed change of an open call, in lines that a second person reads before approving."""

from datetime import datetime

from calls import services
from calls.models import CallChange
from core import days


def lines(change: CallChange) -> list[str]:
    if change.kind == CallChange.Kind.DATES:
        return [
            f"{services.NAMES[name]}：{_day(name, pair['before'])} 改为 {_day(name, pair['after'])}"
            for name, pair in change.content.items()
        ]
    return [str(line["words"]) for line in change.content.get("lines", [])]


def _day(name: str, text: str | None) -> str:
    if not text:
        return "未定"
    starts = name == "filing_from"
    day = services.day_of(datetime.fromisoformat(text), starts=starts)
    return f"{days.in_words(day)}{'' if starts else ' 23:59:59'}"
