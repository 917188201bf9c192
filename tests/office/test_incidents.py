"""The log of incidents over its pages: written, confirmed, made a reason, found, taken along."""

import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from audit.models import Entry
from calls.models import Call
from core.errors import Refusal
from office import incidents, postponing
from office.models import Incident, Postponement
from tests import halfway
from tests.office.asking import record
from tests.office.test_cockpit import browser
from tests.world import AT

pytestmark = pytest.mark.django_db
LOG = reverse("office:incidents")
CHINA = ZoneInfo("Asia/Shanghai")
STEPS = [
    "office.record_incident",
    "office.confirm_incident",
    "office.close_incident",
    "office.propose_postponement",
    "office.decide_postponement",
]


def typed(at):
    """A moment as the browser's field sends it."""
    return f"{at.astimezone(CHINA):%Y-%m-%dT%H:%M}"


def confirm(cast, one):
    return postponing.confirm_incident(one, actor=cast.actor("chief"), at=AT)


def shown(client, **asked):
    page = client.get(LOG, asked)
    assert page.status_code == 200
    return [one.title for one in page.context["page"]]


def test_from_the_failure_to_more_time_over_the_pages(cast):
    """Recorded by one, confirmed by another, named as the reason, given: dates move."""
    office, chief = browser(cast, "office"), browser(cast, "chief")
    form = {"title": "平台无法登录", "affected": "全部申报单位", "text": "数据库主机故障"}
    form |= {"since": typed(AT - timedelta(hours=3)), "until": ""}
    assert office.post(LOG, form).status_code == 302
    one = Incident.objects.get()
    assert "核实属实" not in office.get(LOG).content.decode(), "not by whom it was recorded"
    assert "核实属实" in chief.get(LOG).content.decode()
    own = reverse("office:incident_confirm", args=[one.pk])
    assert office.post(own).status_code == 409
    assert chief.post(own).status_code == 302
    ended = typed(AT - timedelta(hours=1))
    over = reverse("office:incident_end", args=[one.pk])
    assert office.post(over, {"until": ended}).status_code == 302

    asked = {"key": "filing_until", "scope": "call", "cascade": "on", "act": "propose"}
    asked |= {"until": (cast.call.filing_until + timedelta(days=4)).date()}
    asked |= {"reason": "平台故障三小时", "incident": one.pk}
    assert office.post(reverse("office:postpone", args=[cast.call.code]), asked).status_code == 302
    given = Postponement.objects.get()
    assert given.incident == one
    page = reverse("office:postponement", args=[given.pk])
    assert "故障记录“平台无法登录”" in chief.get(page).content.decode()
    decide = reverse("office:postponement_decide", args=[given.pk])
    assert chief.post(decide, {"approve": "yes"}).status_code == 302
    assert Call.objects.get(pk=cast.call.pk).filing_until > cast.call.filing_until

    log = browser(cast, "auditor").get(LOG).content.decode()
    assert page in log, "the log leads to what it justified"
    assert "已核实" in log
    assert shown(chief, state="used") == ["平台无法登录"]
    told = Entry.objects.filter(action__in=STEPS).order_by("pk")
    assert list(told.values_list("action", flat=True)) == STEPS


def test_only_what_is_confirmed_is_offered_as_a_reason(cast):
    one = record(cast)
    address = reverse("office:postpone", args=[cast.call.code])
    office = browser(cast, "office")
    assert "平台无法登录" not in office.get(address).content.decode()
    confirm(cast, one)
    assert "平台无法登录" in office.get(address).content.decode()


def test_filters_find_by_words_and_by_state_and_say_what_they_found(cast):
    record(cast)
    confirm(cast, record(cast, "短信延迟", text="网关故障"))
    record(cast, "页面缓慢", until=None)
    client = browser(cast, "chief")
    assert shown(client) == ["页面缓慢", "短信延迟", "平台无法登录"]
    assert shown(client, q="网关") == ["短信延迟"]
    assert shown(client, state="confirmed") == ["短信延迟"]
    assert shown(client, state="lasting") == ["页面缓慢"]
    assert shown(client, state="waiting", q="登录") == ["平台无法登录"]
    assert shown(client, state="nonsense") == ["页面缓慢", "短信延迟", "平台无法登录"]
    nothing = client.get(LOG, {"q": "没有的"}).content.decode()
    assert "没有符合条件的故障记录" in nothing
    assert "导出 xlsx" not in nothing


def test_the_workbook_holds_what_the_filter_shows_and_who_took_it(cast):
    record(cast, "=1+1", until=None)
    confirm(cast, record(cast, "短信延迟"))
    client = browser(cast, "auditor")
    answer = client.get(reverse("office:incidents_sheet"), {"state": "confirmed"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[1][:3] == ("事由", "开始", "结束")
    assert [row[0] for row in rows[2:3]] == ["短信延迟"]
    assert rows[2][5] == cast.people["office"].name
    assert rows[2][7] == cast.people["chief"].name
    assert any("筛选：已核实" in str(cell) for row in rows for cell in row if cell)
    whole = client.get(reverse("office:incidents_sheet"))
    book = load_workbook(io.BytesIO(whole.content)).active
    cells = {cell.value: cell.data_type for row in book.iter_rows() for cell in row if cell.value}
    assert cells["=1+1"] == "s", "text is never a formula"
    assert "仍在持续" in cells
    assert "待核实" in cells


def test_an_end_is_written_once_after_the_beginning_and_not_ahead(cast):
    one = record(cast, until=None)
    for until, code in (
        (one.since, "odd-span"),
        (AT + timedelta(microseconds=1), "not-yet"),
    ):
        with pytest.raises(Refusal) as refusal:
            incidents.close(one, until=until, actor=cast.actor("chief"), at=AT)
        assert refusal.value.code == code
    confirm(cast, one)
    incidents.close(one, until=AT, actor=cast.actor("chief"), at=AT)
    with pytest.raises(Refusal) as refusal:
        incidents.close(one, until=AT, actor=cast.actor("office"), at=AT)
    assert refusal.value.code == "over-already"
    assert Incident.objects.get().until == AT
    assert Entry.objects.filter(action="office.close_incident").count() == 1


def test_without_its_entry_no_end_is_written(cast, monkeypatch):
    one = record(cast, until=None)
    halfway.leaves_nothing(
        lambda: incidents.close(one, until=AT, actor=cast.actor("chief"), at=AT),
        halfway.AUDIT,
        lambda: halfway.rows_of([Incident, Entry]),
        monkeypatch,
    )


def test_an_end_without_a_time_is_refused_and_the_auditor_writes_none(cast):
    one = record(cast, until=None)
    over = reverse("office:incident_end", args=[one.pk])
    assert browser(cast, "office").post(over, {"until": "昨天"}).status_code == 422
    assert browser(cast, "auditor").post(over, {"until": typed(AT)}).status_code == 403
    assert Incident.objects.get().until is None


def test_the_log_costs_the_same_for_one_and_for_thirty(cast):
    confirm(cast, record(cast))
    client = browser(cast, "chief")

    def cost():
        with CaptureQueriesContext(connection) as seen:
            client.get(LOG)
        return len(seen)

    first = cost()
    Incident.objects.bulk_create(
        Incident(
            title=f"故障 {n}",
            text="x",
            affected="x",
            since=AT - timedelta(hours=n + 4),
            recorded_by=cast.people["office"],
            recorded_at=AT,
        )
        for n in range(40)
    )
    assert cost() == first
    page = client.get(LOG)
    assert len(page.context["page"]) == 30
    assert len(client.get(LOG, {"page": 2}).context["page"]) == 11
