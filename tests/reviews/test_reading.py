"""What an expert reads of a frozen version, and the door to its files."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Attachment, Version
from calls.programme import FieldType
from documents import services as documents
from reviews import reading, services
from reviews.conflicts import Unit, person_hash
from reviews.models import Round
from tests import world
from tests.applications.filling import pdf
from tests.reviews import scene
from tests.world import AT


@pytest.mark.parametrize(
    ("reference", "current", "target", "places"),
    [
        ("≥ 70 dB", "68", "74", (39.0, 114.0)),
        ("≥ 135 dB", "132", "135", (14.0, 64.0)),
        ("≤ 100 Pa", "120", "80", (14.0, 114.0)),
        ("≤ 0.6 Pa", "0.9", "0.8", (14.0, 30.7)),
        ("= 360 度", "360", "360", (64.0, 64.0)),
        ("> 1,000 次", "", "1,500", (None, 114.0)),
    ],
)
def test_better_lies_to_the_right_and_the_reference_in_the_middle(
    reference, current, target, places
):
    found = reading.gauge(reference, current, target)
    assert found.reference == 64.0
    assert (found.current, found.target) == places


@pytest.mark.parametrize("reference", ["", "指南未公开", "HA 级", "样机", "是"])
def test_without_a_figure_to_compare_there_is_no_gauge(reference):
    assert reading.gauge(reference, "68", "74") is None


def test_partners_and_contacts_are_found_by_the_type_of_their_fields():
    snapshot = {
        "answers": {
            "unit": {"contact_name": "李示例", "contact_phone": "000-1"},
            "team": {"leader": "某示例", "leader_phone": "000-2", "members": [{"name": "甲"}]},
            "consortium": {"partners": [{"name": "示例大学", "code": world.uscc(7)}, "坏行"]},
        }
    }
    found = reading.facts(
        world.programme(), snapshot, name="示例企业", code=world.uscc(1), region="430100"
    )
    assert found.partners == (Unit("示例大学", world.uscc(7)),)
    assert person_hash("李示例", "000-1") in found.people
    assert person_hash("某示例", "000-2") in found.people
    assert person_hash("李示例", "000-2") not in found.people


def test_a_blind_column_is_cut_out_of_its_table():
    programme = world.programme()
    rights = programme.section("property").field("rights")
    assert [column.key for column in rights.columns if column.blind] == ["number"]
    at = [column.key for column in rights.columns].index("number")
    block = {
        "kind": "table",
        "label": rights.label,
        "key": "rights",
        "blind": False,
        "columns": [{"label": column.label} for column in rights.columns],
        "rows": [["发明专利", "某专利", "canary", "已授权", "2020年1月1日"]],
    }
    snapshot = {"sections": [{"key": "property", "title": "知识产权", "blocks": [block]}]}
    shown = reading.material(programme, snapshot, blind=True).sections[0]["blocks"][0]
    assert "canary" not in str(shown)
    assert len(shown["columns"]) == len(rights.columns) - 1 == len(shown["rows"][0])
    shown = reading.material(programme, snapshot, blind=False).sections[0]["blocks"][0]
    assert shown["rows"][0][at] == "canary"


def test_telephones_are_hidden_in_every_review():
    programme = world.programme()
    rows = [
        {"key": field.key, "label": field.label, "value": f"canary-{field.key}", "blind": False}
        for field in programme.section("unit").fields
        if field.type in (FieldType.PHONE, FieldType.EMAIL)
    ]
    block = {"kind": "fields", "rows": rows}
    snapshot = {"sections": [{"key": "unit", "title": "单位", "blocks": [block]}]}
    assert rows
    assert reading.material(programme, snapshot, blind=False).sections == ()


# The door to files ------------------------------------------------------------------------------


@pytest.fixture
def opened(db):
    """A round in which each application has a test report and a licence in its version."""
    s = scene.build(filed=2, experts=3, wanted=3, made=False)
    for application in s.applications:
        version = Version.objects.get(application=application)
        files = []
        for key, name, blind in (
            ("test_report", "检测报告-示例企业.pdf", False),
            ("licence", "营业执照.pdf", True),
        ):
            blob = documents.store(
                pdf(3, mark=f"{application.pk}{key}"),
                media_type="application/pdf",
                at=AT,
            )
            kept = Attachment.objects.create(
                application=application,
                key=key,
                name=name,
                blob=blob,
                pages=3,
                uploaded_at=AT,
                uploaded_by=application.created_by,
            )
            files.append(
                {
                    "key": key,
                    "kind": "检测报告" if not blind else "营业执照",
                    "name": name,
                    "pages": 3,
                    "size": blob.size,
                    "sha256": blob.sha256,
                    "media_type": blob.media_type,
                    "id": kept.public_id,
                    "blind": blind,
                }
            )
        version.snapshot = {**version.snapshot, "attachments": files}
        version.save()
    s.round = scene.new_round(s)
    return scene.deployed(s)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def door(task, kept) -> str:
    return reverse("reviews:file", args=[task.public_id, kept.public_id])


def test_a_file_opens_after_the_declaration_and_as_a_download(opened):
    task = opened.task(0, 0)
    kept = Attachment.objects.get(application=task.application, key="test_report")
    client = client_of(opened.user(0))
    before = client.get(door(task, kept))
    assert before.status_code == 302
    assert before["Location"].endswith("/declare/")
    scene.declared(opened)
    response = client.get(door(task, kept))
    assert response.content.startswith(b"%PDF")
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_file_of_another_application_or_a_later_upload_does_not_exist(opened):
    scene.declared(opened)
    task, other = opened.task(0, 0), opened.task(0, 1)
    client = client_of(opened.user(0))
    foreign = Attachment.objects.get(application=other.application, key="test_report")
    assert client.get(door(task, foreign)).status_code == 404
    later = Attachment.objects.create(
        application=task.application,
        key="test_report",
        name="后来.pdf",
        blob=foreign.blob,
        uploaded_at=AT,
        uploaded_by=task.application.created_by,
    )
    assert client.get(door(task, later)).status_code == 404


def test_a_blind_review_hides_marked_files_and_every_file_name(opened):
    scene.declared(opened)
    Round.objects.update(blind=True)
    task = opened.task(0, 0)
    client = client_of(opened.user(0))
    licence = Attachment.objects.get(application=task.application, key="licence")
    report = Attachment.objects.get(application=task.application, key="test_report")
    assert client.get(door(task, licence)).status_code == 404
    response = client.get(door(task, report))
    assert response.status_code == 200
    assert "%E7%A4%BA%E4%BE%8B%E4%BC%81%E4%B8%9A" not in response["Content-Disposition"]


def test_a_file_is_gone_with_the_conflict_and_with_the_round(opened):
    scene.declared(opened)
    task = opened.task(0, 0)
    kept = Attachment.objects.get(application=task.application, key="test_report")
    services.recuse(task, reason="亲属关系", actor=opened.actor(0), at=AT)
    assert client_of(opened.user(0)).get(door(task, kept)).status_code == 404
    held = opened.task(1, 0)
    assert client_of(opened.user(1)).get(door(held, kept)).status_code == 200
    services.close_round(opened.round, actor=opened.office, at=AT, note="演练")
    assert client_of(opened.user(1)).get(door(held, kept)).status_code == 404


def test_a_mark_brings_its_weighted_part():
    form = world.programme().review
    from reviews.services.rounds import sheet_of

    sheet = sheet_of(form)
    assert sheet.weights == 100
    assert sheet.criteria[0].part(8) == Decimal("24.00")
    assert (sheet.comment.low, sheet.comment.high, sheet.comment.least) == (3, 9, 20)
