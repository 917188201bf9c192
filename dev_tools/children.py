"""Processes we start, each with a process group of its own, and their orderly end."""

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from dev_tools.ground import ROOT, say, tail


def _end_with_parent(number: int) -> Callable[[], None] | None:
    """On Linux: should we be killed outright, the child gets the signal too."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(1, number)  # PR_SET_PDEATHSIG

    return ask


def as_user(name: str) -> dict[str, Any]:
    """Options of `subprocess` that run a program as this user, with nothing of root left."""
    return {"user": name, "group": pwd.getpwnam(name).pw_gid, "extra_groups": []}


@dataclass
class Child:
    """One process and all that it starts. `user` is for servers that refuse to run as root.

    `grace` is how many seconds it is given to end what it is doing.
    """

    name: str
    command: Sequence[str | Path]
    env: Mapping[str, str]
    log: Path
    user: str | None = None
    stop_signal: int = signal.SIGTERM
    grace: float = 10
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started: float = 0.0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        other: dict[str, Any] = as_user(self.user) if self.user else {}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in self.command],
                env=dict(self.env),
                cwd="/" if self.user else ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_parent(self.stop_signal),
                **other,
            )
        self.started = time.monotonic()

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def was_killed(self) -> bool:
        """Whether somebody ended it by force: then its last words say nothing of why."""
        return self.process is not None and self.process.poll() == -signal.SIGKILL

    def run(self, *, seconds: float) -> int:
        """Start, wait for the end, leave nothing behind; 124 when the time was up."""
        self.start()
        assert self.process is not None
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return 124
        finally:
            self.stop()

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return tail(self.log.read_text(encoding="utf-8", errors="replace"), lines=12)
        return ""

    def stop(self, *, seconds: float | None = None) -> None:
        """Ask the process to end, wait, then end what is left of its group."""
        if self.process is None:
            return
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(self.stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(timeout=self.grace if seconds is None else seconds)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None


def back_off(deaths: int) -> float:
    """Seconds to wait before the next start: 1, 2, 4 … 30."""
    return float(min(30, 2 ** max(0, deaths - 1)))


class Supervisor:
    """Keeps children running: a dead one is started again, later each time it dies at once."""

    def __init__(self, children: Sequence[Child], *, clock: Callable[[], float] = time.monotonic):
        self.children = list(children)
        self.clock = clock
        self.deaths = {child.name: 0 for child in self.children}
        self.due: dict[str, float] = {}

    def __enter__(self) -> "Supervisor":
        for child in self.children:
            child.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A second Ctrl-C must not leave half of them running.
        kept = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
        try:
            stop_all(self.children)
        finally:
            for number, handler in kept.items():
                signal.signal(number, handler)

    def add(self, child: Child) -> None:
        """Watch one more, starting it unless it runs already."""
        self.children.append(child)
        self.deaths[child.name] = 0
        if not child.is_alive():
            child.start()

    def look(self) -> None:
        """One round: note the dead, start again whose time has come."""
        now = self.clock()
        for child in self.children:
            if child.is_alive():
                if now - child.started > 60:
                    self.deaths[child.name] = 0
                continue
            if child.name not in self.due:
                self.deaths[child.name] += 1
                wait = back_off(self.deaths[child.name])
                self.due[child.name] = now + wait
                words = "" if child.was_killed() else f"\n{child.last_words()}"
                say(f"{child.name} has ended; starting it again in {wait:g} s{words}")
            elif now >= self.due[child.name]:
                del self.due[child.name]
                child.stop()
                child.start()


STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def stop_all(children: Sequence[Child]) -> None:
    """Ask all at once, then wait for each."""
    for child in children:
        if child.is_alive() and child.process is not None:
            with contextlib.suppress(ProcessLookupError):
                child.process.send_signal(child.stop_signal)
    for child in children:
        child.stop()
