"""`dev.py cluster`: the production shape on this machine, on free ports of 127.0.0.1."""

import argparse
import base64
import contextlib
import fcntl
import http.client
import json
import os
import secrets
import shutil
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from dev_tools import machine, servers
from dev_tools.children import Child, Supervisor
from dev_tools.ground import VAR, VENV, CannotProvide, DevError, free_port, run_quietly, say, tail
from dev_tools.processes import GRACE_SECONDS, TABLE, Process
from dev_tools.proxy import Proxy

FOLDER = VAR / "cluster"
READY_SECONDS = 120.0
WEB_WORKERS = 2
TASKS = 1


def add_command(commands: Any) -> None:
    """Register `cluster` and its options."""
    command: argparse.ArgumentParser = commands.add_parser(
        "cluster",
        help="the production shape on this machine: nginx, two webs, workers, PostgreSQL, Redis",
        description="Start the processes of docker-compose.yml from installed servers, with an "
        "empty throw-away database. Ctrl-C stops everything and throws the data away.",
    )
    command.add_argument(
        "--check", action="store_true", help="start, say once whether all is ready, stop"
    )
    command.add_argument(
        "--kills",
        action="store_true",
        help="file while web, worker, PostgreSQL and Redis are killed in turn, then compare",
    )
    command.add_argument("--seconds", type=int, default=180, help="how long --kills lasts")
    command.add_argument("--rate", type=float, default=2.0, help="filings a second of --kills")
    command.set_defaults(run=cluster)


def cluster(options: argparse.Namespace) -> int:
    """Start, tell where, keep running until stopped; or one of the trials."""
    if options.kills:
        from dev_tools import kills

        return kills.run(seconds=options.seconds, rate=options.rate)
    with only_one(), Cluster() as running:
        found = running.readiness()
        print(json.dumps(found, ensure_ascii=False, indent=1), flush=True)
        if options.check:
            return 0 if found["ready"] else 1
        print(f"\n{running.table()}\n\n{running.url}    Ctrl-C stops it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            while True:
                running.look()
                time.sleep(1)
        say("stopping")
    return 0


@contextlib.contextmanager
def only_one() -> Iterator[None]:
    """One cluster per copy of the project: two would share a folder."""
    VAR.mkdir(exist_ok=True)
    with (VAR / "cluster.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DevError("a cluster of this copy is already running") from None
        yield


def settings(*, folder: Path, https: int, database: str, redis: str) -> dict[str, str]:
    """The environment of every process of ours: settings of production, nothing of this machine's.

    Letters become files; keys are made for this one run.
    """
    return machine.clean_env() | {
        "JIEBANG_SECRET_KEY": secrets.token_urlsafe(64),
        "JIEBANG_SEAL_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "JIEBANG_BACKUP_KEY": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "JIEBANG_VAR": str(folder),
        "JIEBANG_MEDIA": str(folder / "media"),
        "JIEBANG_HOSTS": "127.0.0.1,localhost",
        "JIEBANG_BASE_URL": f"https://127.0.0.1:{https}",
        "JIEBANG_HTTPS": "true",
        "JIEBANG_TRUSTED_ARRIVAL_HEADER": "HTTP_X_REQUEST_START",
        "JIEBANG_TRUSTED_ADDRESS_HEADER": "HTTP_X_REAL_IP",
        "DATABASE_URL": database,
        "REDIS_URL": f"{redis.rpartition('/')[0]}/1",
        "BROKER_URL": redis,
        "EMAIL_URL": "filemail://",
    }


class Cluster:
    """All processes of an installation. Ends only what it started, and all of that."""

    def __init__(self, *, folder: Path = FOLDER) -> None:
        self.folder = folder
        self.ending = contextlib.ExitStack()
        self.env: Mapping[str, str] = {}
        self.https = 0
        self.web: list[int] = []
        self.children: dict[str, Child] = {}
        self.watching: list[Supervisor] = []
        self.proxy: Proxy | None = None

    def __enter__(self) -> "Cluster":
        machine.prepare("base")
        machine.provide_pdf()
        with contextlib.ExitStack() as starting:
            starting.callback(self.close)
            try:
                self._start()
            except CannotProvide as problem:
                raise DevError(f"the cluster cannot start here: {problem}") from None
            starting.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self.ending.close()

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.https}/"

    @property
    def certificate(self) -> Path:
        assert self.proxy is not None and self.proxy.certificate is not None
        return self.proxy.certificate

    # ── starting ─────────────────────────────────────────────────────────────────────────────

    def _start(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        say("starting PostgreSQL and Redis")
        postgres, redis = servers.Postgres(durable=True), servers.Redis()
        self.ending.callback(postgres.stop)
        database = postgres.start()
        self.ending.callback(redis.stop)
        broker = redis.start()
        self.https, plain = free_port(), free_port()
        self.web = [free_port() for _ in range(_count("web"))]
        self.env = settings(folder=self.folder, https=self.https, database=database, redis=broker)
        for words in (("migrate", "--noinput"), ("collectstatic", "--noinput")):
            self.manage(*words)
        say("starting web, workers, beat and nginx")
        self.proxy = Proxy(https=self.https, http=plain, web=self.web)
        self.ending.callback(self.proxy.remove)
        bases, ours = Supervisor([]), Supervisor([])
        # Ours end first: a request that is under way still finds its database.
        for watch in (bases, ours):
            self.ending.push(watch)
        self.watching = [bases, ours]
        for name, server in (("postgres", postgres.child), ("redis", redis.child)):
            assert server is not None
            self.children[name] = server
            bases.add(server)
        for process in TABLE:
            for number in range(process.count):
                child = self._child(process, number)
                self.children[child.name] = child
                ours.add(child)
        self.children["nginx"] = self.proxy.child()
        ours.add(self.children["nginx"])
        self._wait_until_ready()

    def _child(self, process: Process, number: int) -> Child:
        name = f"{process.service}-{number + 1}" if process.count > 1 else process.service
        bind = f"127.0.0.1:{self.web[number]}" if process.service == "web" else ""
        words = process.command(
            bind=bind,
            workers=str(WEB_WORKERS),
            tasks=str(TASKS),
            pulse=str(self.folder / "celerybeat"),
            backups=str(self.folder / "backups"),
        )
        program, *rest = words
        return Child(
            name,
            [VENV / "bin" / program, *rest],
            env=self.env,
            log=self.folder / "log" / f"{name}.log",
            grace=GRACE_SECONDS,
        )

    def manage(self, *words: str, seconds: float = 600) -> str:
        """Run a management command with the cluster's settings; returns what it printed."""
        say(f"manage.py {' '.join(words)}")
        done = run_quietly([machine.PYTHON, "manage.py", *words], env=self.env, seconds=seconds)
        if done.returncode:
            raise DevError(f"manage.py {words[0]} failed:\n{tail(done.stdout)}")
        return done.stdout

    def _wait_until_ready(self) -> None:
        end = time.monotonic() + READY_SECONDS
        while time.monotonic() < end:
            if self.readiness()["ready"]:
                return
            self.look()
            time.sleep(0.3)
        raise DevError(f"the cluster was not ready in time; its logs are in {self.folder / 'log'}")

    # ── running ──────────────────────────────────────────────────────────────────────────────

    def look(self) -> None:
        """Start again what has died."""
        for watch in self.watching:
            watch.look()

    def readiness(self) -> dict[str, Any]:
        """What each part says: /readyz/ through the proxy, each web by itself, what runs."""
        front = self._front()
        webs = {f"web-{n + 1}": _answers(port) for n, port in enumerate(self.web)}
        alive = {name: child.is_alive() for name, child in self.children.items()}
        ready = front.get("status") == 200 and all(webs.values()) and all(alive.values())
        return {"ready": ready, "front": front, "web": webs, "alive": alive}

    def _front(self) -> dict[str, Any]:
        if self.proxy is None or self.proxy.certificate is None:
            return {"status": 0}
        trust = ssl.create_default_context(cafile=str(self.certificate))
        line = http.client.HTTPSConnection("127.0.0.1", self.https, timeout=10, context=trust)
        try:
            line.request("GET", "/readyz/")
            answer = line.getresponse()
            said = json.loads(answer.read()) if answer.status in (200, 503) else {}
            return {"status": answer.status, **said}
        except (OSError, ValueError, http.client.HTTPException) as error:
            return {"status": 0, "error": str(error)}
        finally:
            line.close()

    def table(self) -> str:
        """Each process with its id and where it listens."""
        ports = {f"web-{n + 1}": str(port) for n, port in enumerate(self.web)}
        ports["nginx"] = str(self.https)
        rows = [("process", "pid", "port")]
        for name, child in self.children.items():
            pid = str(child.process.pid) if child.process else "-"
            rows.append((name, pid, ports.get(name, "")))
        return "\n".join(f"{name:<10} {pid:>8} {port:>6}".rstrip() for name, pid, port in rows)


def _count(service: str) -> int:
    return sum(process.count for process in TABLE if process.service == service)


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz/", headers={"X-Forwarded-Proto": "https"})
        return line.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()
