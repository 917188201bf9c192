"""`dev.py proof`: what the tests sample, at length, each proof with its figures."""

import argparse
import contextlib
import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev_tools import checks, machine, servers
from dev_tools.children import Child
from dev_tools.ground import ROOT, VAR, CannotProvide, DevError, say

WHOLE = 12 * 60.0
"""Minutes that a whole run may take."""
SLACK = 900.0
"""Seconds that a proof may take beyond its minutes: building its world, and one last round."""


@dataclass(frozen=True)
class Proof:
    """What is proved; `needs`: postgres, browser, or a program by its name."""

    about: str
    needs: str = ""


PROOFS: dict[str, Proof] = {
    "matrix": Proof("every route × person × method, both as written and as not taken"),
    "twins": Proof("worlds that differ in one hidden fact look the same"),
    "invariants": Proof("check_invariants over every world, and over what is tampered with"),
    "uploads": Proof("hostile files in 27 families: none taken, no worker ended"),
    "texts": Proof("hostile texts in every field: pages, forms, workbooks"),
    "office": Proof("every export opened and saved again by LibreOffice", needs="soffice"),
    "eyes": Proof("hostile texts in Chromium: no script, no breach, no request", needs="browser"),
    "reading": Proof("reading writes no row, and no answer is kept in a cache"),
    "gate": Proof("disguised credentials and personal numbers at the publish gate"),
    "doors": Proof("guessed passwords, forged proxies, files a document may not load"),
    "strace": Proof(
        "what the kernel is asked for while hostile documents are drawn", needs="strace"
    ),
    "trail": Proof("1,000,000 entries verified, 1,000 tamperings found"),
    "mass": Proof("columns nobody asked for, added to every form"),
    "sabotage": Proof("each guard taken away in turn: some test notices", needs="postgres"),
    "machine": Proof("random lives over HTTP against an independent model"),
    "crash": Proof("each act killed, broken and held at each failpoint, then done again"),
    "quota": Proof("64 clients for fifteen places, with its negative control", needs="postgres"),
}


def add_command(commands: Any) -> None:
    """Register `proof`."""
    listed = "\n".join(f"  {name:12} {proof.about}" for name, proof in PROOFS.items())
    command: argparse.ArgumentParser = commands.add_parser(
        "proof",
        help="the proofs of security and reliability at length, with their figures",
        description=f"Each proof takes so many minutes. Samples are part of `test`.\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("names", nargs="*", metavar="NAME", help="only these")
    command.add_argument("--minutes", type=float, default=3.0, help="for each proof (3)")
    command.add_argument("--whole", action="store_true", help="until each figure is reached")
    command.add_argument("--strict", action="store_true", help="fail when one could not run")
    command.set_defaults(run=prove)


def prove(options: argparse.Namespace) -> int:
    """Run the chosen proofs, print one table, and return 0 when all hold."""
    if unknown := set(options.names) - set(PROOFS):
        raise DevError(f"no such proof: {', '.join(sorted(unknown))}; known: {', '.join(PROOFS)}")
    machine.prepare("dev")
    folder = VAR / "proof" / time.strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True)
    found: list[dict[str, Any]] = []
    with contextlib.ExitStack() as ending:
        base = checks.clean_env(folder)
        for name in options.names or PROOFS:
            minutes = WHOLE if options.whole else options.minutes
            found.append(_one(name, minutes, folder, base, ending))
            say(_line(found[-1]))
    (folder / "proof.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8"
    )
    print(f"\n{table(found)}\n\nfigures: {(folder / 'proof.json').relative_to(ROOT)}")
    bad = [one for one in found if not one["holds"] and (options.strict or "not_run" not in one)]
    return 1 if bad else 0


def _one(
    name: str,
    minutes: float,
    folder: Path,
    base: dict[str, str],
    ending: contextlib.ExitStack,
) -> dict[str, Any]:
    env = base | {"DATABASE_URL": f"sqlite:///{folder}/{name}.sqlite3"}
    try:
        if PROOFS[name].needs == "postgres":
            server = servers.Postgres()
            ending.callback(server.stop)
            env["DATABASE_URL"] = server.start()
        if PROOFS[name].needs == "browser":
            env |= {
                "JIEBANG_TEST_CHROMIUM": servers.chromium(),
                "JIEBANG_TEST_DATABASE_FILE": "1",
                "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
            }
        elif PROOFS[name].needs not in ("", "postgres") and not shutil.which(PROOFS[name].needs):
            raise CannotProvide(f"{PROOFS[name].needs} is not installed")
    except CannotProvide as problem:
        return {"name": name, "holds": False, "not_run": str(problem)}
    answer, log = folder / f"{name}.json", folder / f"{name}.log"
    words = ["-m", "tests.proof", name, "--json", str(answer)]
    words += ["--whole"] if minutes == WHOLE else ["--minutes", str(minutes)]
    child = Child(name, [str(machine.PYTHON), *words], env=env, log=log)
    child.run(seconds=minutes * 60 + SLACK)
    try:
        said: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {"name": name, "holds": False, "wrong": [child.last_words()]}
    return said


def _line(one: dict[str, Any]) -> str:
    if "not_run" in one:
        return f"{one['name']}: NOT RUN {one['not_run']}"
    wrong = "".join(f"\n    WRONG {words}" for words in one["wrong"][:10])
    return f"{one['name']}: {'ok' if one['holds'] else 'FAILED'}{wrong}"


def table(found: Sequence[dict[str, Any]]) -> str:
    """One line for each figure of each proof."""
    rows = [("proof", "result", "seconds", "figure", "")]
    for one in found:
        word = "NOT RUN" if "not_run" in one else "ok" if one["holds"] else "FAILED"
        first = (one["name"], word, f"{one.get('seconds', 0):.0f}")
        figures = list(one.get("figures", {}).items()) or [("", one.get("not_run", ""))]
        for n, (what, number) in enumerate(figures):
            rows.append((*(first if n == 0 else ("", "", "")), what, str(number)))
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    return "\n".join(
        "  ".join([*(row[n].ljust(widths[n]) for n in range(4)), row[4]]).rstrip() for row in rows
    )
