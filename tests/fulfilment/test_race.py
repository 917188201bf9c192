"""Two people decide one change at once, or one report: it takes effect once."""

import threading

import pytest

from fulfilment import services, terms
from fulfilment.models import Change, Happening, Report, ReportVersion, Task
from fulfilment.services import moving, reporting
from notifications.models import Message
from tests.fulfilment import helpers
from tests.fulfilment.helpers import person, planned, task, written
from tests.racing import together
from tests.world import AT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def unlocked(parties: int):
    """Reads as ``moving.locked`` does, without the lock, before anybody has written."""
    barrier = threading.Barrier(parties)

    def read(one):
        found = Task.objects.select_related(
            "application__call", "application__organisation", "publication"
        ).get(pk=one.pk)
        barrier.wait(timeout=20)
        return found

    return read


def submitted():
    played = helpers.years("甲一")
    report = written(played, planned(played).reports.filter(kind="periodic").earliest("number"))
    services.submit_report(report, key="k", actor=person(played), at=AT)
    office, chief = played.actor("office"), played.actor("chief")
    return (
        report,
        lambda: services.accept_report(report, actor=office, at=AT),
        lambda: services.return_report(report, parts=[], note="请补充数据", actor=chief, at=AT),
    )


def test_a_report_accepted_and_returned_at_once_is_one_of_the_two():
    report, accept, give_back = submitted()
    said = together(accept, give_back)
    assert sorted(said) == ["", "not-waiting"], said
    assert Happening.objects.filter(what__in=["接受报告", "退回报告"]).count() == 1
    assert Report.objects.get(pk=report.pk).state in ("accepted", "returned")


def test_the_same_race_without_the_locks_decides_twice(monkeypatch):
    """Negative control."""
    _, accept, give_back = submitted()
    barrier = threading.Barrier(2)

    def hold(report):
        found = Report.objects.select_related(
            "task__application__call", "task__application__organisation"
        ).get(pk=report.pk)
        barrier.wait(timeout=20)
        return found.task, found

    monkeypatch.setattr(reporting, "_hold", hold)
    assert together(accept, give_back) == ["", ""]
    assert Happening.objects.filter(what__in=["接受报告", "退回报告"]).count() == 2


def proposed():
    played = helpers.years("甲一")
    one = planned(played, months=18)
    later = terms.months_after(one.starts_on, 22)
    change = services.ask_change(
        one,
        kind="term",
        after=later.isoformat(),
        reason="关键器件到货推迟，需要更长时间。",
        actor=person(played),
        at=AT,
    )
    services.propose_change(change, opinion="情况属实", actor=played.actor("office"), at=AT)
    return played, change, later


def test_a_change_approved_twice_and_refused_at_once_is_decided_once():
    played, change, later = proposed()
    chief, office = played.actor("chief"), played.actor("office")
    said = together(
        lambda: services.approve_change(change, actor=chief, at=AT),
        lambda: services.approve_change(change, actor=chief, at=AT),
        lambda: services.refuse_change(change, note="理由不充分", actor=office, at=AT),
    )
    assert sorted(said) == ["", "decided", "decided"], said
    state = Change.objects.get(pk=change.pk).state
    assert (task(played).due_on == later) == (state == "approved")
    assert Message.objects.filter(key__contains=f"change_decided:{change.pk}").count() <= 3
    assert Happening.objects.filter(what__in=["批准变更", "不同意变更"]).count() == 1


def test_an_extension_racing_the_last_report_leaves_one_term_and_one_report():
    """Whoever comes first: the report is in once, and its day is the term's."""
    played, change, later = proposed()
    final = written(played, task(played).reports.get(kind="final"))
    helpers.file(final, person(played))
    chief, unit = played.actor("chief"), person(played)
    said = together(
        lambda: services.approve_change(change, actor=chief, at=AT),
        lambda: services.submit_report(final, key="k", actor=unit, at=AT),
    )
    assert said == ["", ""], said
    assert task(played).due_on == later
    assert ReportVersion.objects.filter(report=final).count() == 1
    assert Report.objects.get(pk=final.pk).state == "submitted"


def test_two_extensions_of_one_change_without_the_lock_take_effect_twice(monkeypatch):
    """Negative control: neither the task nor the change is held."""
    from fulfilment.services import changing

    played, change, _ = proposed()
    chief = played.actor("chief")
    read = unlocked(2)

    def hold(one):
        found = Change.objects.get(pk=one.pk)
        found.task = read(one.task)
        return found.task, found

    monkeypatch.setattr(changing, "_hold", hold)
    monkeypatch.setattr(moving, "locked", lambda one: one)
    act = lambda: services.approve_change(change, actor=chief, at=AT)  # noqa: E731
    said = together(act, act)
    assert said.count("") == 2, said
    assert Happening.objects.filter(what="批准变更").count() == 2
