"""What a vote says. Pure: counts in, a verdict out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

DEFAULT_MOTIONS = ("推荐", "不推荐", "缓议")
MOST_MOTIONS = 6


class Rule(StrEnum):
    """How many votes a motion needs. Counted on the members in the room."""

    MOST = "most"
    HALF = "half"
    TWO_THIRDS = "two_thirds"


RULES = {
    Rule.MOST: "得票最多",
    Rule.HALF: "得票最多且超过在场成员半数",
    Rule.TWO_THIRDS: "得票最多且达到在场成员三分之二",
}


class How(StrEnum):
    """How an item ended."""

    VOTE = "vote"
    TIE = "tie"
    CHAIR = "chair"
    SHORT = "short"
    NONE = "none"


HOW_LABELS = {
    How.VOTE: "表决通过",
    How.TIE: "票数相同",
    How.CHAIR: "票数相同，组长决定",
    How.SHORT: "未达到规定票数",
    How.NONE: "未表决",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """``motion`` is the key of what was decided; empty unless ``how`` is ``VOTE``.

    ``leading`` are the motions with most votes.
    """

    how: How
    motion: str = ""
    leading: tuple[str, ...] = ()


def motions(titles: Sequence[str]) -> list[dict[str, str]]:
    """Motions as they are kept: a key by place, a title."""
    return [{"key": f"m{n}", "title": title} for n, title in enumerate(titles, start=1)]


def title(kept: Sequence[Mapping[str, Any]], key: str) -> str:
    return next((str(one["title"]) for one in kept if one["key"] == key), "")


def enough(votes: int, *, present: int, rule: Rule) -> bool:
    """Whether so many votes carry a motion, of so many members in the room."""
    if rule is Rule.HALF:
        return votes * 2 > present
    if rule is Rule.TWO_THIRDS:
        return votes * 3 >= present * 2
    return votes > 0


def verdict(counts: Mapping[str, int], *, present: int, rule: Rule) -> Verdict:
    """The motion with most votes, where they are enough; equal heads are a tie."""
    most = max(counts.values(), default=0)
    if most == 0:
        return Verdict(How.NONE)
    leading = tuple(sorted(key for key, votes in counts.items() if votes == most))
    if len(leading) > 1:
        return Verdict(How.TIE, leading=leading)
    if not enough(most, present=present, rule=rule):
        return Verdict(How.SHORT, leading=leading)
    return Verdict(How.VOTE, leading[0], leading)
