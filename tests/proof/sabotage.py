"""Each guard of tests/architecture/sabotage.py taken away in turn; some test must notice each."""

from __future__ import annotations

from tests.architecture import sabotage
from tests.proof.frame import Report

WITHOUT_DATABASE = True


def prove(report: Report, *, seconds: float) -> None:
    for guard in sabotage.chosen():
        outcome = sabotage.play(guard)
        caught = len(outcome.caught_by)
        report.count("guards taken away")
        report.count("of them noticed", bool(caught))
        report.figures[guard.name] = ", ".join(outcome.caught_by) or "NOT NOTICED"
        report.expect(bool(caught), f"{guard.name}: not noticed\n{outcome.output[-800:]}")
