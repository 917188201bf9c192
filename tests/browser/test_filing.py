"""Writing a section: saved by itself, and there after a reload (more in test_saving.py)."""

import re
import time

import pytest

from applications.models import Section
from calls.programme import FieldType

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAVED = re.compile(r"已保存 \d\d:\d\d:\d\d")


@pytest.fixture
def section(season, enter):
    """A section with a long text, open in the applicant's browser."""
    for one in season.call.programme.sections:
        for asked in one.fields:
            if asked.type == FieldType.LONGTEXT and not asked.show_if:
                page = enter("admin")
                here = f"/applications/{season.cast.application.public_id}/sections/{one.key}/"
                page.goto(here)
                page.key, page.input = one.key, f"[name={asked.key}]"
                return page
    raise LookupError("no long text")


def says(page, words, *, seconds=8.0):
    """Wait until the state of saving says it. (The policy forbids waiting inside the page.)"""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if re.search(words, page.inner_text("[data-save-state]")):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.inner_text("[data-save-state]"))


def says_saved(page, *, seconds=8.0):
    says(page, SAVED, seconds=seconds)


def test_what_is_typed_is_saved_by_itself_and_there_after_a_reload(section):
    section.fill(section.input, "围绕关键环节开展攻关。")
    says_saved(section)
    section.reload()
    assert section.input_value(section.input) == "围绕关键环节开展攻关。"
    kept = Section.objects.get(key=section.key)
    assert "围绕关键环节开展攻关。" in str(kept.data)
