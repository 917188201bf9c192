"""`dev.py drill`: backup of a full place, restored into an empty one, by the clock."""

import argparse
import base64
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dev_tools import debian, machine, servers
from dev_tools.ground import ROOT, VAR, CannotProvide, DevError, run_quietly, say, tail

RESULT = VAR / "drill.json"


def add_command(commands: Any) -> None:
    """Register `drill` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "drill",
        help="backup and restore of a place with 10,000 filings, timed; nothing may be sent",
        description="On a throw-away PostgreSQL: make the filings, back up, restore into an empty "
        "database and folder, check the invariants, let every task run once while sealed and again "
        "after unsealing.",
    )
    command.add_argument("--filings", type=int, default=10_000, help="how many (10000)")
    command.add_argument("--kb", type=int, default=20, help="KB of stored file for each (20)")
    command.add_argument("--json", type=Path, default=RESULT, help="where the figures go")
    command.set_defaults(run=drill)


def drill(options: argparse.Namespace) -> int:
    """Play it; 0 when everything came back, the promises hold, and nothing went out too early."""
    machine.prepare("dev")
    postgres = servers.Postgres()
    folder = Path(tempfile.mkdtemp(prefix="jiebang-drill-"))
    try:
        found = play(postgres.start(), folder, filings=options.filings, kb=options.kb)
    except CannotProvide as problem:
        raise DevError(f"no PostgreSQL, no drill: {problem}") from None
    finally:
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    print(text, flush=True)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(text + "\n", encoding="utf-8")
    return 0 if holds(found) else 1


def holds(found: Mapping[str, Any]) -> bool:
    sealed, opened = found["sealed"], found["unsealed"]
    return (
        sealed["sent"] == 0
        and sealed["waiting"] == found["made"]["letters"]
        and sealed["filings"] == found["made"]["filings"]
        and opened["sent"] > 0
        and "全部相符" in found["restore"]["said"]
        and "全部相符" in found["afterwards"]["said"]
    )


def play(server: str, folder: Path, *, filings: int, kb: int) -> dict[str, Any]:
    """The whole drill between two databases of this server. Times are seconds of each command."""
    key = base64.urlsafe_b64encode(os.urandom(32)).decode()
    programs = debian.newest_postgres()
    assert programs is not None
    parts = urlsplit(server)
    names = {place: f"drill_{place}_{os.getpid()}" for place in ("here", "there")}
    for name in names.values():
        run([programs / "psql", "-q", server, "-c", f"CREATE DATABASE {name}"], env=os.environ)
    here, there = (
        settings(folder / place, parts._replace(path=f"/{name}").geturl(), key, programs)
        for place, name in names.items()
    )
    backup = folder / "drill.jbk"
    say("migrating")
    manage("migrate", "--noinput", env=here)
    say(f"making {filings} filings with {kb} KB of file each")
    tool: list[str | Path] = [machine.PYTHON, "-m", "tests.benchmarks.drilling"]
    found: dict[str, Any] = {
        "at": time.strftime("%Y-%m-%d %H:%M"),
        "load": os.getloadavg(),
        "made": said([*tool, "make", str(filings), str(kb)], env=here),
    }
    say("backing up")
    found["backup"] = manage("backup", backup, env=here)
    found["backup_mb"] = round(backup.stat().st_size / 1e6, 1)
    say("reading it through")
    found["check"] = manage("backup", backup, "--check", env=there)
    say("restoring into an empty place")
    found["restore"] = manage("restore", backup, env=there)
    say("every task once, sealed; then unsealed")
    found["sealed"] = said([*tool, "tick"], env=there)
    why = ("--by", "示例演练", "--reason", "恢复演练", "--letters", "send")
    manage("unseal", *why, env=there)
    found["unsealed"] = said([*tool, "tick"], env=there)
    found["afterwards"] = manage("check_invariants", "--without-files", env=there)
    return found


def settings(folder: Path, database: str, key: str, programs: Path) -> dict[str, str]:
    """The environment of one place; both have the key of the backups."""
    env = machine.clean_env()
    folder.mkdir(parents=True)
    return env | {
        "PATH": f"{programs}{os.pathsep}{env['PATH']}",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": database,
        "JIEBANG_VAR": str(folder),
        "JIEBANG_MEDIA": str(folder / "media"),
        "JIEBANG_BACKUP_KEY": key,
        "EMAIL_URL": "filemail://",
    }


def run(words: list[str | Path], *, env: Mapping[str, str]) -> str:
    done = run_quietly(words, env=env)
    if done.returncode:
        raise DevError(f"{words[0]} failed:\n{tail(done.stdout)}")
    return done.stdout


def said(words: list[str | Path], *, env: Mapping[str, str]) -> dict[str, Any]:
    """What a tool of ours printed as its last line."""
    last: dict[str, Any] = json.loads(run(words, env=env).strip().splitlines()[-1])
    return last


def manage(*words: str | Path, env: Mapping[str, str]) -> dict[str, Any]:
    """Run a command; its seconds, the most memory it held, and what it said last."""
    begun = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out:
        process = subprocess.Popen(
            [machine.PYTHON, "manage.py", *words],
            cwd=ROOT,
            env=dict(env),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        text = out.read().strip()
    if process.returncode:
        raise DevError(f"manage.py {words[0]} failed:\n{tail(text)}")
    return {
        "seconds": round(time.monotonic() - begun, 1),
        "most_mb": used.ru_maxrss // 1024,
        "said": text.splitlines()[-1] if text else "",
    }
