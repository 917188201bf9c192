"""Scores as a workbook: out, filled in, in again; all or nothing."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from reviews import offline
from reviews.models import Assignment, Review
from tests.reviews import scene


@pytest.fixture
def made(db):
    return scene.declared(scene.deployed(scene.build(experts=3)))


def client_of(made, number=0):
    client = Client()
    client.force_login(made.user(number), backend="django.contrib.auth.backends.ModelBackend")
    return client


def out(made, client):
    got = client.get(reverse("reviews:scores_sheet", args=[made.round.public_id]))
    assert got.status_code == 200
    return load_workbook(io.BytesIO(got.content))


def put_in(made, client, book):
    data = io.BytesIO()
    book.save(data)
    file = SimpleUploadedFile("scores.xlsx", data.getvalue())
    return client.post(
        reverse("reviews:import_scores", args=[made.round.public_id]), {"file": file}
    )


def fill(page, row, score, reason=scene.REASON):
    """Score and reason in every criterion of a row."""
    for column in range(5, page.max_column, 2):
        page.cell(row, column).value = score
        page.cell(row, column + 1).value = reason


def test_what_was_filled_in_comes_back_as_drafts(made):
    client = client_of(made)
    book = out(made, client)
    page = book[offline.PAGE]
    rows = range(offline.FIRST, page.max_row + 1)
    assert len(rows) == 3
    fill(page, offline.FIRST, 6)
    assert put_in(made, client, book).status_code == 302
    (review,) = Review.objects.all()
    assert review.state == Review.State.DRAFT
    assert set(review.scores.values()) == {6} and review.total == 60
    again = out(made, client)[offline.PAGE]
    assert again.cell(offline.FIRST, 5).value == 6
    assert again.cell(offline.FIRST, 6).value == scene.REASON


def test_the_workbook_shows_only_ones_own_tasks_and_what_is_not_submitted(made):
    own = Assignment.objects.filter(round=made.round, expert=made.experts[0], state="deployed")
    scene.submit(own.select_related("round", "expert__user")[0], 7)
    page = out(made, client_of(made))[offline.PAGE]
    shown = {page.cell(row, 2).value for row in range(offline.FIRST, page.max_row + 1)}
    assert shown == set(own.values_list("public_id", flat=True)[1:])


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (5, 11, "第 4 行：“指标先进性”须为 0 至 10 的整数"),
        (5, "七", "须为 0 至 10 的整数"),
        (5, 6.5, "须为 0 至 10 的整数"),
        (2, "zzzzzzzzzzzz", "不在您现在的评审任务中"),
    ],
)
def test_one_wrong_row_keeps_nothing_and_is_named(made, column, value, words):
    client = client_of(made)
    book = out(made, client)
    page = book[offline.PAGE]
    fill(page, offline.FIRST + 1, 6)
    fill(page, offline.FIRST, 6)
    page.cell(offline.FIRST, column).value = value
    answer = put_in(made, client, book)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Review.objects.exists()


def test_a_sheet_older_than_the_page_is_told_and_overwrites_nothing(made):
    client = client_of(made)
    book = out(made, client)
    task = Assignment.objects.filter(round=made.round, expert=made.experts[0]).first()
    client.post(
        reverse("reviews:save", args=[task.public_id]), {"version": "0", "overall": "网上写的"}
    )
    page = book[offline.PAGE]
    row = next(r for r in range(offline.FIRST, 9) if page.cell(r, 2).value == task.public_id)
    fill(page, row, 6)
    answer = put_in(made, client, book)
    assert answer.status_code == 422
    assert "网上又改过这一份" in answer.content.decode()
    assert Review.objects.get().overall == "网上写的"


def test_another_experts_sheet_and_another_file_are_refused(made):
    book = out(made, client_of(made, 1))
    page = book[offline.PAGE]
    fill(page, offline.FIRST, 6)
    assert put_in(made, client_of(made, 0), book).status_code == 422
    page.cell(offline.FIRST - 1, 5).value = "别的"
    answer = put_in(made, client_of(made, 1), book)
    assert "不是本轮的离线评分表" in answer.content.decode()
    nothing = client_of(made).post(
        reverse("reviews:import_scores", args=[made.round.public_id]), {}
    )
    assert nothing.status_code == 422 and "没有选择文件" in nothing.content.decode()
    assert not Review.objects.exists()


def test_an_untouched_sheet_changes_nothing(made):
    client = client_of(made)
    assert put_in(made, client, out(made, client)).status_code == 302
    assert not Review.objects.exists()


def test_before_the_declaration_nothing_is_handed_out(db):
    made = scene.deployed(scene.build(experts=3))
    got = client_of(made).get(reverse("reviews:scores_sheet", args=[made.round.public_id]))
    assert got.status_code == 409
