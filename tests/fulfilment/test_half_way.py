"""Each act of a task that fails half way leaves nothing behind, and can be done again."""

from datetime import timedelta

import pytest

from audit.models import Entry
from documents.models import Counter, Document
from fulfilment import services, terms
from fulfilment.models import (
    Change,
    Happening,
    Milestone,
    Plan,
    Report,
    ReportVersion,
    Target,
    Task,
    TaskFile,
)
from notifications.models import Message
from tests import kept
from tests.fulfilment import helpers
from tests.fulfilment.helpers import person, planned, task, written
from tests.halfway import AUDIT, LETTER, PAPER, leaves_nothing, rows_of
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(lambda: helpers.years("甲一"))
TABLES = (
    Change,
    Counter,
    Document,
    Entry,
    Happening,
    Message,
    Milestone,
    Plan,
    Report,
    ReportVersion,
    Target,
    Task,
    TaskFile,
)
REASON = "关键器件到货推迟，需要更长时间。"


def first(s):
    return task(s).reports.filter(kind="periodic").earliest("number")


def _save_plan(s):
    one = task(s)
    return lambda: services.save_plan(
        one,
        finish_on=one.due_on,
        approach="先样机后量产。",
        milestones=[],
        operators={},
        actor=person(s),
        at=AT,
    )


def _submit_plan(s):
    """Given back once, and written anew."""
    services.decide_plan(
        planned(s, accept=False).plans.get(),
        accept=False,
        comment="请细化节点",
        actor=s.actor("office"),
        at=AT,
    )
    helpers.drafted(s)
    return lambda: services.submit_plan(task(s), actor=person(s), at=AT)


def _accept_plan(s):
    plan = planned(s, accept=False).plans.get()
    return lambda: services.decide_plan(
        plan, accept=True, comment="", actor=s.actor("office"), at=AT
    )


def _save_report(s):
    report = first(s)
    return lambda: written(s, report)


def _submit_report(s):
    report = written(s, first(s))
    return lambda: services.submit_report(report, key="k", actor=person(s), at=AT)


def _submitted(s):
    planned(s)
    report = written(s, first(s))
    services.submit_report(report, key="k", actor=person(s), at=AT)
    return report


def _accept_report(s):
    report = _submitted(s)
    return lambda: services.accept_report(report, actor=s.actor("office"), at=AT)


def _return_report(s):
    report = _submitted(s)
    return lambda: services.return_report(
        report, parts=[], note="请补充数据", actor=s.actor("office"), at=AT
    )


def _accept_last(s):
    """The last report ends the work in the same transaction."""
    report = written(s, planned(s).reports.get(kind="final"))
    helpers.file(report, person(s))
    services.submit_report(report, key="k", actor=person(s), at=AT)
    return lambda: services.accept_report(report, actor=s.actor("office"), at=AT)


def _ask_report(s):
    one = task(s)
    return lambda: services.ask_report(
        one,
        due_on=one.starts_on + timedelta(days=90),
        ask="请报告器件到货情况",
        actor=s.actor("office"),
        at=AT,
    )


def _chase(s):
    report = first(s)
    helpers.move_to(s, report.due_on + timedelta(days=2))
    return lambda: services.chase([first(s)], actor=s.actor("office"), at=AT)


def _ask_change(s):
    one = task(s)
    return lambda: services.ask_change(
        one, kind="lead", after="新负责示例", reason=REASON, actor=person(s), at=AT
    )


def _asked(s):
    """An extension: its approval moves the term and the reports."""
    one = planned(s, months=18)
    later = terms.months_after(one.starts_on, 22).isoformat()
    return services.ask_change(one, kind="term", after=later, reason=REASON, actor=person(s), at=AT)


def _withdraw_change(s):
    change = _asked(s)
    return lambda: services.withdraw_change(change, actor=person(s), at=AT)


def _propose_change(s):
    change = _asked(s)
    return lambda: services.propose_change(
        change, opinion="情况属实", actor=s.actor("office"), at=AT
    )


def _refuse_change(s):
    change = _asked(s)
    return lambda: services.refuse_change(change, note="理由不充分", actor=s.actor("office"), at=AT)


def _approve_change(s):
    change = services.propose_change(_asked(s), opinion="属实", actor=s.actor("office"), at=AT)
    return lambda: services.approve_change(change, actor=s.actor("chief"), at=AT)


def _propose_termination(s):
    one = task(s)
    return lambda: services.propose_termination(one, reason=REASON, actor=s.actor("office"), at=AT)


def _terminate(s):
    change = services.propose_termination(task(s), reason=REASON, actor=s.actor("office"), at=AT)
    return lambda: services.approve_change(change, actor=s.actor("chief"), at=AT)


def _attach(s):
    report = first(s)
    return lambda: helpers.file(report, person(s))


def _detach(s):
    held = helpers.file(first(s), person(s))
    return lambda: services.detach(held, actor=person(s), at=AT)


ACTS = [
    (_save_plan, "fulfilment.services.planning.Plan.save"),
    (_submit_plan, AUDIT),
    (_accept_plan, AUDIT),
    (_accept_plan, LETTER),
    (_save_report, "fulfilment.models.Report.save"),
    (_submit_report, PAPER),
    (_submit_report, AUDIT),
    (_submit_report, LETTER),
    (_accept_report, LETTER),
    (_return_report, LETTER),
    (_accept_last, "fulfilment.services.moving.advance"),
    (_accept_last, LETTER),
    (_ask_report, AUDIT),
    (_ask_report, LETTER),
    (_chase, LETTER),
    (_ask_change, AUDIT),
    (_withdraw_change, AUDIT),
    (_propose_change, AUDIT),
    (_refuse_change, LETTER),
    (_approve_change, "fulfilment.services.scheduling.sync"),
    (_approve_change, LETTER),
    (_propose_termination, AUDIT),
    (_terminate, AUDIT),
    (_terminate, LETTER),
    (_attach, AUDIT),
    (_detach, AUDIT),
]


@pytest.mark.parametrize(("prepare", "breaks"), ACTS, ids=lambda one: getattr(one, "__name__", one))
def test_an_act_that_fails_half_way_leaves_nothing_and_can_be_done_again(
    played, monkeypatch, prepare, breaks
):
    leaves_nothing(prepare(played), breaks, lambda: rows_of(TABLES), monkeypatch)


def test_work_reported_done_is_ended_without_an_acceptance_only_by_two_people_with_a_reason(
    played,
):
    """Where the programme has no 验收, the only other end is a termination; 结题 needs a test or
    an acceptance to rest on."""
    _accept_last(played)()
    assert task(played).state == "ready"
    change = services.propose_termination(
        task(played), reason=REASON, actor=played.actor("office"), at=AT
    )
    assert task(played).state == "ready"
    services.approve_change(change, actor=played.actor("chief"), at=AT)
    assert (task(played).state, task(played).closed_reason) == ("terminated", REASON)
