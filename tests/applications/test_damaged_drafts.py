"""Damaged drafts, posted or stored: never an error of ours, and the filing can be worked on.

A sample runs with every test run; ``JIEBANG_DAMAGED=500`` makes it that many over all programmes,
``JIEBANG_SEED`` repeats a run.
"""

import os
import random
import time
from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from applications import gridfile, queries, readiness, snapshot
from calls import programme as programmes
from documents import rendering
from tests import world
from tests.applications import damage
from tests.applications.filling import url

CODES = sorted(programmes.catalogue())
DRAFTS = int(os.environ.get("JIEBANG_DAMAGED", "36"))
SEED = int(os.environ.get("JIEBANG_SEED") or time.time_ns() % 1_000_000)
FINE = (200, 302, 400, 403, 404, 409, 410, 413, 415, 422)


@pytest.fixture(params=CODES)
def cast(request, db):
    spec = programmes.read(programmes.catalogue()[request.param])
    # The cast's company sits elsewhere than some programmes' city; where is not the question here.
    anywhere = spec.applicants.model_copy(update={"regions": ()})
    return world.build(spec.model_copy(update={"applicants": anywhere}))


@pytest.fixture
def admin(cast):
    client = Client(raise_request_exception=False)
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(autouse=True)
def undrawn(monkeypatch):
    """The text of the draft PDF is made each time; that it can be drawn is tried elsewhere."""
    monkeypatch.setattr(rendering, "_write", lambda html, **_: html.encode())


@pytest.fixture
def dice(request):
    print(f"JIEBANG_SEED={SEED}")
    return random.Random(f"{SEED}:{request.node.name}")


def sections(application, dice, share):
    """Sections in turn, so that each comes up, as many as this programme's share of the drafts."""
    found = list(application.call.programme.sections)
    dice.shuffle(found)
    count = max(DRAFTS // len(CODES) // share, min(len(found), 6 // share))
    return [found[n % len(found)] for n in range(count)]


def must_still_work(admin, application, section):
    """The page opens, and everything that is computed from the draft can be computed."""
    for query in ("", "?check=1&more=own"):
        shown = admin.get(url("section", application, section.key) + query)
        assert shown.status_code in (200, 404), section.key
        assert b"<script>alert(1)" not in shown.content
    assert admin.get(url("detail", application)).status_code == 200
    assert admin.get(url("check", application)).status_code == 200
    application.refresh_from_db()
    material = queries.material(application)
    readiness.parts(material)
    snapshot.build(material)
    assert admin.get(url("draft_pdf", application)).status_code in (200, 422)
    for field in section.fields:
        place = gridfile.place(application, section, field.key)
        if place is not None:
            gridfile.template(place)


def test_damaged_requests_never_break_a_filing(cast, admin, dice):
    application = cast.application
    for section in sections(application, dice, 1):
        for name in ("section", "autosave"):
            version = application.sections.get(key=section.key).version
            data, kind = damage.body(dice, section, version=version)
            at = url(name, application, section.key)
            answer = admin.generic("POST", at, data, content_type=kind)
            assert answer.status_code in FINE, (name, section.key, answer.status_code, data[:2000])
        data, kind = damage.body(dice, section, version=0)
        answer = admin.generic("POST", url("basics", application), data, content_type=kind)
        assert answer.status_code in FINE, ("basics", answer.status_code, data[:2000])
        must_still_work(admin, application, section)


def test_damaged_data_that_is_already_stored_opens_and_can_be_saved_again(cast, admin, dice):
    application = cast.application
    for section in sections(application, dice, 2):
        application.sections.filter(key=section.key).update(data=damage.stored(dice, section))
        must_still_work(admin, application, section)
        version = application.sections.get(key=section.key).version
        data, _ = damage.body(dice, section, version=version)
        for name in ("autosave", "section"):
            answer = admin.generic(
                "POST", url(name, application, section.key), data, content_type=damage.FORM
            )
            assert answer.status_code in FINE, (name, section.key, data[:2000])
        must_still_work(admin, application, section)


def test_damaged_workbooks_are_refused_or_previewed(cast, admin, dice):
    application = cast.application
    tables = [
        (section, field)
        for section in application.call.programme.sections
        for field in section.fields
        if gridfile.place(application, section, field.key) is not None
    ]
    for number in range(max(DRAFTS // len(CODES) // 4, 2) if tables else 0):
        section, field = tables[number % len(tables)]
        at = url("grid_import", application, section.key, field.key)
        place = gridfile.place(application, section, field.key)
        data = workbook(dice, gridfile.template(place))
        answer = admin.post(at, {"file": SimpleUploadedFile("表.xlsx", data)})
        assert answer.status_code in (200, 422), (section.key, field.key, answer.status_code)
        if answer.context and answer.context.get("found"):
            preview = {"preview": answer.context["preview"]}
            for name in ("grid_errors", "grid_apply"):
                again = admin.post(url(name, application, section.key, field.key), preview)
                assert again.status_code in FINE, (name, section.key, field.key)
        must_still_work(admin, application, section)


def workbook(dice, data):
    """A template whose bytes or cells were damaged."""
    if dice.random() < 0.25:
        at = dice.randrange(len(data))
        return data[:at] + bytes(dice.randrange(256) for _ in range(9)) + data[at + 9 :]
    book = load_workbook(BytesIO(data))
    page = dice.choice([book["填写"]] * 5 + [book["_jb"]])
    for _ in range(dice.randrange(1, 60)):
        row, column = dice.choice([1, 3, 4, *range(6, 40), 400]), dice.randrange(1, 12)
        value = dice.choice(damage.BYTES).decode("utf-8", "replace")
        value = "".join(c for c in value if c in "\t\n" or ord(c) >= 32)[:200]
        cell = page.cell(row, column)
        if type(cell).__name__ == "MergedCell":
            continue
        cell.value = dice.choice(
            [value, value, 1e300, -1, 0.5, True, None, "=1/0", date(2021, 11, 15)]
        )
        if dice.random() < 0.2:
            cell.number_format = dice.choice(["0%", "@", "yyyy-mm-dd", "0.00E+00", "[h]:mm"])
    out = BytesIO()
    book.save(out)
    return out.getvalue()
