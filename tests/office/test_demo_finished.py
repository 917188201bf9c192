"""The round that is over in the demonstration: its winners, library and certificates are there."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from calls.models import Winner
from documents.models import Document
from honours.models import Certificate, Project
from office.demo import cast, finished

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def over(settings, monkeypatch):
    """The round with a cast of one area: its shape is the same, its cost a fraction."""
    settings.JIEBANG_DEMO = True  # which draws the newest papers first
    whole = cast.plan()
    small = {**whole, "areas": {"430000": whole["areas"]["430000"]}, "chosen": []}
    monkeypatch.setattr(cast, "plan", lambda: small)
    people = cast.build(at=AT)
    return finished.round_over(people, at=AT)


def test_an_earlier_round_shows_winners_projects_and_certificates_that_verify(over):
    assert Winner.objects.in_force().count() == len(finished.WON)
    assert Project.objects.filter(call=over, closed_at=None).count() == len(finished.PROJECTS) - 1
    certificates = Certificate.objects.filter(application__call=over)
    assert certificates.count() == len(finished.WON)
    drawn = Document.objects.filter(certificates__in=certificates, state="ready")
    assert drawn.count() == finished.PAPERS, "as many as are drawn at once"
    visitor = Client()
    library = visitor.get(reverse("library:index")).content.decode()
    assert "面向轴承产线的声学传感模组量产" in library and "电网巡检无人机避障套件" not in library
    one = drawn.order_by("pk").last()
    page = visitor.get(reverse("documents:verify_code", args=[one.code])).content.decode()
    assert one.number in page and "之后没有作废" in page
    data = visitor.get(reverse("library:data")).json()
    assert data["count"] == len(finished.PROJECTS) - 1
