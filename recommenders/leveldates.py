"""Which date binds whom, where each level has its own. Pure.

The ministry's date ends the matter for everybody. A level may set an earlier one for itself
and for those below it, never a later one; of several in the chain the earliest counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LevelDate:
    """An exclusive end set by a level; ``by`` is the unit's name."""

    until: datetime
    by: str


def effective(ministry: LevelDate | None, chain: Iterable[LevelDate]) -> LevelDate | None:
    """The date in force: the earliest of the ministry's and those of the own chain.

    At equal dates the ministry's is named. None when nobody has set one.
    """
    every = ([ministry] if ministry else []) + list(chain)
    return min(every, key=lambda one: one.until, default=None)


def too_late(ministry: LevelDate | None, proposed: datetime) -> str:
    """The sentence that refuses a level's date after the ministry's, or an empty string."""
    if ministry is None or proposed <= ministry.until:
        return ""
    return f"本级截止时间不能晚于{ministry.by}规定的截止时间，请选择相同或更早的日期。"
