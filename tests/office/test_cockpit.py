"""The cockpit: each number is its list, the cost is flat, the estimate says what it rests on."""

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from openpyxl import load_workbook

from applications.models import Application
from applications.workflow import Status
from calls.models import Call
from documents.models import Document
from notifications.models import Message
from office import cockpit, cockpitview, forecast, funnel, jobs
from office.funnel import Cell, Stage
from tests import world
from tests.office import bulk
from tests.recommenders import scene
from tests.world import AT

BACKEND = "django.contrib.auth.backends.ModelBackend"
MOST_QUERIES = 12


def browser(cast, name):
    found = Client()
    found.force_login(cast.people[name], backend=BACKEND)
    return found


# Rules -----------------------------------------------------------------------------------------


def test_a_stage_counts_those_that_came_at_least_that_far():
    steps = [("draft", "草稿", (), ""), ("in", "已提交", ("s",), ""), ("rec", "已推荐", ("r",), "")]
    stages = funnel.stages(steps, ("gone",))
    cells = [
        Cell("43", "a", "d", False, 4),
        Cell("43", "a", "s", True, 3),
        Cell("44", "", "r", True, 2),
        Cell("44", "b", "gone", True, 1),
        Cell("44", "b", "gone", False, 7),
    ]
    assert [(line.count, line.of_last) for line in funnel.lines(cells, stages)] == [
        (17, None),
        (6, 35.3),
        (2, 33.3),
    ]
    table = funnel.cross(cells, stages[1], ["a", "b"])
    assert table.directions == ("a", "b", "")
    assert table.rows == (("43", (3, 0, 0), 3), ("44", (0, 1, 2), 3))
    assert (table.totals, table.total) == ((3, 1, 2), 6)


def test_an_empty_call_has_no_share_and_no_division_by_nothing():
    lines = funnel.lines([], [Stage("draft", "草稿", ()), Stage("in", "已提交", ("s",))])
    assert [(line.count, line.share, line.of_last) for line in lines] == [
        (0, 0, None),
        (0, 0, None),
    ]


@pytest.mark.parametrize(
    ("saved", "parts", "band"),
    [(0, 9, 0), (1, 9, 1), (3, 9, 1), (4, 9, 2), (7, 9, 3), (9, 9, 3), (0, 0, 0)],
)
def test_a_draft_falls_into_the_band_of_its_parts(saved, parts, band):
    assert forecast.band_of(saved, parts) == band


def test_a_band_with_enough_on_record_takes_the_record_and_the_others_the_assumption():
    found = forecast.of_drafts({0: 10, 3: 8}, {0: (19, 19), 3: (20, 5)}, left=timedelta(days=5))
    none, much = found.bands[0], found.bands[3]
    assert (none.on_record, none.share, none.submitted) == (0, forecast.ASSUMED["near"][0], 1)
    assert (much.on_record, much.share, much.submitted, much.missing) == (20, 0.25, 2, 6)
    assert (found.drafts, found.missing, found.assumed) == (18, 15, True)


@pytest.mark.parametrize(
    ("left", "word"),
    [
        (timedelta(days=7, microseconds=1), "far"),
        (timedelta(days=7), "near"),
        (timedelta(days=1, microseconds=1), "near"),
        (timedelta(days=1), "last"),
    ],
)
def test_the_time_left_is_far_near_or_the_last_day(left, word):
    assert forecast.nearness(left) == word


def test_a_unit_may_miss_its_date_when_it_has_filings_and_was_quiet():
    def of(filed=3, delivered=False, quiet=timedelta(days=8)):
        return forecast.may_miss(forecast.UnitFacts(filed, delivered, AT - quiet), now=AT)

    assert of()
    assert not of(filed=0)
    assert not of(delivered=True)
    assert not of(quiet=timedelta(days=7))
    assert forecast.may_miss(forecast.UnitFacts(1, False, None), now=AT)


# The page --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_every_number_opens_a_list_of_so_many(cast):
    bulk.filings(cast, 70)
    recommended = scene.filings(cast, 2)
    scene.recommend(cast, *recommended)
    office = browser(cast, "office")
    assert cockpitview.read(cast.call, {}, at=AT).used == len(recommended) == 2
    page = office.get(reverse("office:cockpit")).content.decode()
    links = set(re.findall(rf'<a href="({reverse("office:applications")}\?[^"]+)">(\d+)</a>', page))
    assert len(links) > 40
    for address, number in sorted(links):
        answer = office.get(address.replace("&amp;", "&"))
        assert answer.context["page"].paginator.count == int(number), address


@pytest.mark.django_db
def test_drafts_are_counted_and_never_listed(cast):
    bulk.filings(cast, 10)
    view = cockpitview.read(cast.call, {"stage": "draft"}, at=AT)
    assert view.lines[0][0].count == 11
    assert view.lines[0][1] == ""
    assert {cell.url for row in view.cross for cell in (*row.cells, row.total)} == {""}
    text = browser(cast, "office").get(f"{reverse('office:cockpit')}?stage=draft").content.decode()
    assert cast.application.title not in text


@pytest.mark.django_db
def test_a_region_and_a_direction_narrow_the_funnel(cast):
    bulk.filings(cast, 70)
    key = cast.call.directions.all()[0].key
    view = cockpitview.read(cast.call, {"region": "430000", "direction": key}, at=AT)
    wanted = Application.objects.filter(
        call=cast.call, organisation__region__startswith="43", direction__key=key
    )
    assert view.lines[0][0].count == wanted.count() > 0
    assert view.lines[1][0].count == wanted.filter(version_number__gt=0).count()
    assert cockpitview.read(cast.call, {"region": "odd", "direction": "odd"}, at=AT).region == ""


@pytest.mark.django_db
def test_the_cost_is_the_same_for_a_thousand_and_ten_thousand_filings(cast):
    office = browser(cast, "office")

    def statements():
        with CaptureQueriesContext(connection) as found:
            assert office.get(reverse("office:cockpit")).status_code == 200
        return len(found)

    bulk.filings(cast, 1_000)
    few = statements()
    bulk.filings(cast, 9_000)
    assert statements() == few
    assert few <= MOST_QUERIES + 3, "beside session, person and roles"


@pytest.mark.django_db
def test_the_estimate_rests_on_earlier_calls_of_the_same_time_left(cast):
    """Of thirty drafts of the last round open two days before its end, six were submitted."""
    earlier = world.open_call(
        code="earlier",
        filing_from=AT - timedelta(days=400),
        filing_until=AT - timedelta(days=300),
        recommendation_until=AT - timedelta(days=200),
    )
    bulk.filings(cast, 30, call=earlier)
    begun = earlier.filing_until - timedelta(days=5)
    drafts = Application.objects.filter(call=earlier)
    drafts.update(
        created_at=begun,
        status=Status.LAPSED,
        version_number=0,
        first_submitted_at=None,
        submitted_at=None,
    )
    late = list(drafts.values_list("pk", flat=True)[:6])
    drafts.filter(pk__in=late).update(
        status=Status.SUBMITTED,
        version_number=1,
        first_submitted_at=earlier.filing_until - timedelta(hours=1),
        submitted_at=earlier.filing_until - timedelta(hours=1),
    )
    # One that was begun too late to stand in the record.
    drafts.filter(pk=drafts.exclude(pk__in=late)[0].pk).update(created_at=earlier.filing_until)
    found = cockpit.drafts_forecast(cast.call, AT)
    assert (found.bands[0].on_record, found.bands[0].drafts) == (29, 1)
    assert found.bands[0].share == pytest.approx(6 / 29)
    text = browser(cast, "office").get(reverse("office:cockpit")).content.decode()
    assert "往届同期 29 份" in text and "假定值，未核实" in text and "估算" in text


@pytest.mark.django_db
def test_parts_saved_put_a_draft_into_its_band(cast):
    bulk.saved(cast.application, len(cast.call.programme.sections))
    found = cockpit.drafts_forecast(cast.call, AT)
    assert [band.drafts for band in found.bands] == [0, 0, 0, 1]


@pytest.mark.django_db
def test_there_is_no_estimate_once_filing_has_ended(cast):
    Call.objects.filter(pk=cast.call.pk).update(filing_until=AT - timedelta(seconds=1))
    assert cockpit.drafts_forecast(Call.objects.get(pk=cast.call.pk), AT) is None


@pytest.mark.django_db
def test_units_are_filtered_sorted_and_counted(cast):
    bulk.filings(cast, 40)
    shown = cockpitview.read(cast.call, {"q": "邻省", "sort": "name"}, at=AT)
    assert [unit.organisation for unit in shown.units] == [cast.other_province]
    assert len(shown.every_unit) == 2
    quiet = cockpitview.read(cast.call, {"state": "may_miss"}, at=AT)
    assert quiet.may_miss == len(quiet.units) == 2
    assert cockpitview.read(cast.call, {"state": "delivered"}, at=AT).units == ()
    assert cockpitview.read(cast.call, {"kind": "separate_city"}, at=AT).units == ()


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["funnel", "regions", "units", "forecast", "experts"])
def test_each_table_is_a_workbook_that_says_who_took_it(cast, table):
    bulk.filings(cast, 20)
    address = reverse("office:cockpit_sheet", args=[table])
    answer = browser(cast, "office").get(f"{address}?call={cast.call.code}")
    assert answer.status_code == 200
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cast.call.title in rows[0][0]
    assert any("吴示例" in str(row[0]) for row in rows[2:])
    if table == "funnel":
        assert rows[2][:2] == ["草稿", 21]


@pytest.mark.django_db
def test_an_unknown_table_is_not_found(cast):
    address = reverse("office:cockpit_sheet", args=["people"])
    assert browser(cast, "office").get(address).status_code == 404


# Work that waits -------------------------------------------------------------------------------


def letter(n, *, state="waiting", since=timedelta(), at=AT):
    return Message.objects.create(
        key=f"test:{n}",
        email=f"a{n}@example.org",
        kind="test",
        subject="标题",
        body="正文",
        state=state,
        created_at=at - since,
        not_before=at - since,
    )


@pytest.mark.django_db
def test_work_is_counted_as_waiting_late_and_failed(cast):
    at = timezone.now()  # the page counts at the real present
    letter(1, at=at)
    letter(2, since=jobs.PATIENCE["letter"] + timedelta(seconds=1), at=at)
    letter(3, state="failed", at=at)
    letter(4, since=-timedelta(hours=1), at=at)
    found = cockpit.counts(cast.call, at)
    assert [found[f"letter_{state}"] for state in jobs.STATES] == [2, 1, 1]
    office = browser(cast, "office")
    text = office.get(f"{reverse('office:jobs')}?kind=letter&state=late").content.decode()
    assert "第" in text and "共 1 项" in text


@pytest.mark.django_db
def test_a_failed_document_is_put_back_and_the_trail_says_by_whom(cast):
    from audit.models import Entry

    made = Document.objects.create(
        kind="receipt",
        title="回执示例",
        subject="calls.call:1",
        snapshot={},
        fingerprint="0" * 64,
        host="example.org",
        state="failed",
        last_error="字体缺失",
        not_before=AT,
        created_at=AT,
    )
    office = browser(cast, "office")
    page = office.get(reverse("office:jobs")).content.decode()
    assert "回执示例" in page and "字体缺失" in page
    auditor = browser(cast, "auditor").get(reverse("office:jobs")).content.decode()
    assert escape("重新办理") not in auditor
    address = reverse("office:job_again", args=["document", made.pk])
    assert browser(cast, "auditor").post(address).status_code == 403
    assert office.post(address).status_code == 302
    made.refresh_from_db()
    assert made.state == "waiting"
    assert Entry.objects.get(action="documents.retry").actor_name == "吴示例"
    assert office.post(address).status_code == 404


@pytest.mark.django_db
def test_letters_are_not_put_back_from_the_list_of_work(cast):
    made = letter(1, state="failed")
    address = reverse("office:job_again", args=["letter", made.pk])
    assert browser(cast, "office").post(address).status_code == 404
