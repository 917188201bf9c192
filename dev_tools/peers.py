"""`dev.py bench --peers`: another product with as many rows, on the same PostgreSQL.

pretalx (a portal for conference proposals) comes from PyPI into `var/peers/pretalx`, an environment
of its own, and is driven by `tests/benchmarks/peers/pretalx.py`. It is measured, never imported or
shipped: its licence (AGPL with additional terms) does not touch the portal. The environment and
its files are kept for the next time.
"""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dev_tools import machine
from dev_tools.ground import (
    ROOT,
    VAR,
    CannotProvide,
    fingerprint,
    read_stamp,
    run_quietly,
    say,
    tail,
    write_stamp,
)

FOLDER = VAR / "peers"
LOCK = ROOT / "requirements/peers.txt"
VENV = FOLDER / "pretalx"
PYTHON = VENV / "bin/python"
STAMP = VENV / "jiebang-stamp.json"
WORK = FOLDER / "files"
DATABASE = "peers_pretalx"
CREATE = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as line:
    line.execute(f'DROP DATABASE IF EXISTS "{sys.argv[2]}" WITH (FORCE)')
    line.execute(f'CREATE DATABASE "{sys.argv[2]}"')
"""


def measure(base: str, *, sizes: Sequence[int]) -> dict[str, Any]:
    """What pretalx takes with so many proposals. Raises ``CannotProvide`` where it cannot run."""
    install()
    env = settings(base, sizes=sizes)
    parts = urlsplit(base)
    server = parts._replace(scheme="postgresql", path="/template1").geturl()
    for words, what in (
        (("-c", CREATE, server, DATABASE), "its database"),
        (("-m", "pretalx", "migrate", "--noinput"), "its migrations"),
        (("-m", "pretalx", "collectstatic", "--noinput"), "its static files"),
    ):
        say(f"pretalx: {what}")
        _run(words, env=env, what=what)
    say("pretalx: seeding and measuring")
    said = _run(("-m", "tests.benchmarks.peers.pretalx"), env=env, what="measuring").splitlines()
    found: dict[str, Any] = json.loads(said[-1])
    return {"name": "pretalx", "version": version(LOCK.read_text("utf-8")), **found}


def version(lock: str) -> str:
    return next(
        line.partition("==")[2] for line in lock.splitlines() if line.startswith("pretalx==")
    )


def install() -> None:
    """Its environment, made once for each state of the lock."""
    wanted = {"lock": fingerprint([LOCK])}
    if PYTHON.exists() and read_stamp(STAMP) == wanted:
        return
    say("pretalx: an environment of its own")
    FOLDER.mkdir(parents=True, exist_ok=True)
    commands: tuple[list[str | Path], ...] = (
        [machine.PYTHON if machine.PYTHON.exists() else sys.executable, "-m", "venv", VENV],
        [PYTHON, "-m", "pip", "install", "--quiet", "--requirement", LOCK],
    )
    for command in commands:
        run = run_quietly(command, env=machine.clean_env())
        if run.returncode:
            raise CannotProvide(f"pretalx could not be installed: {tail(run.stdout, lines=3)}")
    write_stamp(STAMP, wanted)


def settings(base: str, *, sizes: Sequence[int]) -> dict[str, str]:
    """Its own environment variables; nothing of an installation of pretalx on this machine."""
    parts = urlsplit(base)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRETALX_")}
    for stray in (*machine.FOREIGN_PYTHON, "VIRTUAL_ENV"):
        kept.pop(stray, None)
    folders = {name: WORK / name.lower() for name in ("LOGS", "MEDIA", "STATIC")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return kept | {
        "DJANGO_SETTINGS_MODULE": "pretalx.settings",
        "PRETALX_DATA_DIR": str(WORK),
        "PRETALX_DB_TYPE": "postgresql",
        "PRETALX_DB_NAME": DATABASE,
        "PRETALX_DB_USER": parts.username or "",
        "PRETALX_DB_PASS": parts.password or "",
        "PRETALX_DB_HOST": parts.hostname or "",
        "PRETALX_DB_PORT": str(parts.port or ""),
        "PRETALX_SITE_URL": "http://testserver",
        **{f"PRETALX_FILESYSTEM_{name}": str(folder) for name, folder in folders.items()},
        "BENCH_SIZES": ",".join(map(str, sorted(sizes))),
    }


def _run(words: Sequence[str | Path], *, env: Mapping[str, str], what: str) -> str:
    run = run_quietly([PYTHON, *words], env=env, seconds=3600)
    if run.returncode:
        raise CannotProvide(f"{what} failed:\n{tail(run.stdout)}")
    return run.stdout


HEAD = ("Page", "Rows", "pretalx", "Jiebang", "what each shows")
LINES = (
    ("list", "Organiser's list", "proposals, 50 a page; filings, 50 a page"),
    ("dashboard", "Review dashboard", "up to 250 proposals with scores; 250 of 10,000 filings"),
    ("public", "Public page", "call for proposals; public page of a call"),
    (
        "submit",
        "Submit",
        "last step of the wizard, one text; a filing of all parts, its papers and receipt",
    ),
)


def ours(found: Mapping[str, Any], name: str, rows: int) -> str:
    """The page of ours that does nearest the same, as found in this run with so many rows."""
    if name == "dashboard":
        page = found.get("review_dashboard", {}).get("many", {}).get("round, 250 rows")
        return f"{page['median_ms']:g} ms ({page['queries']})" if page else "—"
    module, key = {
        "list": ("pages", "office_list"),
        "public": ("pages", "public_call"),
        "submit": ("filing", "submit"),
    }[name]
    for size in found.get(module, {}).get("sizes", ()):
        if size["filings"] == rows:
            return f"{size[f'{key}_ms']:g} ms ({size[f'{key}_queries']})"
    return "—"


def table(found: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """For people: medians by the clock, statements in brackets. Nothing when it was not run."""
    said = found.get("peers")
    if not said:
        return []
    rows: list[tuple[str, ...]] = [
        (
            title,
            f"{size['proposals']:,}",
            f"{size[f'{name}_ms']:g} ms ({size[f'{name}_queries']})",
            ours(found, name, size["proposals"]),
            shows,
        )
        for name, title, shows in LINES
        for size in said["sizes"]
    ]
    return [HEAD, *rows]


def terminal(found: Mapping[str, Any]) -> str:
    """The table under that of the targets; different products, so no verdict."""
    rows = table(found)
    if not rows:
        return ""
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    title = (
        f"beside pretalx {found['peers']['version']} on the same PostgreSQL, median (statements);"
        " another product: each page shows what it shows"
    )
    return "\n".join([title, *lines])
