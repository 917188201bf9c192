"""The office's search in the list of filings: by any part of title, number and unit's name."""

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation
from applications.models import Application
from applications.workflow import SEEN_BY_OTHERS
from office import filters
from tests.office import bulk

pytestmark = pytest.mark.django_db

TEXTS = (
    *("批量", "项目7", "B0000", "00000012", "b0000001", "-3有", "示例0-1有限", "例"),
    *("100%", "0%_自", "_", "'", "\\", "无此", "ai芯", "AI芯片", "Ｘ型", "straße", "南S"),
)


@pytest.fixture
def many(cast):
    bulk.filings(cast, 40)
    one = Application.objects.filter(version_number=1).order_by("pk").first()
    one.title = "可信AI芯片（Ｘ型）100%_自主"
    one.save(update_fields=["title"])
    Organisation.objects.filter(pk=one.organisation_id).update(name="湖南Straße公司")
    return cast


def seen():
    return Application.objects.filter(status__in=SEEN_BY_OTHERS, version_number__gt=0)


def plainly(text):
    return (
        seen()
        .filter(
            Q(title__icontains=text)
            | Q(organisation__name__icontains=text)
            | Q(number__icontains=text)
        )
        .count()
    )


def agree():
    for text in TEXTS:
        found, count = filters.counted(seen(), {"q": text})
        assert found.count() == plainly(text), text
        assert count in (None, found.count()), text


def test_the_search_finds_what_a_plain_look_finds(many):
    assert plainly("AI芯片") == 1
    agree()


def test_so_it_does_where_more_is_found_than_is_read_by_keys(many, monkeypatch):
    monkeypatch.setattr(filters, "FEW", 3)
    assert filters.counted(seen(), {"q": "批量"})[1] is None
    agree()


@pytest.mark.postgres
def test_on_postgresql_too_and_from_the_index(many, monkeypatch):
    agree()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for column, text in (("title", "AI芯片"), ("number", "00000012")):
        plan = Application.objects.filter(**{f"{column}__holds": text}).explain()
        assert f"applications_application_{column}_grams" in plan
    plan = Organisation.objects.filter(name__holds="示例0-1有").explain()
    assert "accounts_organisation_name_grams" in plan


def test_nobody_finds_what_they_may_not_see(many, client):
    """A draft, a filing of another call."""
    client.force_login(many.people["office"], backend="django.contrib.auth.backends.ModelBackend")
    draft = Application.objects.filter(version_number=0, title__startswith="批量").first()
    answer = client.get(reverse("office:applications"), {"q": draft.title})
    assert draft not in answer.context["page"].object_list
    assert all(one.version_number for one in answer.context["page"])


def test_a_search_asks_as_little_for_many_as_for_one(many, client):
    client.force_login(many.people["office"], backend="django.contrib.auth.backends.ModelBackend")

    def statements(text):
        with CaptureQueriesContext(connection) as found:
            answer = client.get(reverse("office:applications"), {"call": many.call.code, "q": text})
        assert answer.context["page"].paginator.count == plainly(text)
        return len(found)

    statements("批量")
    few = statements("AI芯片")
    assert statements("批量") == few <= 10
    bulk.filings(many, 40)
    assert statements("批量") == few
