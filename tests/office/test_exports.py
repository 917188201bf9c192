"""Exports of many people's data: two people, one purpose, taken once and in time."""

import io
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Entry
from core.errors import Refusal
from documents.models import Package
from documents.packages import services as packages
from office import exporting
from office.models import ExportRequest
from tests.recommenders import scene
from tests.world import AT

pytestmark = pytest.mark.django_db
WHY = "核对联系人后寄送通知"


@pytest.fixture
def filed(cast):
    scene.filings(cast, 2)
    return cast


def propose(cast, who="office", kind="contacts", **more):
    given = {"call": cast.call, "options": {}, "reason": WHY, "at": AT} | more
    return exporting.propose(kind, actor=cast.actor(who), **given)


def approve(cast, asked, who="chief", **more):
    return exporting.decide(asked, approve=True, actor=cast.actor(who), at=AT, **more)


def take(cast, asked, who="office", at=AT):
    actor = cast.actor(who)
    acting = cast.people[who].memberships.get(role=actor.role)
    return exporting.take(asked, acting=acting, actor=actor, at=at)


def code_of(act, *args, **more) -> str:
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value.code


def test_an_export_is_taken_once_by_its_asker_after_another_agreed(filed):
    asked = propose(filed)
    assert asked.count == 2
    assert code_of(take, filed, asked) == "not-approved"
    assert code_of(approve, filed, asked, who="office") == "approver-only"
    approve(filed, asked)
    assert code_of(take, filed, asked, who="chief") == "not-yours"
    file = take(filed, asked)
    cells = [
        str(cell.value)
        for row in load_workbook(io.BytesIO(file.data)).active.iter_rows()
        for cell in row
    ]
    assert any(WHY in cell for cell in cells), "the purpose stands in the file"
    assert sum(cell.startswith("示例项目") for cell in cells) == 2
    assert code_of(take, filed, asked) == "taken"
    said = Entry.objects.filter(action__contains="_export").order_by("pk")
    assert [one.action for one in said] == [
        "office.propose_export",
        "office.decide_export",
        "office.take_export",
    ]
    assert said[2].data["rows"] == 2


def test_an_approval_ends_at_its_time_to_the_microsecond(filed):
    asked = approve(filed, propose(filed))
    late = AT + exporting.VALID
    assert code_of(take, filed, asked, at=late) == "too-late"
    assert ExportRequest.objects.get().state == "approved", "nothing was taken"
    assert take(filed, asked, at=late - timedelta(microseconds=1)).data


def test_nobody_agrees_to_their_own_export_and_the_database_holds_it(filed):
    asked = propose(filed, who="chief")
    assert code_of(approve, filed, asked) == "two-people"
    for state in ("approved", "taken"):
        with pytest.raises(IntegrityError), transaction.atomic():
            ExportRequest.objects.filter(pk=asked.pk).update(
                state=state,
                approved_by=asked.proposed_by,
                approved_at=AT,
                until=AT + timedelta(hours=1),
                taken_at=AT if state == "taken" else None,
            )
    exporting.decide(asked, approve=False, actor=filed.actor("chief"), at=AT)
    assert ExportRequest.objects.get().state == "refused"


def test_the_database_knows_no_export_taken_after_its_time(filed):
    asked = approve(filed, propose(filed))
    with pytest.raises(IntegrityError), transaction.atomic():
        ExportRequest.objects.filter(pk=asked.pk).update(state="taken", taken_at=asked.until)


def test_a_purpose_a_call_and_something_to_export_are_asked_for(filed):
    assert code_of(propose, filed, reason="核对") == "reason-short"
    assert code_of(propose, filed, call=None) == "no-call"
    assert code_of(propose, filed, kind="everything") == "no-such-kind"
    assert code_of(propose, filed, options={"q": "没有这一项"}) == "nothing-to-export"
    propose(filed)
    assert code_of(propose, filed) == "pending"
    assert code_of(propose, filed, who="operator") in ("not-yours", "office-only")


def test_when_the_file_cannot_be_written_the_approval_is_not_used_up(filed, monkeypatch):
    asked = approve(filed, propose(filed))

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr("office.peoplesheets.workbook.workbook", fails)
    with pytest.raises(RuntimeError):
        take(filed, asked)
    monkeypatch.undo()
    assert ExportRequest.objects.get().state == "approved"
    assert not Entry.objects.filter(action="office.take_export").exists()
    assert take(filed, asked).data


def test_filings_are_packed_only_under_an_approval_and_not_again_later(filed):
    from office import packing

    acting = filed.people["office"].memberships.get(role="office_operator")
    packages.request(
        kind=packing.KIND,
        subject=filed.call,
        title="申报书",
        options={},
        acting=acting,
        actor=filed.actor("office"),
        at=AT,
    )
    packages.build_waiting(at=AT + timedelta(minutes=1))
    failed = Package.objects.get()
    assert failed.state == "failed" and "批准" in failed.error
    asked = approve(filed, propose(filed, kind="forms", options={"filtered": True}))
    made = take(filed, asked).package
    assert made.options["export"] == asked.pk
    Package.objects.filter(pk=made.pk).update(not_before=AT + timedelta(days=2))
    packages.build_waiting(at=AT + timedelta(days=2, minutes=1))
    made.refresh_from_db()
    assert made.state == "failed" and "批准已经过期" in made.error


def test_the_pages_lead_through_asking_agreeing_and_taking(client, filed):
    def as_(name):
        client.force_login(filed.people[name])
        return client

    where = reverse("office:exports")
    text = as_("office").get(reverse("office:applications")).content.decode()
    assert where in text and "申请打包申报书" in text
    asked = {"kind": "contacts", "call": filed.call.code, "reason": WHY, "q": "示例"}
    assert client.post(where, asked).status_code == 302
    made = ExportRequest.objects.get()
    assert made.options == {"q": "示例", "filtered": True}
    assert client.post(reverse("office:export_decide", args=[made.pk])).status_code == 403
    as_("chief").post(reverse("office:export_decide", args=[made.pk]), {"approve": "yes"})
    assert "取走文件" not in client.get(where).content.decode(), "only who asked may take it"
    assert "取走文件" in as_("office").get(where).content.decode()
    file = client.post(reverse("office:export_take", args=[made.pk]))
    assert file.status_code == 200 and file["Cache-Control"] == "private, no-store"
    assert client.post(reverse("office:export_take", args=[made.pk])).status_code == 409
    assert "已取走" in client.get(where).content.decode()
    text = as_("auditor").get(where).content.decode()
    assert WHY in text and "提出导出申请" not in text
    assert client.post(where, asked).status_code == 403


def test_the_list_costs_the_same_queries_for_one_and_thirty(client, filed):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.force_login(filed.people["chief"])

    def cost():
        client.get(reverse("office:exports"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("office:exports")).status_code == 200
        return len(seen)

    made = approve(filed, propose(filed))
    few = cost()
    for _ in range(30):
        made.pk = None
        made.save(force_insert=True)
    assert cost() == few


@pytest.mark.parametrize("kind", ["contacts", "experts"])
def test_a_long_sheet_is_built_by_a_worker_with_its_rows_counted(client, filed, monkeypatch, kind):
    from office import peoplesheets
    from reviews import services as reviews
    from reviews.poolfile import Entry

    for n in (1, 2):
        entry = Entry(f"示例项目专家{n}", f"e{n}@example.org", phone="010-12345678")
        reviews.add_expert(organisation=None, entry=entry, actor=filed.actor("office"), at=AT)
    monkeypatch.setattr(peoplesheets, "AT_ONCE", 1)
    asked = approve(filed, propose(filed, kind=kind))
    client.force_login(filed.people["office"])
    monkeypatch.setattr(exporting, "VALID", timedelta(days=9))
    ExportRequest.objects.update(until=AT + timedelta(days=9))
    answer = client.post(reverse("office:export_take", args=[asked.pk]))
    made = Package.objects.get()
    assert answer["Location"] == reverse("documents:package", args=[made.public_id])
    packages.build_waiting(at=made.requested_at + timedelta(seconds=1))
    made.refresh_from_db()
    assert (made.state, made.done, made.total, made.name[-5:]) == ("ready", 2, 2, ".xlsx")
    file = client.get(reverse("documents:package_file", args=[made.public_id]))
    book = load_workbook(io.BytesIO(b"".join(file.streaming_content)))
    cells = [str(cell.value) for page in book for row in page.iter_rows() for cell in row]
    assert sum(cell.startswith("示例项目") for cell in cells) == 2
    assert any(WHY in cell for cell in cells), "the purpose stands in the file"


def test_a_sheet_of_people_is_not_built_under_an_approval_that_is_over(filed):
    from office import peoplesheets

    packages.request(
        kind=peoplesheets.CONTACTS.kind,
        subject=filed.call,
        title="申报联系表",
        options={"export": propose(filed).pk},
        acting=filed.people["office"].memberships.get(role="office_operator"),
        actor=filed.actor("office"),
        at=AT,
    )
    packages.build_waiting(at=AT + timedelta(minutes=1))
    assert Package.objects.get().state == "failed", "approved by nobody"
