from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from django.urls import reverse

from portal import readiness
from tests.world import AT

pytestmark = pytest.mark.django_db


def test_a_healthy_process_is_ready(client):
    response = client.get(reverse("ready"))
    assert response.status_code == 200
    assert response.json()["database"] == "ok"


def test_without_the_database_it_is_not_ready_and_gives_no_receipt(client, monkeypatch):
    def down(at):
        raise OperationalError("gone")

    monkeypatch.setattr(readiness, "_database_clock", down)
    assert client.get(reverse("ready")).status_code == 503


@pytest.mark.parametrize("seconds, status", [(0.9, 200), (1.1, 503), (-5, 503)])
def test_clocks_that_differ_by_more_than_a_second_turn_it_red(client, monkeypatch, seconds, status):
    monkeypatch.setattr(readiness, "_database_clock", lambda at: at + timedelta(seconds=seconds))
    assert client.get(reverse("ready")).status_code == status


def test_missing_pdf_libraries_are_named_and_stop_nothing(monkeypatch):
    monkeypatch.setattr("documents.rendering.ready", lambda: "libharfbuzz-subset is missing")
    found = readiness.findings(AT)
    assert "harfbuzz" in found["documents"]
    assert readiness.is_ready(found)


@pytest.mark.parametrize(
    "error, status", [(OperationalError("gone"), 503), (ValueError("bug"), 500)]
)
def test_a_page_without_its_database_is_503_and_any_other_fault_500(
    client, monkeypatch, error, status
):
    """The answer is drawn without session or person, which are in the database too."""

    def fail(*args, **kwargs):
        raise error

    client.raise_request_exception = False
    client.cookies["sessionid"] = "a" * 32
    with monkeypatch.context() as away:
        away.setattr(CursorWrapper, "execute", fail)
        answer = client.get(reverse("applications:index"))
    assert answer.status_code == status
    assert ("Retry-After" in answer) == (status == 503)
    assert "这一步没有办成" in answer.content.decode()
