"""What blocks submission, one thing each. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that blocks submission. ``name`` is the input, ``missing`` = nothing there yet,
    ``joint`` = it comes from a rule between fields."""

    section: str
    name: str
    label: str
    message: str
    missing: bool = False
    joint: bool = False

    @property
    def anchor(self) -> str:
        return f"id_{self.name}" if self.name else ""

    def __str__(self) -> str:
        return f"{self.label}：{self.message}" if self.label else self.message
