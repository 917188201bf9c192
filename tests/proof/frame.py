"""What a proof hands back: figures, and whatever was wrong. Knows nothing of Django."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Any

MOST_TOLD = 50
"""So many wrongs are kept in words; all of them are counted."""


@dataclass
class Report:
    """``figures``: what was counted. ``wrong``: each thing that should not have been."""

    name: str
    figures: dict[str, int | float | str] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    wrongs: int = 0
    seconds: float = 0.0
    goal: tuple[str, int] | None = None
    """The figure that a whole run must reach, however long it takes; None: by the time alone."""

    def count(self, what: str, number: int = 1) -> None:
        self.figures[what] = int(self.figures.get(what, 0)) + number

    def fail(self, words: str) -> None:
        self.wrongs += 1
        if len(self.wrong) < MOST_TOLD:
            self.wrong.append(words)

    def expect(self, holds: bool, words: str) -> None:
        if not holds:
            self.fail(words)

    def reached(self, share: float = 1.0) -> bool:
        """Whether a whole run has this part of its goal. Never, where there is none."""
        if self.goal is None:
            return False
        what, number = self.goal
        return int(self.figures.get(what, 0)) >= number * share

    @property
    def holds(self) -> bool:
        """A proof that counted nothing has proved nothing."""
        return not self.wrongs and bool(self.figures)

    def as_json(self) -> str:
        said: dict[str, Any] = {**asdict(self), "holds": self.holds}
        return json.dumps(said, ensure_ascii=False, indent=1)

    def words(self) -> str:
        figures = "; ".join(f"{what} {number}" for what, number in self.figures.items())
        head = f"{self.name}: {'ok' if self.holds else 'FAILED'} in {self.seconds:.0f} s: {figures}"
        left = self.wrongs - len(self.wrong)
        more = [f"… and {left} more"] if left else []
        return "\n".join([head, *(f"WRONG {one}" for one in self.wrong), *more])


class Watch:
    """How much of the time is left."""

    def __init__(self, seconds: float) -> None:
        self.begun, self.seconds = time.monotonic(), seconds

    @property
    def spent(self) -> float:
        return time.monotonic() - self.begun

    @property
    def is_up(self) -> bool:
        return self.spent >= self.seconds
