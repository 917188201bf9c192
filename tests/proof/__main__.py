"""``python -m tests.proof NAME [--minutes N] [--json FILE]``: one proof in this process.

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


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proof")
    parser.add_argument("name", choices=sorted(PROOFS))
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    report, begun = Report(given.name), time.monotonic()
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    from tests.proof import ground

    try:
        import django

        django.setup()
        module = importlib.import_module(f"tests.proof.{given.name}")
        # A proof that only starts other processes leaves the database to them.
        alone = getattr(module, "WITHOUT_DATABASE", False)
        with contextlib.nullcontext() if alone else ground.database():
            module.prove(report, seconds=given.minutes * 60)
    except Exception:
        report.fail(traceback.format_exc(limit=-12))
    report.seconds = time.monotonic() - begun
    print(report.words(), flush=True)
    if given.json:
        given.json.write_text(report.as_json(), encoding="utf-8")
    return 0 if report.holds else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
