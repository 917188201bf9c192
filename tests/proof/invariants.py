"""``check_invariants``: silent over every world, and not over what was tampered with."""

from __future__ import annotations

from django.db import transaction

from audit import services as audit
from portal import invariants
from tests.architecture import test_invariants
from tests.proof import ground
from tests.proof.frame import Report

UNSEALED = "R10.sealed_files_stand_on_their_documents"
"""The worlds hold a signing that was never signed; the season below has none and is read whole."""


def prove(report: Report, *, seconds: float) -> None:
    report.figures["checks"] = len(invariants.CHECKS)
    for name, build in ground.worlds().items():
        with ground.world(build) as made:
            while audit.chain(2000):
                pass
            _ = made
            found = invariants.run(leave_out={UNSEALED})
            for problem in found:
                report.fail(f"world {name}: {problem}")
            report.count("worlds without a problem", not found)
    with ground.world(test_invariants.build) as played:
        rows = test_invariants.test_what_was_tampered_with_is_found_and_named.pytestmark
        table = next(mark for mark in rows if mark.name == "parametrize").args[1]
        for tamper, rule in table:
            with transaction.atomic():
                mend = tamper(played)
                found = test_invariants.rules()
                report.expect(rule in found, f"{tamper} was not found by {rule}, only by {found}")
                report.count("tamperings found", rule in found)
                if mend:
                    mend()
                transaction.set_rollback(True)
