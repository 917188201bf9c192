"""A blind review, by field and phase: pages, file names, the files themselves."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader, PdfWriter

from applications.models import Attachment
from calls.models import Call
from reviews.models import Assignment, Review, Round
from tests import season as seasons
from tests.world import AT

pytestmark = pytest.mark.django_db


def playing(**rules):
    season = seasons.play(seasons.begin(), to="assigned")
    Round.objects.update(blind=True)
    call = Call.objects.get()
    changed = dict(call.rules)
    changed["review"] = {**changed["review"], "blind": True, **rules}
    Call.objects.filter(pk=call.pk).update(rules=changed)
    task = Assignment.objects.filter(state="deployed").order_by("pk").first()
    client = Client()
    client.force_login(task.expert.user, backend="django.contrib.auth.backends.ModelBackend")
    return season, task, client


def page(client, task) -> str:
    return client.get(reverse("reviews:score", args=[task.public_id])).content.decode()


@pytest.mark.parametrize(("until", "shown"), [("closing", False), ("submission", True)])
def test_the_programme_says_until_when_the_applicant_is_hidden(until, shown):
    season, task, client = playing(blind_until=until)
    unit = task.application.organisation.name
    assert unit not in page(client, task)
    seasons.score(season, task, 7)
    assert (unit in page(client, task)) is shown
    Review.objects.update(state="draft", submitted_at=None, reopened_at=season.round.opens_at)
    assert (unit in page(client, task)) is shown


def test_nothing_a_blind_expert_opens_names_the_applicant():
    season, task, client = playing()
    unit = task.application.organisation.name
    found = [
        client.get(reverse(f"reviews:{name}", args=arguments))
        for name, arguments in [
            ("desk", []),
            ("score", [task.public_id]),
            ("recuse", [task.public_id]),
            ("scores_sheet", [season.round.public_id]),
        ]
    ]
    for answer in found:
        assert answer.status_code == 200
        body = answer.content
        assert unit.encode() not in body
        assert task.application.number.encode() not in body


def test_a_file_loses_its_name_and_what_it_says_of_its_maker():
    _, task, client = playing()
    file = Attachment.objects.filter(application=task.application).select_related("blob").first()
    marked = PdfWriter(clone_from=io.BytesIO(_read(file)))
    marked.add_metadata({"/Author": "canary-author", "/Title": "canary-title"})
    out = io.BytesIO()
    marked.write(out)
    from documents import services as documents

    blob = documents.store(out.getvalue(), media_type="application/pdf", at=AT)
    entry = task.round.entries.get(application=task.application)
    frozen = entry.version.snapshot
    for one in frozen["attachments"]:
        if one["id"] == file.public_id:
            one |= {"sha256": blob.sha256, "name": "canary-name.pdf", "blind": False}
    type(entry.version).objects.filter(pk=entry.version_id).update(snapshot=frozen)
    Attachment.objects.filter(pk=file.pk).update(blob=blob)
    got = client.get(reverse("reviews:file", args=[task.public_id, file.public_id]))
    assert got.status_code == 200
    assert "canary" not in str(got.headers) and b"canary" not in got.content
    reader = PdfReader(io.BytesIO(got.content))
    assert len(reader.pages) == 1
    assert not {"/Author", "/Title"} & set(reader.metadata or {})
    Round.objects.update(blind=False)
    plain = client.get(reverse("reviews:file", args=[task.public_id, file.public_id]))
    assert "canary-name.pdf" in plain.headers["Content-Disposition"]
    assert documents.read(blob) == out.getvalue()


def _read(file) -> bytes:
    from documents import services as documents

    return documents.read(file.blob)
