"""The filing pages through HTTP, as the people of one company use them."""

import pytest
from django.test import Client

from applications.models import Application, Version
from tests.applications import filling
from tests.applications.filling import complete, save, submit, url


@pytest.fixture
def application(cast) -> Application:
    return cast.application


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


def test_every_page_of_a_draft_answers(admin, application):
    for name in ("detail", "basics", "files", "check", "versions", "withdraw"):
        assert admin.get(url(name, application)).status_code == 200, name
    for section in application.call.programme.sections:
        page = admin.get(url("section", application, section.key) + "?check=1")
        assert page.status_code == 200, section.key
    assert admin.get("/applications/").status_code == 200


def test_a_complete_filing_is_submitted_and_gets_its_receipt(admin, application):
    complete(admin, application)
    page = admin.get(url("check", application))
    assert page.context["blockers"] == []
    answer = submit(admin, application)
    assert answer.status_code == 302
    receipt = admin.get(answer.url)
    application.refresh_from_db()
    assert application.number in receipt.content.decode()
    version = Version.objects.get(application=application)
    assert receipt.context["version"] == version
    assert version.form.state == "waiting"
    assert version.snapshot["answers"]["project"]["summary"].startswith("示例")
