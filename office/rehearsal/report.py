"""What a rehearsal found, step by step. Pure; kept as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

DONE, DEAD_END, SKIPPED = "done", "dead_end", "skipped"
RESULTS = {DONE: "走通", DEAD_END: "走不通", SKIPPED: "未演练"}


@dataclass(slots=True)
class Finding:
    """One dead end or warning: what it is, and the way out."""

    step: str
    words: str
    way_out: str


@dataclass(slots=True)
class StepDone:
    """One step: its result, what happened, at which time of the call, in how many seconds."""

    key: str
    title: str
    result: str = DONE
    words: list[str] = field(default_factory=list)
    at: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Report:
    steps: list[StepDone] = field(default_factory=list)
    dead_ends: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    letters: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def dead_end(self, step: str, words: str, way_out: str) -> None:
        """Named once, however often it is met."""
        if all((one.step, one.words) != (step, words) for one in self.dead_ends):
            self.dead_ends.append(Finding(step, words, way_out))
        for one in self.steps:
            if one.key == step:
                one.result = DEAD_END

    def warn(self, step: str, words: str, way_out: str = "") -> None:
        if all((one.step, one.words) != (step, words) for one in self.warnings):
            self.warnings.append(Finding(step, words, way_out))

    def as_json(self) -> dict[str, Any]:
        return asdict(self)
