"""What a submission costs the database: a few statements, however much lies around it."""

import hashlib
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from applications import services
from applications.models import Application, Attachment, Participation, Version
from applications.workflow import Status
from calls.models import Call
from documents.models import Blob
from notifications.models import Message
from tests import season, world
from tests.applications import consortium
from tests.world import AT

pytestmark = pytest.mark.django_db

MOST = 25
"""Statements of one submission, those that begin and end the transaction included."""


def cost(made: Application, *, key: str) -> int:
    actor = world.actor(made.created_by)
    with CaptureQueriesContext(connection) as seen:
        services.submit(made, key=key, actor=actor, at=AT)
    assert len(seen) <= MOST, "\n".join(one["sql"][:120] for one in seen)
    return len(seen)


def test_a_first_submission_and_a_later_one_take_at_most_25_statements():
    played = season.begin()
    made = season.draft(played, "甲一")
    first, later = cost(made, key="k1"), cost(made, key="k2")
    assert made.versions.count() == 2
    assert later <= first + 2  # the key is looked up, the parties of before go


def test_pressing_the_button_takes_at_most_25_statements_with_session_and_policy(client):
    played = season.begin()
    Call.objects.update(rehearsal=False)
    made = season.draft(played, "甲一")
    client.force_login(made.created_by)
    url = f"/applications/{made.public_id}"
    page = client.get(f"{url}/check/").content.decode()
    shown = dict(re.findall(r'name="(key|seen)" value="([^"]+)"', page))
    with CaptureQueriesContext(connection) as seen:
        answer = client.post(f"{url}/submit/", {**shown, "agree": "1"})
    assert answer.status_code == 302, answer.content.decode()
    asked = [one["sql"][:120] for one in seen]  # the session is written too, first act of its day
    assert len(asked) <= MOST, "\n".join(asked)


def test_more_filing_people_and_letters_cost_no_more_statements():
    played = season.begin()
    one, two = season.draft(played, "甲一"), season.draft(played, "乙二")
    for n in range(12):
        world.person(two.organisation, Role.EDITOR, f"同事{n}")
    assert cost(one, key="k1") == cost(two, key="k1")
    two.refresh_from_db()
    assert Message.objects.filter(kind="submit", body__contains=two.number).count() == 13


def test_thirty_attachments_cost_what_one_costs():
    spec = consortium.programme()
    roomy = tuple(kind.model_copy(update={"max_files": 50}) for kind in spec.attachments)
    played = season.begin(spec.model_copy(update={"attachments": roomy}))
    few, many = season.draft(played, "甲一"), season.draft(played, "乙二")
    attach(many, 30)
    assert cost(few, key="k1") == cost(many, key="k1")
    files = many.versions.get().snapshot["attachments"]
    assert len(files) == 30 + len(few.versions.get().snapshot["attachments"])


def attach(made: Application, count: int) -> None:
    like = made.attachments.first()
    names = [f"材料{n}.pdf" for n in range(count)]
    blobs = [
        Blob(
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            size=10,
            media_type="application/pdf",
            created_at=AT,
        )
        for name in names
    ]
    Blob.objects.bulk_create(blobs)
    Attachment.objects.bulk_create(
        Attachment(
            application=made,
            key=like.key,
            name=name,
            blob=blob,
            pages=1,
            uploaded_at=AT,
            uploaded_by=made.created_by,
        )
        for name, blob in zip(names, blobs, strict=True)
    )


def test_two_hundred_other_filings_cost_what_five_cost():
    played = season.begin(consortium.programme(per_applicant=None))
    partner = consortium.company(720, "示例伙伴有限公司")
    drafts = [consortium.draft(played, name, partner) for name in ("甲一", "乙二", "丙三")]
    consortium.submit(drafts[0])
    others(drafts[0], 4)
    five = cost(drafts[1], key="k1")
    others(drafts[0], 195)
    assert Application.objects.filter(call=played.call, status=Status.SUBMITTED).count() == 201
    assert cost(drafts[2], key="k1") == five


def others(like: Application, count: int) -> None:
    """More filings as this one was submitted, each with the same partner."""
    like.refresh_from_db()
    start = Application.objects.count()
    version = like.versions.get()
    rows = list(like.participations.values("code", "name", "lead", "direction_key"))
    call = Call.objects.get(pk=like.call_id)
    made = Application.objects.bulk_create(
        Application(
            call=call,
            organisation_id=like.organisation_id,
            recommender_id=like.recommender_id,
            title=f"其他项目{start + n}",
            number=f"其他-{start + n}",
            status=like.status,
            version_number=1,
            submitted_at=like.submitted_at,
            first_submitted_at=like.submitted_at,
            created_at=AT,
            created_by=like.created_by,
            changed_at=AT,
        )
        for n in range(count)
    )
    Version.objects.bulk_create(
        Version(
            application=one,
            number=1,
            snapshot={**version.snapshot, "title": one.title},
            fingerprint=version.fingerprint,
            idempotency_key="k1",
            arrived_at=version.arrived_at,
            submitted_by_id=version.submitted_by_id,
            submitted_by_name=version.submitted_by_name,
        )
        for one in made
    )
    Participation.objects.bulk_create(
        Participation(application=one, **row) for one in made for row in rows
    )
