"""Results of test steps: reading them, summing them, saying them. No process, no clock."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class NotRun:
    """Something that should have been checked and was not. Fails with `--strict`."""

    what: str
    why: str

    def __str__(self) -> str:
        return f"NOT RUN {self.what}: {' '.join(self.why.split())}"


@dataclass
class Result:
    """One step. `tests` is False for checks that count nothing (lint, types)."""

    step: str
    ok: bool
    seconds: float = 0.0
    tests: bool = False
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    not_run: list[NotRun] = field(default_factory=list)

    @property
    def ran(self) -> bool:
        """Whether anything of this step was really tried."""
        counted = self.passed + self.failed + self.skipped
        return not (self.ok and self.not_run and not counted)


def read_junit(text: str, *, step: str) -> Result:
    """Counts of one pytest run from its JUnit file; every skipped test is also a NOT RUN."""
    result = Result(step, ok=True, tests=True)
    for case in ElementTree.fromstring(text).iter("testcase"):
        skipped = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
        elif skipped is not None:
            result.skipped += 1
            name = f"{case.get('classname', '')}::{case.get('name', '')}".strip(":")
            result.not_run.append(NotRun(f"{step}: {name}", skipped.get("message") or "skipped"))
        else:
            result.passed += 1
    result.ok = not result.failed
    return result


def summary(results: Sequence[Result]) -> str:
    """One table of all steps."""
    rows: list[tuple[str, ...]] = [("step", "result", "passed", "failed", "skipped", "seconds")]
    for result in results:
        counts = (result.passed, result.failed, result.skipped) if result.tests else ("", "", "")
        word = ("ok" if result.ok else "FAILED") if result.ran else "NOT RUN"
        rows.append((result.step, word, *map(str, counts), f"{result.seconds:.1f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def closing_line(results: Sequence[Result]) -> str | None:
    """`N passed, N failed, N skipped` over all test runs; None when no test was to run."""
    runs = [result for result in results if result.tests]
    if not runs:
        return None
    passed, failed, skipped = (
        sum(getattr(result, name) for result in runs) for name in ("passed", "failed", "skipped")
    )
    return f"{passed} passed, {failed} failed, {skipped} skipped"


def exit_code(results: Sequence[Result], *, strict: bool) -> int:
    """0 when all is well. What could not run is a failure only when strict."""
    if any(not result.ok for result in results):
        return 1
    return int(strict and any(result.not_run for result in results))
