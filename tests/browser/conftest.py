"""Chromium before a running server. Every page opened in a test is watched for what must not be."""

import os
import shutil
from urllib.request import urlopen

import pytest

from accounts.models import User
from tests import season as seasons
from tests.browser.watching import Answering, Watched
from tests.world import PASSWORD

CHROMIUM = os.environ.get("JIEBANG_TEST_CHROMIUM") or shutil.which("chromium")
WARMING = 120
"""Seconds the first answer may take."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]


@pytest.fixture(scope="module")
def chromium():
    """One browser a module. Its driver keeps a loop in this thread; the database is used between
    its steps, never in them, which Django has to be told."""
    if CHROMIUM is None:
        pytest.fail("no chromium on this machine: the browser tests cannot run")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def answering(live_server):
    """How many requests the server is at work on."""
    found = Answering(live_server.thread.httpd.get_app())
    live_server.thread.httpd.set_app(found)
    return found


@pytest.fixture(scope="session")
def warmed():
    """The servers that have answered once."""
    return set()


@pytest.fixture
def warm(live_server, answering, warmed):
    """The first answer of a process imports every view and parses the frame of the pages, which
    on a busy machine takes longer than a browser waits for a page. It is waited for here, once."""
    if live_server.url not in warmed:
        with urlopen(f"{live_server.url}/account/login/", timeout=WARMING) as answer:
            assert answer.status == 200
        warmed.add(live_server.url)


@pytest.fixture
def watched(chromium, live_server, answering, warm):
    """A new browser per person; fails on script errors, policy breaches, requests elsewhere."""
    found = Watched(chromium, live_server.url)
    yield found
    found.close()
    answering.wait_for_none()
    assert found.wrong == []


@pytest.fixture
def season(transactional_db):
    """A call in its filing phase with its cast, who can type their addresses."""
    found = seasons.begin()
    for key, user in found.cast.people.items():
        User.objects.filter(pk=user.pk).update(email=f"{key}@example.org")
    return found


@pytest.fixture
def enter(watched):
    """Sign somebody of the cast in through the form, in a browser of their own."""

    def enter(name, **context):
        page = watched.page(**context)
        page.goto("/account/login/")
        page.fill("[name=email]", name if "@" in name else f"{name}@example.org")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="登录", exact=True).click()
        page.wait_for_url(lambda url: "/account/login/" not in url)
        return page

    return enter
