"""The pages over HTTP: what is gone for whom, lists that cost the same, sheets in and out."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from accounts.models import Link, Organisation
from applications.models import Application, new_public_id
from fulfilment.models import Target, Task
from portal import invariants
from testing import agencyfile, services
from testing.models import Agency, Commission, Result, ResultRow, SealedReport
from testing.services import agencies
from tests import kept
from tests.testing import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(scene.build)


def browser(client, played, name):
    client.force_login(
        played.season.cast.people[name], backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def url(name, *args):
    return reverse(f"testing:{name}", args=args)


# What takes an item away ------------------------------------------------------------------------


def test_a_tie_declared_late_takes_the_item_away_on_the_next_request(client, played):
    result = scene.accepted(played)
    where = url("item", result.commission.public_id)
    browser(client, played, "tester0")
    assert client.get(where).status_code == 200
    unit = played.season.filed[0].organisation
    services.declare(
        played.agencies[0],
        name=unit.name,
        reason="刚刚参股该单位",
        actor=played.tester(),
        at=AT,
    )
    assert client.get(where).status_code == 404
    assert result.commission.task.title not in client.get(url("desk")).content.decode()


@pytest.mark.parametrize("relation", ["child", "parent", "merged", "partner", "recommender"])
def test_kinship_bars_whatever_was_commissioned(client, played, relation):
    commission = scene.offered(played)
    agency, filed = played.agencies[0].organisation, played.season.filed[0]
    if relation == "child":
        Organisation.objects.filter(pk=agency.pk).update(parent=filed.organisation)
    elif relation == "parent":
        Organisation.objects.filter(pk=filed.organisation_id).update(parent=agency)
    elif relation == "merged":
        Organisation.objects.filter(pk=filed.organisation_id).update(
            merged_into=agency, merged_at=AT
        )
    elif relation == "partner":
        Task.objects.filter(application=filed).update(partners=[{"name": agency.name}])
    else:
        Organisation.objects.filter(pk=filed.recommender_id).update(name=agency.name)
    browser(client, played, "tester0")
    assert client.get(url("item", commission.public_id)).status_code == 404


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_a_stopped_agency_sees_nothing_on_the_next_request(client, played, state):
    commission = scene.offered(played)
    browser(client, played, "tester0")
    assert client.get(url("item", commission.public_id)).status_code == 200
    agencies.set_state(
        played.agencies[0], state, reason="资质存疑", actor=played.actor("office"), at=AT
    )
    assert client.get(url("item", commission.public_id)).status_code == 404
    assert client.get(url("desk")).status_code == 404


def test_a_tester_who_also_works_for_the_unit_does_not_see_it(client, played):
    from accounts import services as accounts

    commission = scene.offered(played)
    accounts.appoint(
        played.season.cast.people["tester0"],
        organisation=played.season.filed[0].organisation,
        role="viewer",
        actor=played.actor("office"),
        at=AT,
    )
    browser(client, played, "tester0")
    assert client.get(url("item", commission.public_id)).status_code == 404
    browser(client, played, "tester0b")
    assert client.get(url("item", commission.public_id)).status_code == 200


def test_the_unit_sees_a_result_only_when_it_is_released(client, played):
    result = scene.sealed(played, scene.accepted(played))
    client.force_login(
        scene.unit_person(played), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert client.get(url("my_result", result.public_id)).status_code == 404
    services.release([result], actor=played.actor("chief"), at=AT)
    assert client.get(url("my_result", result.public_id)).status_code == 200


# Lists ------------------------------------------------------------------------------------------


def multiply(played, count):
    """So many more released tasks of other units, each tested by the first agency."""
    first = scene.released(played, 0)
    task = first.commission.task
    filed = Application.objects.get(pk=task.application_id)
    targets = list(task.targets.all())
    rows = list(first.rows.all())
    scan = first.scans.get()
    for n in range(count):
        filed.pk, filed.public_id, filed.number = None, new_public_id(), f"JB-X-{n:06d}"
        filed.organisation = Organisation.objects.create(
            kind="enterprise", name=f"示例复制{n}有限公司", created_at=AT
        )
        filed.save(force_insert=True)
        copy = Task.objects.get(pk=task.pk)
        copy.pk, copy.public_id, copy.application = None, new_public_id(), filed
        copy.save(force_insert=True)
        commission = Commission.objects.get(pk=first.commission_id)
        commission.pk, commission.public_id, commission.task = None, new_public_id(), copy
        commission.save(force_insert=True)
        result = Result.objects.get(pk=first.pk)
        result.pk, result.public_id, result.commission = None, new_public_id(), commission
        result.save(force_insert=True)
        SealedReport.objects.create(
            result=result,
            document=scan.document,
            state="matched",
            reading=scan.reading,
            uploaded_by=scan.uploaded_by,
            uploaded_at=AT,
        )
        for target, row in zip(targets, rows, strict=True):
            twin = Target.objects.get(pk=target.pk)
            twin.pk, twin.task = None, copy
            twin.save(force_insert=True)
            line = ResultRow.objects.get(pk=row.pk)
            line.pk, line.result, line.target = None, result, twin
            line.save(force_insert=True)


@pytest.mark.parametrize(
    ("person", "page"),
    [
        ("tester0", "desk"),
        ("chief", "board"),
        ("chief", "calls"),
        ("chief", "ranking"),
        ("chief", "export"),
        ("chief", "agencies"),
    ],
)
def test_a_list_costs_the_same_for_three_and_for_sixty(client, played, person, page):
    multiply(played, 2)
    args = [played.season.call.code] if page in ("board", "ranking", "export") else []
    browser(client, played, person)
    client.get(url(page, *args))
    counts = []
    for more in (0, 57):
        if more:
            multiply_again(played, more)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url(page, *args)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1], counts


def multiply_again(played, count):
    """More of the same, of the task that is released already."""
    original = scene.released
    scene.released = lambda played, n: Result.objects.filter(state="released").select_related(
        "commission__task"
    )[0]
    try:
        last = Application.objects.count()
        Application.objects.filter(number__startswith="JB-X-").update(number="")
        for one in Application.objects.filter(number=""):
            Application.objects.filter(pk=one.pk).update(number=f"JB-Y-{last}-{one.pk}")
        multiply(played, count)
    finally:
        scene.released = original


# Sheets -----------------------------------------------------------------------------------------


def book(*rows):
    made, out = Workbook(), io.BytesIO()
    made.active.append(list(agencyfile.COLUMNS))
    for row in rows:
        made.active.append(list(row))
    made.save(out)
    return SimpleUploadedFile("机构.xlsx", out.getvalue(), agencies_type())


def agencies_type():
    from documents.workbook import MEDIA_TYPE

    return MEDIA_TYPE


GOOD = (
    "示例新机构",
    "",
    "编号 1",
    "示例",
    "2030-01-31",
    "语音；翻译",
    "张示例",
    "",
    "n@example.org",
)


def test_an_import_shows_first_and_takes_what_was_shown(client, played):
    browser(client, played, "office")
    before = Agency.objects.count()
    shown = client.post(url("agency_import"), {"sheet": book(GOOD)})
    assert Agency.objects.count() == before and "示例新机构" in shown.content.decode()
    client.post(url("agency_import"), {"take": shown.context["take"]})
    made = Agency.objects.get(organisation__name="示例新机构")
    assert made.fields == ["语音", "翻译"] and not made.is_verified
    assert Link.objects.get(organisation=made.organisation).role == "tester"


def test_one_mistake_takes_nothing_and_a_forged_preview_is_refused(client, played):
    browser(client, played, "office")
    before = Agency.objects.count()
    bad = ("", "123", "", "", "昨天", "", "", "", "x")
    answer = client.post(url("agency_import"), {"sheet": book(GOOD, bad)})
    assert answer.status_code == 422 and len(answer.context["wrong"]) == 4
    assert client.post(url("agency_import"), {"take": "forged:1:2"}).status_code == 410
    assert Agency.objects.count() == before


def test_a_changed_certificate_has_to_be_verified_again(played):
    agency, office = played.agencies[0], played.actor("office")
    services.verify(agency, actor=office, at=AT)
    entry = agencyfile.Entry(
        name=agency.name, accreditation="另一编号", accredited_by="示例发证机构"
    )
    assert not services.update(agency, entry, actor=office, at=AT).is_verified


def test_the_board_goes_out_as_a_sheet_with_its_filter(client, played):
    scene.propose(played)
    browser(client, played, "auditor")
    answer = client.get(url("export", played.season.call.code) + "?state=proposed")
    pages = load_workbook(io.BytesIO(answer.content))
    assert pages.worksheets[0].max_row == 2
    said = [cell.value for row in pages.worksheets[1].iter_rows() for cell in row]
    assert "筛选条件：state=proposed" in said


def test_a_preview_names_every_conflict_and_leaves_those_out(client, played):
    filed = played.season.filed[0]
    services.declare(
        played.agencies[0],
        name=filed.organisation.name,
        reason="合作研发关系",
        actor=played.actor("office"),
        at=AT,
    )
    browser(client, played, "office")
    body = {
        "agency": played.agencies[0].pk,
        "due_on": scene.due(played).date().isoformat(),
        "task": [played.task(n).public_id for n in range(3)],
    }
    where = url("propose", played.season.call.code)
    shown = client.post(where, {**body, "act": "preview"})
    assert shown.context["allowed"] == 2 and "合作研发关系" in shown.content.decode()
    assert Commission.objects.count() == 0
    client.post(where, {**body, "act": "propose"})
    assert {one.task_id for one in Commission.objects.all()} == {
        played.task(1).pk,
        played.task(2).pk,
    }


# Reminders --------------------------------------------------------------------------------------


def test_an_agency_is_reminded_once_before_and_once_after_and_never_when_done(played):
    from datetime import timedelta

    from notifications.models import Message
    from testing.services import reminding

    result = scene.accepted(played)
    letters = Message.objects.filter(kind="testing_due")
    assert reminding.fire_due(at=AT) == 0
    assert reminding.fire_due(at=AT + timedelta(days=17)) == 1
    assert reminding.fire_due(at=AT + timedelta(days=18)) == 0
    assert reminding.fire_due(at=AT + timedelta(days=28)) == 1
    assert reminding.fire_due(at=AT + timedelta(days=31)) == 1
    assert reminding.fire_due(at=AT + timedelta(days=60)) == 0
    assert letters.filter(subject__startswith="测评逾期").count() == 2  # operator and approver
    other = scene.accepted(played, 1, 1)
    scene.sealed(played, other, 1)
    assert reminding.fire_due(at=AT + timedelta(days=31)) == 0
    assert result.state == "draft"


# The data ---------------------------------------------------------------------------------------


def found():
    return {one.rule for one in invariants.run() if one.subject.startswith("testing.")}


def test_the_data_holds_and_tampering_is_found(played):
    result = scene.released(played)
    assert found() == set()
    row = result.rows.first()
    ResultRow.objects.filter(pk=row.pk).update(standing="over" if row.standing != "over" else "met")
    assert found() == {"R13"}
    ResultRow.objects.filter(pk=row.pk).update(standing=row.standing)
    SealedReport.objects.filter(result=result).update(state="refused")
    assert found() == {"R10"}
    SealedReport.objects.filter(result=result).update(state="matched")
    Result.objects.filter(pk=result.pk).update(snapshot={})
    assert found() == {"R5"}
