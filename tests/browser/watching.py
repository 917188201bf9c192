"""What a test looks at beside its own question: errors, breaches, strangers, overflow, axe."""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error

WIDTHS = (390, 320)
SERIOUS = ("serious", "critical")


class Answering:
    """A WSGI application that knows how many requests it is still at work on.

    A browser that is closed does not end what it asked for: the thread of the server goes on, and
    would read from a database that is being emptied for the next test.
    """

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app, self.count, self.changed = app, 0, threading.Condition()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        with self.changed:
            self.count += 1
        try:
            answer = self.app(environ, start_response)
            try:
                yield from answer
            finally:
                getattr(answer, "close", lambda: None)()
        finally:
            with self.changed:
                self.count -= 1
                self.changed.notify_all()

    def wait_for_none(self, *, seconds: float = 20) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.count == 0, seconds), (
                f"{self.count} requests were still answered after {seconds:g} s"
            )


class Watched:
    """Browser contexts with their pages, and everything that went wrong in any of them."""

    def __init__(self, browser, host: str) -> None:
        self.browser, self.host = browser, host
        self.wrong: list[str] = []
        self.contexts = []

    def page(self, *, width: int = 1440, height: int = 900, **options):
        context = self.browser.new_context(
            base_url=self.host, viewport={"width": width, "height": height}, **options
        )
        context.set_default_timeout(8000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", lambda line: self._line(page, line))
        page.on("request", lambda request: self._request(page, request))
        return page

    def _line(self, page, line) -> None:
        if "Content Security Policy" in line.text or "Refused to" in line.text:
            self.wrong.append(f"{page.url}: {line.text}")

    def _request(self, page, request) -> None:
        if not request.url.startswith((self.host, "blob:", "about:")):
            self.wrong.append(f"{page.url} asks for {request.url}")

    def close(self) -> None:
        """Cut the network first: a page that is left tries to save once more, and the database of
        the test is emptied now."""
        for context in self.contexts:
            context.set_offline(True)
        for context in self.contexts:
            context.close()


def until(page, condition: str, *, seconds: float = 10) -> None:
    """Wait until a JavaScript condition holds.

    Playwright's own `wait_for_function` evaluates a string inside the page, which our content
    security policy forbids as soon as the first look fails.
    """
    end = time.monotonic() + seconds
    while not page.evaluate(condition):
        assert time.monotonic() < end, f"never true within {seconds} s: {condition}"
        page.wait_for_timeout(50)


def overflow(page) -> list[str]:
    """Widths at which the page is wider than its window, with what sticks out."""
    size = page.viewport_size
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            out = page.evaluate(
                """width => [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > width + 1
                    && !e.closest(".jb-scroll, .visually-hidden"))
                .slice(0, 4).map(e => `${e.tagName}.${e.className}`)""",
                width,
            )
            found.append(f"{page.url} is {wide} wide at {width}: {out}")
    page.set_viewport_size(size)
    return found


def faults(page) -> list[str]:
    """Serious and critical violations that axe finds on the page as it stands."""
    result = Axe().run(page)
    return [
        f"{page.url}: {one['id']} ({one['impact']}): {one['nodes'][0]['html'][:200]}"
        for one in result.response["violations"]
        if one["impact"] in SERIOUS
    ]


def go(page, url: str) -> Any:
    """Open a page, once more where the page that is left followed a meeting in that moment."""
    try:
        return page.goto(url)
    except Error as error:
        if "ERR_ABORTED" not in str(error):
            raise
        return page.goto(url)


def inspect(page, url: str = "") -> list[str]:
    """Everything that is wrong with a page: an error status, axe's findings, overflow."""
    if url:
        answer = go(page, url)
        if answer is None or answer.status >= 400:
            return [f"{url} answered {answer and answer.status}"]
    return faults(page) + overflow(page)


def picture(page, name: str, *, full: bool = True) -> None:
    """The page at 1440 and 390 px, kept in the folder JIEBANG_TEST_PICTURES where there is one."""
    if not (named := os.environ.get("JIEBANG_TEST_PICTURES")):
        return
    folder, size = Path(named), page.viewport_size
    folder.mkdir(parents=True, exist_ok=True)
    for width, height in ((1440, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=folder / f"{name}-{width}.png", full_page=full)
    page.set_viewport_size(size)


def look_at(page, address: str, name: str) -> None:
    """Open a page, find nothing wrong with it, keep its picture."""
    page.goto(address)
    assert page.locator("h1").count() == 1, address
    assert faults(page) == [], address
    assert overflow(page) == [], address
    picture(page, name)
