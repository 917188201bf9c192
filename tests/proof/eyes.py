"""Hostile stored texts before real eyes: every role opens its pages in Chromium, nothing runs.

The world of ``texts``: every text carries a payload that would call ``jbx()``, make an element or
lead away. The function is there and counts; breaches of the content security policy and requests
to elsewhere are counted too. All must be none. Three controls must be seen: texts put in unescaped,
the same without the policy, and a page that asks another host.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.db import connections
from django.template import engines
from django.test.testcases import LiveServerThread

from tests.proof import forms, texts
from tests.proof.frame import Report, Watch
from tests.proof.snapshots import Kept, made

RUNS = f"{texts.MARK}()"
PAYLOADS = (
    *(f'"><svg onload={RUNS}>', f"<script>{RUNS}</script>", f"<img src=x onerror={RUNS}>"),
    *texts.SHORT,
)
"""Eleven, so that titles that are compared with one another carry different ones."""
WORLDS = ("review", "decision", "panel", "visits", "testing", "years")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]
EARS = f"""
window.jbHeard = {{runs: 0, breaches: []}};
window.{texts.MARK} = () => {{ window.jbHeard.runs += 1; }};
document.addEventListener("securitypolicyviolation", event => {{
    window.jbHeard.breaches.push(event.violatedDirective + " " + event.blockedURI);
}});
"""
LOOK = f"""() => ({{
    ...window.jbHeard,
    elements: document.querySelectorAll("#{texts.MARK}, [href^='//{texts.MARK}']").length,
    text: document.body ? document.body.innerText : "",
}})"""
CONTROLS = 40
"""So many pages are opened at most until a control is seen."""


class Eyes:
    """One browser; a window of its own for each person. Everything that must not be is kept."""

    def __init__(self, browser: Any, host: str, world: Any) -> None:
        self.browser, self.host, self.world = browser, host, world
        self.windows: dict[str, Any] = {}
        self.elsewhere: list[str] = []
        self.dialogs = 0

    def window(self, person: str) -> Any:
        """The person's page, signed in by the session's cookie."""
        if person not in self.windows:
            context = self.browser.new_context(base_url=self.host)
            context.set_default_timeout(20_000)
            context.add_init_script(EARS)
            if person != "anonymous":
                session = self.world.sessions[person]
                context.add_cookies([{"name": "sessionid", "value": session, "url": self.host}])
            page = context.new_page()
            page.on("request", self._request)
            page.on("dialog", self._dialog)
            self.windows[person] = page
        return self.windows[person]

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.host, "blob:", "about:", "chrome-error:")):
            self.elsewhere.append(request.url)

    def _dialog(self, dialog: Any) -> None:
        self.dialogs += 1
        dialog.dismiss()

    def open(self, person: str, url: str) -> dict[str, Any] | None:
        """What was seen on the page; None for what is no page (a file, a refusal)."""
        from playwright.sync_api import Error

        page, asked = self.window(person), len(self.elsewhere)
        dialogs = self.dialogs
        try:
            answer = page.goto(url, wait_until="load")
        except Error as error:
            if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
                return None
            raise
        kind = answer.headers.get("content-type", "") if answer else ""
        if answer is None or answer.status != 200 or not kind.startswith("text/html"):
            return None
        page.wait_for_timeout(30)  # what a page's own script makes of its texts
        seen: dict[str, Any] = page.evaluate(LOOK)
        seen["elsewhere"] = self.elsewhere[asked:]
        seen["dialogs"] = self.dialogs - dialogs
        return seen

    def close(self) -> None:
        for page in self.windows.values():
            page.context.close()


def prove(report: Report, *, seconds: float) -> None:
    for name in WORLDS:
        with (
            tempfile.TemporaryDirectory(prefix="jiebang-eyes-") as folder,
            chromium() as browser,
            served(Path(folder), name) as (kept, world, host),
            kept.use(),
        ):
            watch, eyes = Watch(seconds / len(WORLDS)), Eyes(browser, host, world)
            everybody(report, eyes, name, watch=watch)
            if name == "review":
                controls(report, eyes, name)
            eyes.close()


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = os.environ.get("JIEBANG_TEST_CHROMIUM") or shutil.which("chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # its driver keeps a loop in this thread
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@contextlib.contextmanager
def served(folder: Path, name: str) -> Iterator[tuple[Kept, Any, str]]:
    """A hostile world that is committed, and a server before it."""
    with made(folder) as kept:
        with kept.use():
            world = texts.hostile(name, PAYLOADS)
        with server(kept) as host:
            yield kept, world, host


@contextlib.contextmanager
def server(kept: Kept) -> Iterator[str]:
    """The portal on a port of its own; its threads open the database that is kept."""
    held = connections.settings["default"]
    connections.settings["default"] = {**held, **kept.mine.settings_dict}
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    try:
        if thread.error:
            raise thread.error
        with mock.patch.object(settings, "ALLOWED_HOSTS", ["127.0.0.1", "testserver"]):
            yield f"http://127.0.0.1:{thread.port}"
    finally:
        thread.terminate()
        connections.settings["default"] = held


# Looking -----------------------------------------------------------------------------------------


def everybody(
    report: Report, eyes: Eyes, name: str, *, watch: Watch, most: int | None = None
) -> None:
    """The pages of this world, each by everybody who may, in a random order until the time is up.

    The first of each person come first, so that every role has looked.
    """
    found = list(forms.pages(eyes.world, name))
    random.Random(f"{report.name} {name}").shuffle(found)
    met: dict[str, int] = {}
    turns = []
    for route, person, url in found:
        met[person] = met.get(person, 0) + 1
        turns.append((met[person], route, person, url))
    looked = set()
    for turn, route, person, url in sorted(turns):
        if watch.is_up or (most is not None and turn > most):
            break
        seen = eyes.open(person, url)
        report.count("addresses opened")
        if seen is None:
            continue
        looked.add(person)
        judge(report, seen, f"world {name}: {route} as {person}")
    known = str(report.figures.get("people", "")).split()
    report.figures["people"] = " ".join(sorted({*known, *looked}))


def judge(report: Report, seen: dict[str, Any], said: str) -> None:
    """One page as it was seen: nothing that stood in a text has done anything."""
    report.count("pages looked at")
    report.count("payloads read on them", seen["text"].count(texts.MARK))
    report.count("script runs", seen["runs"] + seen["dialogs"])
    report.count("breaches of the policy", len(seen["breaches"]))
    report.count("requests elsewhere", len(seen["elsewhere"]))
    report.expect(not seen["runs"], f"{said}: a text ran {seen['runs']} times")
    report.expect(not seen["dialogs"], f"{said}: a dialog opened")
    report.expect(not seen["elements"], f"{said}: a text became an element")
    for one in seen["breaches"]:
        report.fail(f"{said}: breach of the policy: {one}")
    for one in seen["elsewhere"]:
        report.fail(f"{said}: asked for {one}")
    if texts.COMPUTED in seen["text"].replace("add:694786", ""):
        report.fail(f"{said}: a template's words were carried out")


# Controls ----------------------------------------------------------------------------------------


def controls(report: Report, eyes: Eyes, name: str) -> None:
    """The same pages with the guards taken away; what is not seen here is seen nowhere."""
    pages = [
        (person, url)
        for route, person, url in forms.pages(eyes.world, name)
        if person in ("office", "admin") and route.startswith(("office:app", "applications:"))
    ][:CONTROLS]
    engine = engines["django"].engine
    with mock.patch.object(engine, "autoescape", False):
        held = _seen(eyes, pages, until="breaches")
        report.figures["control, unescaped: breaches of the policy"] = held["breaches"]
        report.expect(held["elements"] > 0, "unescaped texts were not seen")
        report.expect(held["breaches"] > 0, "a breach of the policy was not seen")
        report.expect(held["runs"] == 0, "the policy alone does not keep a script from running")
        with mock.patch("csp.middleware.CSPMiddleware.process_response", lambda _, ask, to: to):
            open_ = _seen(eyes, pages, until="runs")
    report.figures["control, without the policy too: script runs"] = open_["runs"]
    report.expect(open_["runs"] > 0, "a script that ran was not seen")
    page = eyes.window("anonymous")
    page.goto("/")
    asked = len(eyes.elsewhere)
    with contextlib.suppress(Exception):
        page.goto("http://127.0.0.1:9/elsewhere")
    report.expect(len(eyes.elsewhere) > asked, "a request elsewhere was not seen")


def _seen(eyes: Eyes, pages: list[tuple[str, str]], *, until: str) -> dict[str, int]:
    found = {"runs": 0, "breaches": 0, "elements": 0}
    for person, url in pages:
        if found[until] and found["elements"]:
            break
        seen = eyes.open(person, url)
        if seen is not None:
            found["runs"] += seen["runs"]
            found["breaches"] += len(seen["breaches"])
            found["elements"] += seen["elements"]
    return found
