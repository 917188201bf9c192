"""Where things lie, how progress is said, and the small pure parts."""

import hashlib
import json
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
VENV = ROOT / ".venv"
SYSROOT = ROOT / ".sysroot"
STARTED = time.monotonic()


class DevError(Exception):
    """Something the person at the keyboard can put right; printed without a traceback."""


class CannotProvide(Exception):
    """A thing this machine lacks and we could not bring; the text says why."""


def say(message: str) -> None:
    """One progress line with the seconds since the start."""
    print(f"[{time.monotonic() - STARTED:6.1f} s] {message}", flush=True)


def free_port(first: int | None = None, *, tries: int = 100) -> int:
    """A port on 127.0.0.1 nobody listens on: the first from `first` upwards, or any."""
    for port in [0] if first is None else range(first, first + tries):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise DevError(f"no free port from {first} to {first + tries - 1 if first else ''}")


def fingerprint(paths: Iterable[Path]) -> str:
    """One SHA-256 over the contents of the files, in the order given."""
    digest = hashlib.sha256()
    for path in paths:
        data = path.read_bytes()
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()


def read_stamp(path: Path) -> dict[str, Any]:
    """What a stamp file says; an absent or broken one says nothing."""
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def write_stamp(path: Path, said: Mapping[str, Any]) -> None:
    """Write the stamp whole or not at all."""
    part = path.with_name(path.name + f".{os.getpid()}")
    part.write_text(json.dumps(said, indent=1, sort_keys=True), encoding="utf-8")
    part.replace(path)


def run_quietly(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    seconds: float = 1800,
) -> subprocess.CompletedProcess[str]:
    """Run to the end and keep what it printed (both streams as one); never raises for its code.

    An end by time-out is answered as code 124, a missing program as 127.
    """
    words = [str(word) for word in command]
    try:
        return subprocess.run(
            words,
            env=None if env is None else dict(env),
            cwd=cwd,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(words, 124, stdout=f"not done after {seconds:g} s")
    except OSError as error:
        return subprocess.CompletedProcess(words, 127, stdout=str(error))


def run_aloud(
    command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    """As `run_quietly`, for what takes long and reports: each line of its stdout is said at once.

    Errors are kept for the answer; an interrupt ends the process before it goes up.
    """
    words = [str(word) for word in command]
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors,
        subprocess.Popen(
            words,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.strip():
                    say("    " + line.rstrip())
        except BaseException:
            process.terminate()
            raise
        process.wait()
        errors.seek(0)
        return subprocess.CompletedProcess(words, process.returncode, stdout=errors.read())


def tail(text: str, *, lines: int = 25) -> str:
    """The end of a long output, indented for a message."""
    kept = [line for line in text.splitlines() if line.strip()][-lines:]
    return "\n".join("    " + line for line in kept)
