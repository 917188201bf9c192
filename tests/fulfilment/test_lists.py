"""The lists of tasks cost the same for one task and for thirty, and say what is to be done."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from applications.models import Application
from fulfilment.models import Report, Task
from tests import kept
from tests.fulfilment import helpers
from tests.fulfilment.helpers import person, task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(lambda: helpers.years("甲一"))
BACKEND = "django.contrib.auth.backends.ModelBackend"


def more(played, many: int) -> None:
    """So many further tasks of the same unit, each with a report that waits."""
    one = task(played)
    filings = Application.objects.bulk_create(
        Application(
            **{
                **{
                    field.attname: getattr(one.application, field.attname)
                    for field in Application._meta.concrete_fields
                    if field.attname not in ("id", "public_id", "number", "title")
                },
                "number": f"更多{n}",
                "title": f"更多任务{n}",
            }
        )
        for n in range(many)
    )
    tasks = Task.objects.bulk_create(
        Task(
            application=filing,
            publication=one.publication,
            filed_version=1,
            title=filing.title,
            starts_on=one.starts_on,
            due_on=one.due_on,
            started_at=one.started_at,
        )
        for filing in filings
    )
    Report.objects.bulk_create(
        Report(task=made, kind="periodic", number=1, due_on=made.starts_on + timedelta(days=200))
        for made in tasks
    )


def entered(played) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=person(played).person), backend=BACKEND)
    return client


@pytest.mark.parametrize("route", ["applications:index", "fulfilment:mine"])
def test_a_page_of_a_units_tasks_costs_the_same_for_thirty(played, route):
    client, url = entered(played), reverse(route)
    client.get(url)

    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(url)
        assert answer.status_code == 200
        return len(seen)

    alone = cost()
    more(played, 29)
    assert cost() == alone


def test_the_home_page_says_the_first_thing_of_ten_tasks_and_links_to_the_rest(played):
    more(played, 14)
    page = entered(played).get(reverse("applications:index")).content.decode()
    assert page.count("填报实施计划") == 10
    assert reverse("fulfilment:mine") in page


def test_a_task_that_is_over_is_not_on_the_home_page(played):
    client, url = entered(played), reverse("applications:index")
    assert "填报实施计划" in client.get(url).content.decode()
    Task.objects.update(state="terminated", closed_reason="示例", closed_at=task(played).started_at)
    assert "填报实施计划" not in client.get(url).content.decode()
