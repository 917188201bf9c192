"""The trail on its pages: found, told before and after, exported; verified by a worker."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from audit import checking
from audit import services as audit
from audit.models import Check, Entry
from core.errors import Refusal
from office import trail
from tests.office.test_cockpit import browser
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def noted(cast):
    """Two entries that differ in everything one can search by."""
    audit.record(
        actor=cast.actor("office"),
        action="test.change",
        subject=cast.call,
        at=AT,
        before={"filing_until": "2021-11-15", "open": False},
        after={"filing_until": "2021-11-18", "open": True},
        note="省内停电",
    )
    audit.record(
        actor=cast.actor("admin"),
        action="other.act",
        subject=cast.company,
        at=AT - timedelta(days=9),
        reason="资料齐全",
    )
    return cast


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "停电"},
        {"q": "2021-11-18"},
        {"action": "test."},
        {"subject": "calls.call:", "action": "test.change"},
        {"actor": "吴示例", "action": "test"},
        {"unit": "示例主管", "action": "test"},
        {"since": (AT - timedelta(days=3)).date(), "action": "test"},
    ],
)
def test_an_entry_is_found_by_each_part_of_the_search(noted, asked):
    assert [one.action for one in trail.found(asked)] == ["test.change"]
    other = {"q": "资料齐全"} if "q" in asked else {}
    assert [one.action for one in trail.found(other) if one.action == "other.act"]


def test_a_search_that_fits_nothing_finds_nothing(noted):
    assert not trail.found({"q": "停电", "actor": "王示例"}).exists()
    assert not trail.found({"until": (AT - timedelta(days=3)).date(), "action": "test"}).exists()


def test_a_change_is_told_before_and_after_and_the_rest_as_it_is():
    data = {"before": {"a": 1, "b": None}, "after": {"a": 2, "b": "x"}, "note": "n"}
    assert [trail.line(fact) for fact in trail.facts(data)] == ["a：1 → 2", "b：— → x", "note：n"]
    assert [trail.line(fact) for fact in trail.facts({"before": 3, "after": 4})] == ["3 → 4"]
    assert [trail.line(fact) for fact in trail.facts({"before": 3})] == ["before：3"]


def test_the_page_shows_it_and_the_export_says_who_took_it(noted):
    auditor = browser(noted, "auditor")
    text = auditor.get(reverse("office:audit"), {"q": "停电"}).content.decode()
    assert "<del>2021-11-15</del> → <ins>2021-11-18</ins>" in text
    assert "<del>否</del> → <ins>是</ins>" in text
    before = Entry.objects.count()
    answer = auditor.post(reverse("office:audit_export"), {"q": "停电"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert "filing_until：2021-11-15 → 2021-11-18" in rows[2][7]
    assert "冯示例" in rows[-2][0] and "停电" in rows[-1][0]
    assert Entry.objects.count() == before + 1
    assert Entry.objects.latest("pk").data["rows"] == 1


def test_acts_are_named_in_chinese_and_found_by_their_name_while_codes_stay(noted):
    for action in ("outcomes.award", "calls.open"):
        audit.record(actor=noted.actor("office"), action=action, subject=noted.call, at=AT)
    auditor = browser(noted, "auditor")
    where = reverse("office:audit")
    page = auditor.get(where).content.decode()
    assert '<option value="outcomes.award">优胜决定生效</option>' in page
    assert '<optgroup label="遴选与公示">' in page
    text = auditor.get(where, {"action": "outcomes.award"}).context["rows"]
    assert [(row[0].action, row[1], row[3]) for row in text] == [
        ("outcomes.award", "主管经办", "优胜决定生效")
    ]
    assert [one.action for one in trail.found({"q": "优胜决定"})] == ["outcomes.award"]
    answer = auditor.post(reverse("office:audit_export"), {"action": "calls.open"})
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[2][4:6] == ("开放批次", "calls.open")
    assert "动作 开放批次" in rows[-1][0]
    assert Entry.objects.latest("pk").action == "office.export_audit"


def test_the_office_does_not_read_the_trail(noted):
    assert browser(noted, "office").get(reverse("office:audit")).status_code == 403


def test_a_verification_is_asked_for_done_by_a_worker_and_kept(noted):
    while audit.chain():
        pass
    audit.record(actor=noted.actor("admin"), action="late", subject=noted.call, at=AT)
    check = checking.ask(actor=noted.actor("auditor"), at=AT)
    with pytest.raises(Refusal) as refusal:
        checking.ask(actor=noted.actor("auditor"), at=AT)
    assert refusal.value.code == "check-running"
    done = checking.run_waiting(at=AT)
    assert (done, done.state) == (check, "whole")
    assert done.length == Entry.objects.filter(seq__isnull=False).count() > 0
    assert (done.tail, done.tail_since) == (2, AT)
    assert done.head == Entry.objects.order_by("-seq").exclude(seq=None)[0].digest
    assert checking.run_waiting(at=AT) is None
    text = browser(noted, "auditor").get(reverse("office:audit_checks")).content.decode()
    assert "完整" in text and "现在待链接 2 条" in text


def test_a_changed_entry_is_named(noted):
    while audit.chain():
        pass
    one = Entry.objects.filter(action="test.change").get()
    Entry.objects.filter(pk=one.pk).update(actor_name="别人")
    checking.ask(actor=noted.actor("auditor"), at=AT)
    done = checking.run_waiting(at=AT)
    assert done.state == "broken" and f"第 {one.seq} 条被改动" in done.problems


def test_a_killed_worker_s_verification_is_begun_again_when_its_claim_ends(noted):
    while audit.chain():
        pass
    check = checking.ask(actor=noted.actor("auditor"), at=AT)
    Check.objects.filter(pk=check.pk).update(
        state="running", started_at=AT, claimed_until=AT + checking.CLAIM
    )
    assert checking.run_waiting(at=AT + checking.CLAIM) is None
    done = checking.run_waiting(at=AT + checking.CLAIM + timedelta(microseconds=1))
    assert done.state == "whole"


def test_progress_is_told_as_entries_are_read(noted, monkeypatch):
    while audit.chain():
        pass
    monkeypatch.setattr(checking, "EACH", 1)
    told = []
    real = audit.verify
    monkeypatch.setattr(
        "audit.checking.services.verify",
        lambda progress: real(progress=lambda n: (progress(n), told.append(seen()))),
    )
    check = checking.ask(actor=noted.actor("auditor"), at=AT)

    def seen():
        return Check.objects.get(pk=check.pk).done

    done = checking.run_waiting(at=AT)
    assert told == list(range(1, done.length + 1))


def test_the_heads_are_taken_out_as_a_workbook(noted):
    while audit.chain():
        pass
    checking.ask(actor=noted.actor("auditor"), at=AT)
    done = checking.run_waiting(at=AT)
    answer = browser(noted, "auditor").get(reverse("office:audit_heads"))
    rows = list(load_workbook(io.BytesIO(answer.content)).active.values)
    assert rows[2][4] == done.head


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
def test_a_day_that_cannot_be_counted_on_from_is_as_if_not_asked(noted, day):
    """Found by the proof of texts: the day after 9999-12-31 ended the request."""
    asked = {"since": day, "until": day}
    page = browser(noted, "auditor").post(reverse("office:audit_export"), asked)
    assert page.status_code == 200
    assert browser(noted, "auditor").get(reverse("office:audit"), asked).status_code == 200
