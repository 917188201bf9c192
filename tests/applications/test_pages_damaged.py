"""Whatever is posted to a section, the page answers and keeps it; never a 500."""

import random

import pytest
from django.test import Client

from calls import programme as programmes
from tests import world
from tests.applications.filling import section_data, upload, url

TEXTS = [
    "",
    " ",
    "甲" * 900,
    "12,5",
    "-1",
    "1e9",
    "９９",
    "\x00坏",
    "<script>alert(1)</script>",
    "2021-13-40",
    "true",
    "是",
    "{{ x }}",
    "=1+1",
    "𠮷",
    "\u202e",
    "9" * 60,
    "430100",
    "name@x",
]


@pytest.fixture(params=["2018-ronghe", "2021-jiebang", "changsha-platform"])
def cast(request, db):
    return world.build(programmes.read(programmes.catalogue()[request.param]))


@pytest.fixture
def admin(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_damaged_posts_never_break_a_page(cast, admin, seed):
    dice = random.Random(seed)
    application = cast.application
    for section in application.call.programme.sections:
        page = url("section", application, section.key)
        for name in (page, url("autosave", application, section.key)):
            data = section_data(section)
            for key in list(data):
                if dice.random() < 0.6:
                    data[key] = dice.choice(TEXTS)
                if dice.random() < 0.1:
                    data[f"{key}-0-x"] = data[f"{key}-999999-x"] = dice.choice(TEXTS)
            version = application.sections.get(key=section.key).version
            data["version"] = dice.choice([str(version), str(version), "x", "-5", ""])
            data["action"] = dice.choice(["save", "done", "add-partners", "add-<b>"])
            answer = admin.post(name, data)
            assert answer.status_code in (200, 302, 409, 422), (section.key, answer.status_code)
        shown = admin.get(page + "?check=1&more=own")
        assert shown.status_code == 200, section.key
        assert b"<script>alert(1)" not in shown.content
    for name in ("detail", "check", "files", "versions"):
        assert admin.get(url(name, application)).status_code == 200, name


def test_a_file_of_another_filing_is_not_found_through_ones_own(cast, admin):
    other = world.draft(cast, title="另一项", unit=cast.rival)
    rival = Client()
    rival.force_login(cast.people["rival"], backend="django.contrib.auth.backends.ModelBackend")
    kind = cast.call.programme.attachments[0].key
    assert rival.post(url("attach", other, kind), {"file": upload()}).status_code == 302
    file = other.attachments.get()
    own = cast.application
    assert admin.get(url("attachment", own, file.public_id)).status_code == 404
    assert admin.get(url("attachment", other, file.public_id)).status_code == 404
    assert admin.post(url("detach", own, file.public_id)).status_code == 404
    assert admin.post(url("attach", other, kind), {"file": upload()}).status_code == 404
