"""Typing into a section, and what page, machine and server then have of it."""

import contextlib
import re
import time

from django.db import OperationalError

from applications.models import Section


def stored(key="benefit"):
    """What the server has. The test's database in memory cannot be read while it is written."""
    for _ in range(20):
        with contextlib.suppress(OperationalError):
            return Section.objects.get(key=key).data
        time.sleep(0.05)
    raise AssertionError("the database stays locked")


def wait(page, check, *, seconds=6.0, what=""):
    """Until it holds; the policy forbids waiting inside the page."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{what or 'never'}: {page.inner_text('[data-save-state]')}; {stored()}")


def put(page, where, words):
    """Write and go on to something else: what is left is saved at once."""
    page.fill(where, words)
    page.locator(where).blur()


def says(page, words, **more):
    wait(page, lambda: re.search(words, page.inner_text("[data-save-state]")), what=words, **more)


def holds(page, words, *, key="benefit", seconds=6.0):
    wait(page, lambda: words in str(stored(key)), what=words, seconds=seconds)


def kept(page):
    """What this machine keeps, as text."""
    return page.evaluate(
        """() => new Promise(done => { const asked = indexedDB.open("jiebang", 1);
        asked.onsuccess = () => { const all = asked.result.transaction("kept")
            .objectStore("kept").getAll(); 
            all.onsuccess = () => done(JSON.stringify(all.result)); };
        asked.onerror = () => done(""); })"""
    )
