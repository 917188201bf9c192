"""PDFs of a warm worker beside WeasyPrint as one would first use it (``tests.benchmarks.naive``).

Both draw the same page in turn, each in its own process. The ratio is that of the processor's time:
drawing is computing alone, and what else the machine does falls on neither. Where a process has
its memory makes up to a tenth of difference as long as it lives, so there are ``PAIRS`` of them and
every figure is the median of theirs.

    python -m tests.benchmarks.papers      one pair, as JSON
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from documents import rendering
from portal import warm
from tests.benchmarks import rounds
from tests.documents import drawing, samples

LENGTHS = (250, 500, 1000, 2000, 4000)
PAIRS, ROUNDS = 5, 4
FACE = "Noto Serif CJK SC"
KINDS = ("sheet", "form")
"""What the style sheet calls their pages."""


def measure() -> dict[str, Any]:
    pairs = [_in_a_process() for _ in range(PAIRS)]
    found: dict[str, Any] = {"name": "papers"}
    for name in KINDS:
        figures = {key: [one[name][key] for one in pairs] for key in pairs[0][name]}
        found[name] = {
            key: round(statistics.median(each), 2) if isinstance(each[0], float) else each[0]
            for key, each in figures.items()
        }
        found[name]["each_pair"] = figures["times_faster"]
    warm.set_apart()
    return found | {"cell_lengths": lengths()}


def _in_a_process() -> dict[str, Any]:
    order = [sys.executable, "-m", "tests.benchmarks.papers"]
    done = subprocess.run(order, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def one_pair() -> dict[str, Any]:
    warm.set_apart()
    made = {
        "sheet": ("summary_sheet", samples.summary_sheet(15)),
        "form": ("application_form", samples.application_form()),
    }
    with naive() as beside:
        return {name: compared(*made[name], name, beside) for name in KINDS}


@contextmanager
def naive() -> Iterator["subprocess.Popen[str]"]:
    """The other side, told nothing of our faces: it has the system's (``BENCH_FACES``)."""
    rendering.use_own_fonts()
    env = {name: value for name, value in os.environ.items() if name != "FONTCONFIG_FILE"}
    if faces := env.get("BENCH_FACES"):
        env["FONTCONFIG_FILE"] = faces
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.naive"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def order_of(kind: str, snapshot: dict[str, Any], coded: str) -> dict[str, Any]:
    """What the other side is told: the same page, and that each of its pages has a code."""
    return {
        "html": drawing.html_of(kind, snapshot),
        "css": (rendering.PAPER / "paper.css").read_text("utf-8"),
        "base": f"{rendering.PAPER.as_uri()}/",
        "coded": coded,
        "pages": rendering.page_count(drawing.draw(kind, snapshot)),
    }


def compared(kind: str, snapshot: dict[str, Any], coded: str, beside: Any) -> dict[str, Any]:
    order = json.dumps(order_of(kind, snapshot, coded))
    ours, theirs = [], []
    for number in range(ROUNDS + 1):
        wall, spent = time.perf_counter(), time.process_time()
        data = drawing.draw(kind, snapshot)
        spent, wall = time.process_time() - spent, time.perf_counter() - wall
        beside.stdin.write(order + "\n")
        beside.stdin.flush()
        said = json.loads(beside.stdout.readline())
        if FACE not in said["faces"]:
            raise SystemExit(f"{FACE} is not installed: the baseline would draw with another face")
        if number:  # the first of each is not counted
            ours.append((wall * 1000, spent * 1000))
            theirs.append((said["ms"], said["cpu_ms"]))
    (wall, spent), (their_wall, their_spent) = map(middle, (ours, theirs))
    return {
        "ours_ms": wall,
        "ours_cpu_ms": spent,
        "naive_ms": their_wall,
        "naive_cpu_ms": their_spent,
        "times_faster": round(their_spent / spent, 2),
        "pages": rendering.page_count(data),
        "naive_pages": said["pages"],
        "bytes": len(data),
        "naive_bytes": said["bytes"],
    }


def middle(taken: list[tuple[float, float]]) -> tuple[float, float]:
    wall, spent = (round(statistics.median(one), 1) for one in zip(*taken, strict=True))
    return wall, spent


def lengths() -> dict[str, float]:
    """Milliseconds of the processor for a sheet whose first title has so many characters."""
    acts = {}
    for length in LENGTHS:
        snapshot = deepcopy(samples.summary_sheet(15))
        rows = snapshot.get("rows") or next(
            value for value in snapshot.values() if isinstance(value, list) and value
        )
        rows[0]["title"] = "示例文字" * (length // 4)
        acts[str(length)] = lambda snapshot=snapshot: drawing.draw("summary_sheet", snapshot)
    return rounds.processor(3, **acts)


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(one_pair()))
