"""Hostile documents drawn under ``strace``: what the kernel was asked for, not what we say of it.

A child draws documents that ask for other files and for the network, each address in each way a
document can name one. The trace is judged between the marks that the child leaves: no network call,
and no file opened but our own styles and faces. The control draws the same with WeasyPrint's
own fetcher; a proof that does not see it read the file and ring at the port proves nothing.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.proof.frame import Report

WITHOUT_DATABASE = True
ROOT = Path(__file__).resolve().parents[2]
OWN = (f"{ROOT}/assets/paper/", f"{ROOT}/assets/fonts/")
PROFILE = "/weasyprint/pdf/sRGB2014.icc"
"""WeasyPrint's own description of colours, which every PDF/A carries."""
WAYS = {
    "picture": '<img src="{}">',
    "style sheet": '<link rel="stylesheet" href="{}">',
    "import": '<style>@import url("{}");</style>',
    "face": '<style>@font-face {{ font-family: x; src: url("{}") }} p {{ font-family: x }}</style>',
    "background": '<p style="background: url({})">x</p>',
    "list": '<ul><li style="list-style-image: url({})">x</li></ul>',
    "content": '<style>p::before {{ content: url("{}") }}</style>',
    "object": '<object data="{}">x</object>',
    "embed": '<embed src="{}">',
    "attachment": '<link rel="attachment" href="{}">',
    "attached link": '<a rel="attachment" href="{}">x</a>',
    "drawing": '<svg width="9" height="9"><image href="{}" width="9" height="9"/></svg>',
    "use": '<svg width="9" height="9"><use href="{}#x"/></svg>',
}
"""How a document can name an address."""


def addresses(secret: Path, port: int) -> dict[str, str]:
    """What none may read, under every name; the port is one that listens."""
    there = f"http://127.0.0.1:{port}"
    nested = f"<svg xmlns='http://www.w3.org/2000/svg'><image href='{there}/nested'/></svg>"
    return {
        "a file": secret.as_uri(),
        "a file of the system": "file:///etc/passwd",
        "our own settings": (ROOT / "portal/settings.py").as_uri(),
        "upwards": "../../../../../../../etc/passwd",
        "upwards, encoded": "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "upwards from our styles": f"{(ROOT / 'assets/paper').as_uri()}/../../portal/settings.py",
        "another host's file": "file://localhost/etc/passwd",
        "the network": f"{there}/plain",
        "a redirect to a file": f"{there}/redirect",
        "without a scheme": f"//127.0.0.1:{port}/bare",
        "by a name": f"http://localhost:{port}/name",
        "by IPv6": f"http://[::1]:{port}/six",
        "inside data": "data:image/svg+xml," + nested.replace("<", "%3C").replace("#", "%23"),
        "ftp": f"ftp://127.0.0.1:{port}/x",
    }


# Judging a trace ---------------------------------------------------------------------------------

BEGIN, END = "/jiebang-begin/", "/jiebang-end/"
OPENED = re.compile(r'\bopen(?:at)?\((?:AT_FDCWD, |\d+(?:<[^>]*>)?, )?"((?:[^"\\]|\\.)*)"')
NETWORK = re.compile(r"\b(?:connect|sendto|sendmsg)\(.*sa_family=(AF_INET6?|AF_NETLINK)\b")


@dataclass
class Trace:
    """Of each document, by its number: files opened and network calls."""

    opened: dict[int, list[str]] = field(default_factory=dict)
    rang: dict[int, list[str]] = field(default_factory=dict)


def read(lines: Iterator[str] | list[str]) -> Trace:
    """The trace between the marks; what came before the first (imports) is not judged."""
    found, number = Trace(), None
    for line in lines:
        match = OPENED.search(line)
        path = match.group(1) if match else ""
        if path.startswith(BEGIN):
            number = int(path.removeprefix(BEGIN))
            found.opened[number], found.rang[number] = [], []
        elif path.startswith(END):
            number = None
        elif number is not None and path:
            found.opened[number].append(path)
        elif number is not None and NETWORK.search(line):
            found.rang[number].append(line.strip())
    return found


def strange(path: str) -> bool:
    """Whether a document had no business with this file."""
    return not (path.startswith(OWN) or path.endswith(PROFILE)) or ".." in path


# The child ---------------------------------------------------------------------------------------


def documents(secret: Path, port: int) -> list[tuple[str, str, str]]:
    """(way, address, HTML) of every document."""
    page = "<!doctype html><html><head>{0}</head><body><p>示例</p>{0}</body></html>"
    return [
        (way, name, page.format(words.format(address)))
        for name, address in addresses(secret, port).items()
        for way, words in WAYS.items()
    ]


def draw(secret: Path, port: int, *, careless: bool) -> None:
    """Run under ``strace``: each document between two marks. Says how each one ended."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
    import django

    django.setup()
    from documents import rendering
    from documents.errors import UnrenderableDocument

    if careless:
        ours = rendering._engine()
        fetcher = ours.weasyprint.urls.URLFetcher
        engine = ours._replace(fetcher=lambda *given: fetcher())
        rendering._engine = lambda: engine

    def write(html: str) -> str:
        try:
            rendering._write(
                html,
                draw_code=None,
                page_code=None,
                seals={},
                pictures={},
                identity="0" * 32,
                dated=None,
            )
        except UnrenderableDocument:
            return "refused"
        except Exception as error:
            return type(error).__name__
        return "drawn"

    print("warm", write("<!doctype html><html><head></head><body><p>示例</p></body></html>"))
    for number, (_, _, html) in enumerate(documents(secret, port)):
        _mark(BEGIN, number)
        said = write(html)
        _mark(END, number)
        print(number, said, flush=True)


def _mark(which: str, number: int) -> None:
    with contextlib.suppress(OSError):
        os.close(os.open(f"{which}{number}", os.O_RDONLY))


# The proof ---------------------------------------------------------------------------------------


class Listening:
    """A port on which somebody waits; answers everything with a redirect to a file."""

    def __init__(self, secret: Path) -> None:
        self.rang = 0
        self.answer = f"HTTP/1.0 302 x\r\nLocation: {secret.as_uri()}\r\n\r\n".encode()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.socket.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                there, _ = self.socket.accept()
            except OSError:
                return
            self.rang += 1
            with contextlib.suppress(OSError), there:
                there.settimeout(2)
                there.recv(4096)
                there.sendall(self.answer)

    def close(self) -> None:
        self.socket.close()


def prove(report: Report, *, seconds: float) -> None:
    if shutil.which("strace") is None:
        report.fail("strace is not installed")
        return
    with tempfile.TemporaryDirectory(prefix="jiebang-strace-") as folder:
        secret = Path(folder) / f"secret-{secrets.token_hex(8)}"
        secret.write_text("x")
        trace, answers, rang = run(Path(folder), secret, careless=False, seconds=seconds)
        judge(report, trace, answers, secret)
        report.figures["rings at the port"] = rang
        report.expect(rang == 0, f"the port was rung at {rang} times")
        trace, _, rang = run(Path(folder), secret, careless=True, seconds=seconds)
        read_it = sum(str(secret) in paths for paths in trace.opened.values())
        called = sum(bool(calls) for calls in trace.rang.values())
        report.figures |= {
            "control: documents that read the file": read_it,
            "control: documents that asked the network": called,
        }
        report.expect(bool(read_it and called and rang), "the control was not seen")


def run(
    folder: Path, secret: Path, *, careless: bool, seconds: float
) -> tuple[Trace, dict[int, str], int]:
    """Draw them all under ``strace``: the trace, how each ended, how often the port was rung at."""
    waiting = Listening(secret)
    log = folder / "trace"
    call = ["strace", "-f", "-qq", "-s", "4096", "-o", str(log)]
    call += ["-e", "trace=open,openat,connect,sendto,sendmsg"]
    call += [sys.executable, "-m", "tests.proof.strace", str(secret), str(waiting.port)]
    try:
        done = subprocess.run(
            [*call, *(["careless"] if careless else [])],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=max(seconds, 60) * 5,
            check=False,
        )
    finally:
        waiting.close()
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    lines = [line.split() for line in done.stdout.splitlines()]
    if ["warm", "drawn"] not in lines:
        raise RuntimeError(f"nothing can be drawn: {done.stdout[:500]}")
    answers = {int(one[0]): one[1] for one in lines if one[0].isdigit()}
    with log.open(encoding="utf-8", errors="replace") as trace:
        return read(trace), answers, waiting.rang


def judge(report: Report, trace: Trace, answers: dict[int, str], secret: Path) -> None:
    """Each document: refused or drawn without what it asked for, nothing strange in its trace."""
    made = documents(secret, 1)
    report.expect(len(trace.opened) == len(made), f"{len(trace.opened)} of {len(made)} were traced")
    for number, (way, name, _) in enumerate(made):
        said = f"{name} as {way}"
        report.count("documents")
        report.count(f"of them {answers.get(number, 'silent')}")
        report.expect(answers.get(number) in ("refused", "drawn"), f"{said}: {answers.get(number)}")
        opened = trace.opened.get(number, [])
        report.count("files opened by them", len(opened))
        for path in {path for path in opened if strange(path)}:
            report.fail(f"{said}: opened {path}")
        for call in trace.rang.get(number, []):
            report.fail(f"{said}: {call[:200]}")


if __name__ == "__main__":
    import pytest  # noqa: F401  (the settings are those of the tests)

    draw(Path(sys.argv[1]), int(sys.argv[2]), careless="careless" in sys.argv[3:])
