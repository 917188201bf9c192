"""Samples of the proofs that need a world: ``python3 dev.py proof texts reading mass``.

One world serves all of them; each of its texts carries a payload.
"""

import io
import random
from datetime import UTC, datetime
from types import SimpleNamespace

import openpyxl
import pytest

from audit.models import Entry
from tests import kept
from tests.architecture import expanding
from tests.proof import forms, mass, reading, texts
from tests.proof.frame import Report, Watch
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
world = kept.fixture(lambda: texts.hostile("review", [*texts.SHORT, *texts.FORMULAS]))
SEED = f"{datetime.now(UTC):%G-%V}"
"""Another sample each week."""
PEOPLE = ["admin", "anonymous", "expert", "office", "operator", "rival"]
FORM = """<form method=post id=a><input name=csrfmiddlewaretoken type=hidden value=t>
<input name=title value="甲"><textarea name=text>\n乙</textarea><input type=file name=f>
<select name=s><option value="">无<option value=1>一<option value=2 selected>二</select>
<input type=checkbox name=c value=on checked><input type=radio name=r value=1>
<button name=act value=go>行</button></form><input form=a name=late value=z>
<form><input name=q></form>"""


@pytest.fixture
def report():
    return Report(f"sample {SEED}")


# Texts -------------------------------------------------------------------------------------------


def test_no_stored_text_comes_alive_on_a_page(world, report):
    texts.stored(report, world, "review", most=25)
    for person, route in (("office", "office:applications"), ("admin", "applications:version")):
        answer = forms.get(world, person, expanding.address(route, world))
        assert texts.MARK in answer.body.decode()
        assert not texts.alive(answer, answer.body)
    assert report.holds, report.words()


def test_no_typed_text_comes_alive_or_breaks_a_page(world, report):
    texts.typed(report, world, "review", watch=Watch(20), most=12, only="accounts:")
    assert report.holds, report.words()
    assert report.figures["payloads sent"] > 10


@pytest.mark.parametrize("route", ["recommenders:history_sheet", "recommenders:export"])
def test_no_text_is_a_formula_in_a_workbook(world, report, route):
    texts.sheets(report, world, "review", most=1, only=route)
    assert report.holds, report.words()
    assert report.figures["workbooks read back"] > 0


@pytest.mark.parametrize(
    "page",
    [
        "<b id=jbx>",
        "<p><svg onload=jbx()></p>",
        '<a href="javascript:jbx()">',
        "<script>jbx()</script>",
        "694793",
    ],
)
def test_a_page_on_which_a_text_came_alive_is_found(page):
    answer = SimpleNamespace(headers={"Content-Type": "text/html"}, cookies={})
    assert texts.alive(answer, page.encode())
    escaped = page.replace("<", "&lt;").replace("694793", "{{7|add:694786}}")
    assert not texts.alive(answer, escaped.encode())


def test_a_workbook_with_a_formula_is_found(report):
    out = io.BytesIO()
    book = openpyxl.Workbook()
    book.active["A1"] = "=1+1"
    book.save(out)
    assert texts.formulas(out.getvalue(), report.count)


def test_forms_are_read_as_a_browser_reads_them():
    (form,) = forms.read("/here/", FORM)
    assert form.action == "/here/"
    assert form.typed == ["title", "text", "late"]
    assert form.values == {
        "csrfmiddlewaretoken": ["t"],
        "title": ["甲"],
        "text": ["乙"],
        "s": ["2"],
        "c": ["on"],
        "act": ["go"],
        "late": ["z"],
    }


# Mass assignment ---------------------------------------------------------------------------------


def test_fields_that_no_form_asked_for_change_nothing(world, report):
    offered = forms.offered(world, "review", only="accounts:organisation")
    offered |= forms.offered(world, "review", only="applications:basics")
    for person, form in offered.values():
        mass.twice(report, world, person, form)
    assert report.holds, report.words()
    assert report.figures["foreign fields"] > 500
    assert report.figures["of them written something"] >= 1


def test_a_form_that_takes_what_it_did_not_ask_for_is_found(world, report, monkeypatch):
    """Without this, sendings that reach nothing would pass."""
    sending = mass.sent

    def careless(made, person, form, more, pins):
        status, written = sending(made, person, form, more, pins)
        return status, (*written, "UPDATE x") if "is_superuser" in more else written

    monkeypatch.setattr(mass, "sent", careless)
    person, form = next(iter(forms.offered(world, "review", only="accounts:security").values()))
    mass.twice(report, world, person, form)
    assert report.wrongs == 1
    assert "is_superuser" in report.wrong[0]


# Reading -----------------------------------------------------------------------------------------


def test_reading_pages_changes_no_row_and_leaves_nothing_in_a_cache(world, report):
    for route in random.Random(SEED).sample(expanding.routes_of("review"), 12):
        reading.read(report, route, world, PEOPLE)
    assert report.holds, report.words()


def test_a_page_that_writes_when_it_is_read_is_found(world, report, monkeypatch):
    def writing(answer, route, person):
        Entry.objects.create(at=AT, actor_name="x", action="x", subject="x")
        return []

    monkeypatch.setattr(reading, "headers", writing)
    reading.read(report, "public:home", world, ["anonymous"])
    assert report.wrongs == 1
    assert "audit_entry" in report.wrong[0]


def test_an_answer_without_its_headers_is_found():
    bare = SimpleNamespace(headers={}, cookies={})
    assert len(reading.headers(bare, "public:home", "admin")) == 5
    shared = SimpleNamespace(headers={"Cache-Control": "public, max-age=60"}, cookies={})
    assert any("shared" in one for one in reading.headers(shared, "x:y", "admin"))
