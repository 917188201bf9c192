"""The plan and the reports: what is asked, kept, frozen, judged."""

from datetime import timedelta

import pytest

from core.errors import Refusal
from documents.models import Document
from fulfilment import services, terms
from fulfilment.models import Happening, Reminder, Report
from notifications.models import Message
from tests import kept
from tests.fulfilment import helpers
from tests.fulfilment.helpers import person, planned, task, written
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(lambda: helpers.years("甲一", "乙二"))


def refused(code, act):
    with pytest.raises(Refusal) as found:
        act()
    assert found.value.code == code, found.value
    return found.value


def first(played, n=0):
    return task(played, n).reports.filter(kind="periodic").earliest("number")


# Plans -------------------------------------------------------------------------------------------


def test_an_accepted_plan_puts_its_milestones_its_end_and_its_operators_in_force(played):
    one = planned(played)
    assert [node.title for node in one.milestones.all()] == ["完成样机", "小批量生产"]
    assert one.due_on == terms.months_after(one.starts_on, 18)
    assert one.limit_on == terms.months_after(one.starts_on, 24)
    assert set(one.targets.filter(rule={}).values_list("operator", flat=True)) <= {"ge"}
    numbers = list(one.reports.filter(kind="periodic", state="open").values_list("number"))
    assert numbers == [(1,), (2,)]
    assert one.reports.get(kind="final").due_on == one.due_on


def test_a_plan_that_goes_beyond_two_years_is_not_taken(played):
    one = task(played)
    services.save_plan(
        one,
        finish_on=one.limit_on + timedelta(days=1),
        approach="",
        milestones=[{"title": "节点", "due_on": one.starts_on, "deliverable": "件", "targets": []}],
        operators={},
        actor=person(played),
        at=AT,
    )
    said = refused("incomplete", lambda: services.submit_plan(one, actor=person(played), at=AT))
    assert "规定的最后一日" in str(said) or "比较方式" in str(said)
    assert one.plans.get().state == "draft"


def test_a_returned_plan_is_kept_and_the_next_one_has_the_next_number(played):
    one = planned(played, accept=False)
    plan = one.plans.get()
    office = played.actor("office")
    refused(
        "reason-short",
        lambda: services.decide_plan(plan, accept=False, comment="", actor=office, at=AT),
    )
    services.decide_plan(plan, accept=False, comment="节点太少，请细化", actor=office, at=AT)
    again = planned(played, accept=False).plans.order_by("number")
    assert [(one.number, one.state) for one in again] == [(1, "returned"), (2, "submitted")]
    refused(
        "decided",
        lambda: services.decide_plan(plan, accept=True, comment="", actor=office, at=AT),
    )


def test_another_unit_cannot_write_the_plan(played):
    refused(
        "not-yours",
        lambda: services.submit_plan(task(played), actor=person(played, 1), at=AT),
    )


# Reports -----------------------------------------------------------------------------------------


def test_the_reports_of_a_term_are_due_by_the_files_rule(played):
    one = task(played)
    rows = one.reports.filter(kind="periodic").order_by("number")
    assert [row.covers_to for row in rows] == [
        terms.months_after(one.starts_on, n) for n in (6, 12, 18)
    ]
    assert all(row.due_on == row.covers_to + timedelta(days=15) for row in rows)
    assert rows[0].covers_from == one.starts_on
    assert rows[1].covers_from == rows[0].covers_to + timedelta(days=1)


def test_a_report_is_frozen_with_how_its_values_stand(played):
    planned(played)
    report = written(played, first(played))
    version = services.submit_report(report, key="k1", actor=person(played), at=AT)
    row = version.snapshot["indicators"][0]
    assert row["value"] == "9"
    assert row["to_target_words"] == task(played).targets.first().to_target("9").text
    assert version.document.state == "waiting" and len(version.fingerprint) == 64
    assert first(played).state == "submitted" and not version.late
    assert Message.objects.filter(key__startswith=f"fulfilment.received:{version.pk}:").exists()


def test_the_same_key_gives_the_same_version(played):
    report = written(played, first(played))
    one = services.submit_report(report, key="k1", actor=person(played), at=AT)
    two = services.submit_report(report, key="k1", actor=person(played), at=AT)
    assert one.pk == two.pk and report.versions.count() == 1
    assert Document.objects.filter(kind="task_report").count() == 1
    refused(
        "report-closed",
        lambda: services.submit_report(report, key="k2", actor=person(played), at=AT),
    )


def test_a_late_report_is_marked_and_taken(played):
    report = written(played, first(played))
    helpers.move_to(played, report.due_on + timedelta(days=1))
    assert first(played).is_overdue(report.due_on + timedelta(days=1))
    version = services.submit_report(report, key="k1", actor=person(played), at=AT)
    assert version.late
    assert "逾期" in Happening.objects.filter(what="提交报告").latest("pk").text


def test_what_is_missing_is_said_and_nothing_is_frozen(played):
    report = written(played, first(played), progress="", money="很多")
    said = refused(
        "incomplete",
        lambda: services.submit_report(report, key="k1", actor=person(played), at=AT),
    )
    assert "2 处" in str(said)
    assert not report.versions.exists()


def test_after_a_return_only_the_named_parts_change(played):
    report = written(played, first(played))
    services.submit_report(report, key="k1", actor=person(played), at=AT)
    services.return_report(
        report,
        parts=[("progress", "请写明测试数据")],
        note="请补充后重新提交",
        actor=played.actor("office"),
        at=AT,
    )
    before = first(played).data
    again = written(played, first(played), progress="测试数据见附件。", money="99")
    assert again.data["progress"] == "测试数据见附件。"
    assert again.data["money"] == before["money"] == "12.50"
    assert again.data["values"] == before["values"]
    version = services.submit_report(again, key="k2", actor=person(played), at=AT)
    assert version.number == 2
    services.accept_report(again, actor=played.actor("office"), at=AT)
    assert first(played).state == "accepted"


def test_a_save_of_an_older_page_is_refused_and_loses_nothing(played):
    report = written(played, first(played))
    said = refused(
        "changed-elsewhere",
        lambda: services.save_report(
            report, posted={"progress": "旧"}, version=0, actor=person(played), at=AT
        ),
    )
    assert "刷新" in str(said)
    assert first(played).data["progress"] == "样机已经完成，正在测试。"


def test_the_last_report_accepted_ends_the_work(played):
    one = planned(played)
    final = written(played, one.reports.get(kind="final"), progress="全部完成。")
    said = refused(
        "incomplete",
        lambda: services.submit_report(final, key="k1", actor=person(played), at=AT),
    )
    assert "证明材料" in str(said)
    helpers.file(final, person(played))
    services.submit_report(final, key="k1", actor=person(played), at=AT)
    services.accept_report(final, actor=played.actor("office"), at=AT)
    assert task(played).state == "ready"
    assert task(played).ready_on is not None


# Reminders ---------------------------------------------------------------------------------------


def fired(played):
    return [
        (one.offset, one.skipped)
        for one in Reminder.objects.filter(what=f"report:{first(played).pk}").order_by("offset")
    ]


def test_reminders_go_out_before_and_after_once_each(played):
    report = first(played)
    for days, letters in ((-15, 0), (-14, 1), (-14, 0), (-5, 0), (-3, 1), (1, 1), (2, 0), (8, 1)):
        helpers.move_to(played, report.due_on + timedelta(days=days))
        before = Message.objects.filter(key__contains=f"remind:report:{report.pk}:").count()
        services.fire_due(at=AT)
        after = Message.objects.filter(key__contains=f"remind:report:{report.pk}:").count()
        assert after - before == letters, days


def test_after_an_outage_only_the_latest_goes_out(played):
    report = first(played)
    helpers.move_to(played, report.due_on + timedelta(days=2))
    assert services.fire_due(at=AT) > 0
    assert fired(played) == [(-14, True), (-3, True), (1, False)]
    assert services.fire_due(at=AT) == 0


def test_nobody_is_reminded_of_what_is_done(played):
    report = written(played, first(played))
    services.submit_report(report, key="k1", actor=person(played), at=AT)
    helpers.move_to(played, report.due_on + timedelta(days=2))
    services.fire_due(at=AT)
    assert fired(played) == []


def test_the_office_chases_once_a_day(played):
    report = first(played)
    office = played.actor("office")
    refused("nobody-late", lambda: services.chase([report], actor=office, at=AT))
    helpers.move_to(played, report.due_on + timedelta(days=2))
    assert services.chase([report], actor=office, at=AT) == 1
    refused("nobody-late", lambda: services.chase([report], actor=office, at=AT))
    assert Message.objects.filter(key__contains=f"chased:{report.pk}:").count() == 1
    assert Report.objects.get(pk=report.pk).chased_at is not None
