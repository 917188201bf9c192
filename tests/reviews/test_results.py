"""What a closed round hands out: rank spans, score sheets, the package. No expert by name."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.models import Membership
from accounts.roles import Role
from applications.models import Application
from audit.models import Entry
from documents import services as documents
from documents.models import Document, Package
from documents.packages import services as packages
from reviews import record, results, services
from reviews.drawmodel import Draw
from tests import world
from tests.reviews import scene
from tests.world import AT


@pytest.fixture
def closed(db):
    """Three applications, three experts each; their totals differ."""
    made = scene.declared(scene.deployed(scene.build()))
    tasks = made.round.assignments.filter(state="deployed").order_by("pk")
    for n, task in enumerate(tasks.select_related("round", "expert__user")):
        scene.submit(task, 5 + n % 4)
    services.close_round(made.round, actor=made.office, at=AT)
    made.round.refresh_from_db()
    return made


def client_of(made, name="office"):
    client = Client()
    client.force_login(made.cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def url(made, name, *more):
    return reverse(f"reviews:{name}", args=[made.round.public_id, *more])


def names(made):
    return {one.name for one in made.experts} | {one.employer_name for one in made.experts}


def test_the_page_shows_every_ranked_application_and_names_no_expert(closed):
    page = client_of(closed).get(url(closed, "sensitivity"))
    shown = page.context["shown"]
    assert [line.sway.rank for line in shown.lines] == sorted(
        one.rank for one in closed.round.results.all()
    )
    text = page.content.decode()
    assert all(line.result.application.title in text for line in shown.lines)
    assert not any(name in text for name in names(closed))


def test_the_page_costs_as_many_queries_with_more_applications(
    closed, django_assert_max_num_queries
):
    with django_assert_max_num_queries(6):
        results.swaying(closed.round, closed.applications[0].direction_id)


def test_before_the_end_there_is_nothing_to_see_or_take(db):
    made = scene.declared(scene.deployed(scene.build()))
    page = client_of(made).get(url(made, "sensitivity"))
    assert "评审结束后才有排名" in page.content.decode()
    assert client_of(made).post(url(made, "pack")).status_code == 409
    assert not Document.objects.filter(kind="score_sheet").exists()


def test_closing_asks_for_one_score_sheet_a_direction(closed):
    (sheet,) = documents.of(closed.round, "score_sheet")
    rows = sheet.snapshot["rows"]
    assert {row["title"] for row in rows} == {one.title for one in closed.applications}
    assert all(len(row["scores"]) == len(sheet.snapshot["experts"]) for row in rows)
    said = str(sheet.snapshot)
    assert not any(name in said for name in names(closed))
    documents.render_waiting(at=AT)
    got = client_of(closed).get(url(closed, "sheet", sheet.number))
    assert got.status_code == 200 and got.content.startswith(b"%PDF")
    assert client_of(closed).get(url(closed, "sheet", "X-1")).status_code == 404


def test_a_trimmed_round_marks_what_it_leaves_out(db):
    made = scene.declared(scene.deployed(scene.build(method="trimmed", filed=1)))
    tasks = made.round.assignments.filter(state="deployed").order_by("pk")
    for n, task in enumerate(tasks.select_related("round", "expert__user")):
        scene.submit(task, 4 + n)
    services.close_round(made.round, actor=made.office, at=AT)
    (sheet,) = documents.of(made.round, "score_sheet")
    (row,) = sheet.snapshot["rows"]
    marks = [cell.get("mark") for cell in row["scores"] if cell["text"] != "—"]
    assert sorted(mark for mark in marks if mark) == ["high", "low"]
    assert row["counted"] == 1


def test_the_package_holds_sheets_record_and_hashes(closed):
    documents.render_waiting(at=AT)
    office = client_of(closed)
    assert office.post(url(closed, "pack")).status_code == 302
    packages.build_waiting(at=AT + timedelta(hours=1))
    package = Package.objects.get()
    assert package.state == Package.State.READY, package.error
    got = office.get(reverse("documents:package_file", args=[package.public_id]))
    with zipfile.ZipFile(io.BytesIO(b"".join(got))) as archive:
        listed = archive.read("SHA256SUMS.txt").decode().splitlines()
        held = set(archive.namelist())
        assert {line.split("  ", 1)[1] for line in listed} | {"SHA256SUMS.txt"} == held
        book = load_workbook(io.BytesIO(archive.read("评审记录.xlsx")))
    assert book.sheetnames == ["轮次", "结果", "分配", "回避", "评分", "意见"]
    text = "".join(
        str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row
    )
    assert closed.round.seed in text and closed.round.seed_commitment in text
    assert not any(name in text for name in names(closed))


def test_a_package_of_one_direction_holds_that_direction_alone(db):
    """Asked for by the auditor, who may change nothing else of the round."""
    made = scene.build(filed=3, experts=3, wanted=3)
    first, other = made.cast.call.directions.all()[:2]
    Application.objects.filter(pk=made.applications[2].pk).update(direction=other)
    scene.declared(scene.deployed(made))
    for task in made.round.assignments.select_related("round", "expert__user"):
        scene.submit(task, 8)
    services.close_round(made.round, actor=made.office, at=AT)
    documents.render_waiting(at=AT)
    office = Membership.objects.get(user=made.cast.people["office"]).organisation
    made.cast.people["auditor"] = world.person(office, Role.AUDITOR, "审计员")
    auditor = client_of(made, "auditor")
    assert auditor.post(url(made, "pack"), {"direction": "x"}).status_code == 422
    assert auditor.post(url(made, "pack"), {"direction": first.pk}).status_code == 302
    packages.build_waiting(at=AT + timedelta(hours=1))
    package = Package.objects.get()
    assert package.state == Package.State.READY and first.title in package.title, package.error
    got = auditor.get(reverse("documents:package_file", args=[package.public_id]))
    with zipfile.ZipFile(io.BytesIO(b"".join(got))) as archive:
        assert len([name for name in archive.namelist() if name.endswith(".pdf")]) == 1
        book = load_workbook(io.BytesIO(archive.read("评审记录.xlsx")))
    cells = {
        page.title: [str(cell) for row in page.values for cell in row if cell is not None]
        for page in book
    }
    titles = {one.title for one in made.applications}
    assert titles & set(cells["结果"]) == titles - {made.applications[2].title}
    assert cells["评分"].count("8") == 6 * len(made.round.sheet.criteria)
    assert scene.REASON in cells["意见"] and Draw.objects.get().fingerprint in cells["轮次"]
    assert not any(name in str(cells) for name in names(made))
    assert Entry.objects.get(action="documents.request_package").actor_name == "审计员"


def test_the_record_counts_every_task_and_score(closed):
    pages = {page.name: page for page in record.record(closed.round)}
    assert len(pages["分配"].rows) == closed.round.assignments.count()
    assert len(pages["评分"].rows) == 9
    assert len(pages["结果"].rows) == 3


def test_pseudonyms_are_the_same_every_time_and_one_each(closed):
    first, again = results.pseudonyms(closed.round), results.pseudonyms(closed.round)
    assert first == again
    assert len(set(first.values())) == len(first)
