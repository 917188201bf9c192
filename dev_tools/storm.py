"""`dev.py storm`: everybody files in the last minutes, and what they were told is checked."""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dev_tools import machine
from dev_tools.children import Child
from dev_tools.cluster import Cluster, only_one
from dev_tools.ground import VAR, DevError, run_quietly, say, tail

LATE = 10
"""People who press just after the end, and must be refused."""
MOST_PEOPLE = 40_000
DRAIN_SECONDS = 120.0
RESULT = VAR / "storm.json"
"""Where `bench` finds the last one."""


def add_command(commands: Any) -> None:
    """Register `storm` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "storm",
        help="a filing deadline played against the cluster, receipts compared with the database",
        description="Start the cluster, make signed-in applicants with filled drafts, let them all "
        "submit before the end of filing, compare each receipt with the database, time the PDFs.",
    )
    command.add_argument("--rate", type=float, default=20.0, help="submissions a second (20)")
    command.add_argument("--seconds", type=float, default=180.0, help="for so long (180)")
    command.add_argument("--visits", type=float, default=0.0, help="visitors a second beside (0)")
    command.add_argument(
        "--drain", type=float, default=DRAIN_SECONDS, help="watch the PDFs for so long (120)"
    )
    command.add_argument("--json", type=Path, default=RESULT, help="write the figures here too")
    command.set_defaults(run=storm)


def storm(options: argparse.Namespace) -> int:
    """Play one deadline; 0 when nothing was lost, false or late."""
    with only_one(), Cluster() as cluster:
        before = memory(cluster)
        result = {"at": time.strftime("%Y-%m-%d %H:%M"), "load": os.getloadavg()} | play(
            cluster,
            rate=options.rate,
            seconds=options.seconds,
            visits=options.visits,
            during=cluster.look,
        )
        result["drain"] = drain(cluster, seconds=options.drain)
        result["memory_mb"] = {"before": before, "after": memory(cluster)}
    text = json.dumps(result, ensure_ascii=False, indent=1)
    print(text, flush=True)
    options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if is_whole(result) else 1


def is_whole(result: dict[str, Any]) -> bool:
    """Whether every promise held: slow is another matter."""
    compared = result["compared"]
    broken = ("lost", "false", "late", "numbers_doubled", "filings_with_two_versions")
    accepted = sum(
        count for status, count in result["clients"]["late"].items() if status.startswith("3")
    )
    return (
        not any(compared[name] for name in broken)
        and not compared["letter_rows_doubled"]
        and not accepted
        and not result["clients"]["given_up"]
    )


def crowd(cluster: Cluster, *words: str | Path) -> str:
    """Run the part that knows the database; returns what it printed."""
    env = {**cluster.env, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = run_quietly(
        [machine.PYTHON, "-m", "tests.benchmarks.crowd", *words], env=env, seconds=1800
    )
    if done.returncode:
        raise DevError(f"the crowd failed:\n{tail(done.stdout)}")
    return done.stdout


def asked(cluster: Cluster, *words: str | Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(crowd(cluster, *words).strip().splitlines()[-1])
    return said


def play(
    cluster: Cluster,
    *,
    rate: float,
    seconds: float,
    during: Callable[[], None],
    visits: float = 0.0,
    patience: float = 0.0,
) -> dict[str, Any]:
    """Make the people, let them file, compare. `during` is called several times a second."""
    count = int(rate * seconds)
    if not 1 <= count <= MOST_PEOPLE:
        raise DevError(f"between 1 and {MOST_PEOPLE} people can be played, not {count}")
    folder = cluster.folder / "storm"
    folder.mkdir()
    plan, receipts, result = folder / "plan.json", folder / "receipts", folder / "result.json"
    say(f"making {count + LATE} applicants with filled drafts")
    crowd(cluster, "make", str(count + LATE), plan)
    order = folder / "order.json"
    order.write_text(
        json.dumps(
            {
                "port": cluster.https,
                "certificate": str(cluster.certificate),
                "people": json.loads(plan.read_text("utf-8")),
                "rate": rate,
                "seconds": seconds,
                "visits": visits,
                "patience": patience,
                "late": LATE,
                "receipts": str(receipts),
                "result": str(result),
            }
        ),
        "utf-8",
    )
    receipts.touch()
    clients = Child(
        "clients",
        [sys.executable, "-m", "dev_tools.stormclient", order],
        env=machine.child_env(),
        log=folder / "clients.log",
    )
    clients.start()
    try:
        say("everybody reads the check page")
        _wait(clients, Path(f"{result}.when.read"), during=cluster.look)
        lead = 5.0
        until = float(asked(cluster, "end", str(seconds + lead + 1.0))["until"])
        when = Path(f"{result}.when")
        part = when.with_suffix(".part")
        part.write_text(
            json.dumps({"starts": max(until - seconds - 0.5, time.time()), "until": until})
        )
        part.replace(when)
        say(f"filing: {rate:g} a second for {seconds:g} s")
        _wait(clients, result, during=during)
    finally:
        clients.stop()
    say("comparing receipts with the database")
    compared = asked(cluster, "compare", receipts)
    return {
        "rate": rate,
        "seconds": seconds,
        "clients": json.loads(result.read_text("utf-8")),
        "compared": compared,
    }


def _wait(clients: Child, path: Path, *, during: Callable[[], None]) -> None:
    while not path.exists():
        if not clients.is_alive() and not path.exists():
            raise DevError(f"the clients ended early:\n{clients.last_words()}")
        during()
        time.sleep(0.2)


def drain(cluster: Cluster, *, seconds: float) -> dict[str, Any]:
    """How fast the papers that waited are drawn, watched for so long at most."""
    say("watching the papers being drawn")
    first = asked(cluster, "waiting")
    begun, now = time.monotonic(), first
    while now["papers"] and time.monotonic() - begun < seconds:
        cluster.look()
        time.sleep(2)
        now = asked(cluster, "waiting")
    took = time.monotonic() - begun
    drawn = now["papers_ready"] - first["papers_ready"]
    rate = drawn / took if took else 0.0
    return {
        "waiting_after_the_storm": first["papers"],
        "left": now["papers"],
        "failed": now["papers_failed"],
        "seconds": round(took, 1),
        "papers_a_second": round(rate, 2),
        "whole_drain_seconds": round(first["papers"] / rate) if rate else None,
    }


def memory(cluster: Cluster) -> dict[str, int]:
    """Resident MB of each process and its children at the end."""
    found = {}
    for name, child in cluster.children.items():
        if child.process is not None:
            found[name] = sum(_resident(pid) for pid in family(child.process.pid)) // 1024
    return found


def family(pid: int) -> list[int]:
    """The process and all that descend from it, on Linux."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(word) for word in task.read_text().split()]
            except OSError:
                continue
    return found


def _resident(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
