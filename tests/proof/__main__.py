"""``python -m tests.proof NAME [--minutes N | --whole] [--json FILE]``: one proof in this process.

``--whole`` goes on until the proof's ``GOAL`` is counted, or to the end of what there is.

``python3 dev.py proof`` runs them all, each in a process of its own, with the servers they need.
"""

import argparse
import contextlib
import importlib
import os
import sys
import time
import traceback
from pathlib import Path

from dev_tools.proof import PROOFS
from tests.proof.frame import Report

LONGEST = 12 * 3600.0
"""Seconds for a whole run."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("name", choices=sorted(PROOFS))
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--whole", action="store_true", help="until its figure is reached")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    report, begun = Report(given.name), time.monotonic()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    from tests.proof import ground

    try:
        import django

        django.setup()
        module = importlib.import_module(f"tests.proof.{given.name}")
        if given.whole:
            report.goal = getattr(module, "GOAL", None)
        # A proof that only starts other processes leaves the database to them.
        alone = getattr(module, "WITHOUT_DATABASE", False)
        with contextlib.nullcontext() if alone else ground.database():
            module.prove(report, seconds=LONGEST if given.whole else given.minutes * 60)
        if report.goal is not None:
            what, number = report.goal
            report.expect(report.reached(), f"{report.figures.get(what)} of {number} {what}")
    except Exception:
        report.fail(traceback.format_exc(limit=-12))
    report.seconds = time.monotonic() - begun
    print(report.words(), flush=True)
    if given.json:
        given.json.write_text(report.as_json(), encoding="utf-8")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
