"""`dev.py demo`: a lively season with made-up data, on this machine only."""

import argparse
import contextlib
import fcntl
import http.client
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dev_tools import machine
from dev_tools.children import Child, Supervisor
from dev_tools.ground import ROOT, VAR, VENV, DevError, free_port, run_aloud, run_quietly, say, tail

DATABASE = VAR / "demo.sqlite3"
MEDIA = VAR / "demo-media"
CELERY = VAR / "celery"
LOGS = VAR / "demo-log"
MAIL = VAR / "mail"
LINKS = VAR / "demo-links.json"
SEEDING = VAR / "demo-seeding"
ANSWER_SECONDS = 90.0
QUEUES = ("sweeps", "documents", "letters")


def add_command(commands: Any) -> None:
    """Register `demo` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "demo",
        help="a whole season with made-up data, on this machine only",
        description="Start web and worker with SQLite and made-up data, on 127.0.0.1 only. "
        "Ctrl-C stops everything; the data stays in var/ until --reset.",
    )
    command.add_argument("--port", type=int, help="the port (default: the first free from 8000)")
    command.add_argument("--reset", action="store_true", help="throw the demo's data away first")
    command.add_argument(
        "--check", action="store_true", help="start, wait until /healthz/ answers, stop"
    )
    command.set_defaults(run=demo)


def demo(options: argparse.Namespace) -> int:
    """Prepare, start, tell where, keep running until stopped."""
    if not (ROOT / "manage.py").exists():
        raise DevError("manage.py is missing: this is not a whole copy of the project")
    VAR.mkdir(exist_ok=True)
    with _only_one():
        machine.prepare("base")
        machine.provide_pdf()
        if options.reset or SEEDING.exists():
            _throw_away()
        port = options.port or free_port(8000)
        if options.port and free_port(port, tries=1) != port:
            raise DevError(f"port {port} is taken")
        env = clean_env(port=port)
        _manage("migrate", "--noinput", env=env)
        _manage("collectstatic", "--noinput", env=env)
        _seed(env)
        with Supervisor(_children(env, port=port)) as supervisor:
            if not _wait_for_answer(supervisor, port=port):
                raise DevError("the demo did not answer; see the logs in var/demo-log")
            say(f"the demo answers: http://127.0.0.1:{port}/")
            if options.check:
                return 0
            _tell(env, port=port)
            with contextlib.suppress(KeyboardInterrupt):
                while True:
                    supervisor.look()
                    time.sleep(1)
            say("stopping 正在停止")
    say("stopped 已停止")
    return 0


@contextmanager
def _only_one() -> Iterator[None]:
    """One demo per copy of the project: two would share a database and a queue."""
    with (VAR / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevError("the demo of this copy is already running") from None
        yield


def _throw_away() -> None:
    say("throwing the old demo data away")
    for folder in (MEDIA, CELERY, LOGS, MAIL):
        shutil.rmtree(folder, ignore_errors=True)
    for path in (*VAR.glob(DATABASE.name + "*"), LINKS, SEEDING):
        path.unlink(missing_ok=True)


def clean_env(*, port: int) -> dict[str, str]:
    """Settings of the demo. Nothing of a real installation reaches it, no mail leaves it."""
    return machine.clean_env() | {
        "JIEBANG_DEMO": "1",
        "JIEBANG_VAR": str(VAR),
        "JIEBANG_MEDIA": str(MEDIA),
        "JIEBANG_HOSTS": "127.0.0.1,localhost",
        "JIEBANG_BASE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "BROKER_URL": "filesystem://",
    }


def _manage(*words: str, env: Mapping[str, str], aloud: bool = False) -> None:
    say(f"manage.py {' '.join(words)}")
    run = run_aloud if aloud else run_quietly
    done = run([machine.PYTHON, "manage.py", *words], env=env)
    if done.returncode:
        raise DevError(f"manage.py {words[0]} failed:\n{tail(done.stdout)}")


def has_command(name: str, *, root: Path = ROOT) -> bool:
    """Whether some app of the project has this management command."""
    return any(root.glob(f"*/management/commands/{name}.py"))


def is_empty(database: Path, *, table: str = "accounts_user") -> bool:
    """Whether nobody has an account in this SQLite database."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        try:
            return connection.execute(f'select 1 from "{table}" limit 1').fetchone() is None
        except sqlite3.OperationalError:
            return True


def _seed(env: Mapping[str, str]) -> None:
    if not has_command("seed_demo"):
        say("还没有演示数据。 There is no demo data yet.")
        return
    if not is_empty(DATABASE):
        return
    # While this mark lies there the data is half made; the next start begins anew.
    SEEDING.touch()
    _manage("seed_demo", env=env, aloud=True)
    SEEDING.unlink()
    say("demo data made 演示数据已生成")


def _children(env: Mapping[str, str], *, port: int) -> list[Child]:
    programs = VENV / "bin"
    web: list[str | Path] = [
        *(programs / "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--threads", "4", "--timeout", "120", "--graceful-timeout", "5"),
        *("--worker-tmp-dir", VAR, "--log-level", "warning", "--no-control-socket"),
    ]
    worker: list[str | Path] = [
        *(programs / "celery", "-A", "portal", "worker", "-B", "-P", "threads", "-c", "4"),
        *("--schedule", CELERY / "beat", "--loglevel", "warning"),
        *("--queues", ",".join(QUEUES), "--without-mingle", "--without-gossip"),
    ]
    return [
        Child("web", web, env=env, log=LOGS / "web.log"),
        Child("worker", worker, env=env, log=LOGS / "worker.log"),
    ]


def _wait_for_answer(supervisor: Supervisor, *, port: int) -> bool:
    end = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < end:
        if answers(port):
            return True
        supervisor.look()
        time.sleep(0.2)
    return False


def answers(port: int, *, path: str = "/healthz/") -> bool:
    """Whether the web answers with 200."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _tell(env: Mapping[str, str], *, port: int) -> None:
    if has_command("demo_links"):
        done = run_quietly([machine.PYTHON, "manage.py", "demo_links"], env=env, seconds=60)
        print(f"\n{done.stdout.rstrip()}\n", flush=True)
    print(f"网址 Open  http://127.0.0.1:{port}/    停止 Stop  Ctrl-C", flush=True)
