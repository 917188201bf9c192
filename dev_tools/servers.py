"""Throw-away servers for the tests: our own PostgreSQL and Redis on free ports of 127.0.0.1."""

import os
import pwd
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from dev_tools import debian
from dev_tools.children import Child
from dev_tools.ground import SYSROOT, CannotProvide, free_port, run_quietly, tail
from dev_tools.machine import child_env

FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "10s",
}


DURABLE = {"max_connections": "200", "shared_buffers": "128MB"}
"""For what is killed on purpose: nothing that was committed may be lost."""


def other_user(what: str) -> str | None:
    """Who runs a server that must not run as root: None for ourselves, else postgres or nobody."""
    if not debian.is_root():
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in names:
            return name
    raise CannotProvide(f"{what} does not run as root and there is no other user")


def _wait(child: Child, ready: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and child.is_alive():
        if ready():
            return
        time.sleep(0.1)
    words = child.last_words()
    child.stop()
    raise CannotProvide(f"{child.name} did not start:\n{words}")


class Postgres:
    """A PostgreSQL cluster made for one run: scram password, loopback, then deleted.

    Without `durable` it does not wait for the disk.
    """

    def __init__(self, *, durable: bool = False) -> None:
        self.settings = DURABLE if durable else FAST
        self.child: Child | None = None
        self.folder: Path | None = None
        self.url = ""

    def start(self) -> str:
        """Make the cluster, start it and return its URL, or raise `CannotProvide`."""
        programs = debian.newest_postgres()
        if programs is None:
            debian.provide(["postgresql"], what="PostgreSQL")
            programs = debian.newest_postgres()
        if programs is None:
            raise CannotProvide("PostgreSQL was installed but its programs were not found")
        user = other_user("PostgreSQL")
        self.folder = Path(tempfile.mkdtemp(prefix="jiebang-pg-"))
        password = secrets.token_hex(16)
        secret = self.folder / "password"
        secret.write_text(password, encoding="ascii")
        if user:
            shutil.chown(self.folder, user)
            shutil.chown(secret, user)
        env = child_env(LC_ALL="C.UTF-8", HOME=str(self.folder), TZ="UTC")
        data = self.folder / "data"
        make = Child(
            "initdb",
            [
                *(programs / "initdb", "-D", data, "-U", "jiebang", "--no-sync"),
                *("--auth=scram-sha-256", f"--pwfile={secret}"),
                *("--encoding=UTF8", "--locale=C.UTF-8"),
            ],
            env=env,
            log=self.folder / "initdb.log",
            user=user,
        )
        if make.run(seconds=120):
            raise CannotProvide(f"initdb failed:\n{make.last_words()}")
        secret.unlink()
        port = free_port()
        settings = self.settings | {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(self.folder),
        }
        words = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        self.child = Child(
            "PostgreSQL",
            [programs / "postgres", "-D", data, *words],
            env=env,
            log=self.folder / "log",
            user=user,
            stop_signal=2,  # SIGINT: PostgreSQL's fast shutdown
        )
        self.child.start()
        child, log = self.child, self.folder / "log"
        _wait(child, lambda: "ready to accept connections" in log.read_text("utf-8", "replace"))
        self.url = f"postgres://jiebang:{password}@127.0.0.1:{port}/postgres"
        return self.url

    def stop(self) -> None:
        if self.child:
            self.child.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


class Redis:
    """A Redis server that keeps nothing on disk."""

    def __init__(self) -> None:
        self.child: Child | None = None
        self.folder: Path | None = None

    def start(self) -> str:
        """Start it and return its URL, or raise `CannotProvide`."""
        if not debian.program("redis-server"):
            debian.provide(["redis-server"], what="Redis")
        program = debian.program("redis-server")
        if not program:
            raise CannotProvide("Redis was installed but redis-server was not found")
        self.folder = Path(tempfile.mkdtemp(prefix="jiebang-redis-"))
        port = free_port()
        self.child = Child(
            "Redis",
            [
                *(program, "--port", str(port), "--bind", "127.0.0.1", "--dir", self.folder),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
            ],
            env=child_env(),
            log=self.folder / "log",
        )
        self.child.start()
        _wait(self.child, lambda: _answers_ping(port), seconds=20)
        return f"redis://127.0.0.1:{port}/0"

    def stop(self) -> None:
        if self.child:
            self.child.stop()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)


def _answers_ping(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def chromium() -> str:
    """Path of a Chromium that starts, or raise `CannotProvide`."""
    found = _chromium()
    if not found:
        debian.provide(["chromium", "fonts-dejavu-core"], what="Chromium")
        found = _chromium()
    if not found:
        raise CannotProvide("Chromium was installed but not found")
    done = run_quietly([found, "--version"], env=child_env(), seconds=60)
    if done.returncode:
        raise CannotProvide(f"{found} does not start:\n{tail(done.stdout, lines=4)}")
    return found


def _chromium() -> str | None:
    named = os.environ.get("JIEBANG_TEST_CHROMIUM")
    if named:
        return named
    # Unpacked, the program itself: the script beside it names the place it would be installed to.
    for path in (SYSROOT / "usr/lib/chromium/chromium", Path("/usr/lib/chromium/chromium")):
        if path.exists():
            wrapper = shutil.which("chromium") if path.parts[1] == "usr" else None
            return wrapper or str(path)
    return shutil.which("chromium") or shutil.which("google-chrome")
