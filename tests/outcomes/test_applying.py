"""Staged decisions take effect together, by a second person, or not at all."""

from decimal import Decimal
from importlib import import_module

import pytest

from applications.workflow import Status
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from outcomes import queries, services
from outcomes.models import Decision, StepRecord
from tests.outcomes import helpers
from tests.world import AT

pytestmark = pytest.mark.django_db


def refused(made, code, **more):
    before = list(Decision.objects.values("pk", "state"))
    with pytest.raises(Refusal) as caught:
        made.apply(**more)
    assert caught.value.code == code
    assert list(Decision.objects.values("pk", "state")) == before
    assert all(made.status(n) != Status.FINALIST for n in range(len(made.applications)))
    return caught.value


def test_what_is_staged_takes_effect_together_and_the_letters_are_queued():
    made = helpers.stage(n=4)
    made.stage_all(2)
    assert not Message.objects.exists()
    done = made.apply()
    assert (done.selected, done.declined) == (2, 2)
    statuses = [made.status(n) for n in range(4)]
    assert statuses == [Status.FINALIST] * 2 + [Status.NOT_SELECTED] * 2
    assert Message.objects.filter(kind="select").count() == 2
    assert Message.objects.filter(kind="decline").count() == 2
    assert set(Decision.objects.values_list("approved_by", flat=True)) == {made.chief.pk}
    assert Entry.objects.filter(action="outcomes.apply").count() == 1


def test_whoever_proposed_cannot_apply():
    made = helpers.stage()
    services.select(made.call, made.ids(0), tier="finalist", actor=made.boss, at=AT)
    services.decline(made.call, made.ids(1, 2), actor=made.op, at=AT)
    refused(made, "two-people")
    made.apply(actor=made.other)


def test_the_operator_cannot_apply():
    made = helpers.stage()
    made.stage_all(1)
    refused(made, "approver-only", actor=made.op)


def test_a_list_that_changed_since_it_was_shown_is_refused_with_409():
    made = helpers.stage()
    made.stage_all(1)
    shown = queries.standing(made.call)
    services.select(made.call, made.ids(1), tier="finalist", actor=made.op, at=AT)
    assert refused(made, "changed", shown=shown).status == 409
    made.apply()


def test_a_resubmitted_or_new_waiting_application_changes_the_list():
    made = helpers.stage()
    made.stage_all(1)
    shown = queries.standing(made.call)
    helpers.waiting(made, 99)
    refused(made, "changed", shown=shown)


def test_every_waiting_application_must_be_staged():
    made = helpers.stage()
    services.select(made.call, made.ids(0), tier="finalist", actor=made.op, at=AT)
    assert "2 项" in refused(made, "undecided").message


def test_empty_slots_must_be_confirmed():
    made = helpers.stage()
    made.stage_all(1)
    assert "空缺 4 个" in refused(made, "vacant", vacancies=False).message
    made.apply(vacancies=True)


def test_nobody_selected_is_a_legal_outcome():
    made = helpers.stage()
    made.stage_all(0)
    assert made.apply().selected == 0


def test_an_open_request_for_a_slot_stops_the_rest():
    made = helpers.stage(n=6)
    made.stage_all(5)
    services.unstage(made.call, made.ids(5), actor=made.op, at=AT)
    services.request_more(
        made.applications[5],
        tier="finalist",
        reason="专家组一致建议增加这一项目",
        actor=made.op,
        at=AT,
    )
    refused(made, "requests-open")


@pytest.mark.parametrize(
    "broken",
    [
        "notifications.services.enqueue",
        "audit.services.record",
        "applications.letters.announce",
    ],
)
def test_when_a_letter_or_the_trail_fails_half_way_nothing_has_happened(monkeypatch, broken):
    made = helpers.stage(n=3)
    made.stage_all(2)
    module, _, name = broken.rpartition(".")
    holder = import_module(module)
    real, calls = getattr(holder, name), []

    def fails_the_second_time(*args, **kwargs):
        calls.append(1)
        if len(calls) > 1:
            raise RuntimeError("half way")
        return real(*args, **kwargs)

    monkeypatch.setattr(holder, name, fails_the_second_time)
    entries, letters = Entry.objects.count(), Message.objects.count()
    with pytest.raises(RuntimeError, match="half way"):
        made.apply()
    assert len(calls) > 1
    assert {made.status(n) for n in range(3)} == {Status.IN_REVIEW}
    assert set(Decision.objects.values_list("state", flat=True)) == {"pending"}
    assert (Entry.objects.count(), Message.objects.count()) == (entries, letters)


def test_nothing_is_selected_without_a_closed_review():
    made = helpers.stage(ranked=False)
    with pytest.raises(Refusal) as caught:
        services.select(made.call, made.ids(0), tier="finalist", actor=made.op, at=AT)
    assert caught.value.code == "not-reviewed"
    services.decline(made.call, made.ids(0), actor=made.op, at=AT)


def test_steps_before_the_decision_must_be_passed_in_their_order():
    made = helpers.stage("changsha-platform")
    act = {"actor": made.op, "at": AT}
    with pytest.raises(Refusal, match="考察") as caught:
        services.select(made.call, made.ids(0), tier="finalist", **act)
    assert caught.value.code == "step-missing"
    with pytest.raises(Refusal, match="须先通过“考察”"):
        services.record(
            made.call, made.ids(0), step="approval", result="pass", by_machinery=True, **act
        )
    helpers.passed(made, "site_visit", "approval")
    services.select(made.call, made.ids(0), tier="finalist", **act)
    services.record(
        made.call, made.ids(0), step="site_visit", result="fail", note="现场与申报不符", **act
    )
    assert not Decision.objects.exists()
    with pytest.raises(Refusal) as failed:
        services.select(made.call, made.ids(0), tier="finalist", **act)
    assert failed.value.code == "step-failed"


def test_a_failing_record_says_why_and_a_later_one_is_in_force():
    made = helpers.stage("2018-jiebang")
    act = {"step": "site_visit", "actor": made.op, "at": AT}
    with pytest.raises(Refusal):
        services.record(made.call, made.ids(0), result="fail", note="", **act)
    assert not StepRecord.objects.exists()
    services.record(made.call, made.ids(0), result="fail", note="设备未到位，需复查", **act)
    services.record(made.call, made.ids(0), result="pass", note="已到位，电话核实", **act)
    services.select(made.call, made.ids(0), tier="finalist", actor=made.op, at=AT)


def test_a_step_the_programme_does_not_have_is_refused():
    made = helpers.stage()
    with pytest.raises(Refusal) as caught:
        services.record(
            made.call, made.ids(0), step="site_visit", result="pass", actor=made.op, at=AT
        )
    assert caught.value.code == "no-such-step"


def test_contract_and_acceptance_are_recorded_after_the_selection():
    made = helpers.stage("changsha-platform", n=1)
    act = {"actor": made.op, "at": AT}
    helpers.passed(made, "site_visit", "approval")
    with pytest.raises(Refusal):
        services.record(made.call, made.ids(0), step="contract", result="noted", **act)
    made.stage_all(1)
    made.apply()
    with pytest.raises(Refusal) as caught:
        services.record(made.call, made.ids(0), step="contract", result="pass", **act)
    assert caught.value.code == "kept-elsewhere"
    for step in ("contract", "acceptance"):
        services.record(made.call, made.ids(0), step=step, result="pass", by_machinery=True, **act)


def test_a_programme_without_review_quota_or_directions_decides_sums_of_money():
    made = helpers.stage("wuhan-claims", n=2)
    helpers.passed(made, "approval")
    act = {"tier": "finalist", "actor": made.op, "at": AT}
    with pytest.raises(Refusal) as missing:
        services.select(made.call, made.ids(0), **act)
    assert missing.value.code == "amount-missing"
    with pytest.raises(Refusal) as wrong:
        services.select(made.call, made.ids(0), amounts={made.ids()[0]: Decimal("-1")}, **act)
    assert wrong.value.code == "amount-wrong"
    made.stage_all(2, amount="20.50")
    made.apply()
    assert set(Decision.objects.values_list("amount", flat=True)) == {Decimal("20.50")}


def test_a_sum_above_the_files_maximum_is_refused_with_its_clause():
    made = helpers.stage(spec=helpers.unlike(), n=1)
    helpers.passed(made, "site_visit")
    with pytest.raises(Refusal) as caught:
        services.select(
            made.call,
            made.ids(0),
            tier="silver",
            amounts={made.ids()[0]: Decimal("50.01")},
            actor=made.op,
            at=AT,
        )
    assert caught.value.code == "amount-too-large"
    assert "第四条" in caught.value.rule


def test_a_programme_that_names_no_sums_takes_none():
    made = helpers.stage(n=1)
    with pytest.raises(Refusal) as caught:
        made.stage_all(1, amount="3")
    assert caught.value.code == "no-amounts"


def test_the_formal_check_passes_or_not_with_a_reason_for_one_and_many():
    from applications.models import Application

    made = helpers.stage(n=3)
    Application.objects.update(status=Status.RECOMMENDED)
    act = {"actor": made.op, "at": AT}
    services.check(made.call, made.ids(0, 1), passed=True, **act)
    with pytest.raises(Refusal):
        services.check(made.call, made.ids(2), passed=False, reason="不行", **act)
    services.check(made.call, made.ids(2), passed=False, reason="缺少营业执照", **act)
    assert [made.status(n) for n in range(3)] == [
        Status.ACCEPTED,
        Status.ACCEPTED,
        Status.NOT_ACCEPTED,
    ]
    assert "缺少营业执照" in Message.objects.get(kind="not_accept").body


def test_a_formal_check_of_many_is_all_or_nothing():
    from applications.models import Application

    made = helpers.stage(n=3)
    Application.objects.exclude(pk=made.applications[2].pk).update(status=Status.RECOMMENDED)
    with pytest.raises(Refusal):
        services.check(made.call, made.ids(), passed=True, actor=made.op, at=AT)
    assert made.status(0) == Status.RECOMMENDED


def test_only_the_office_decides():
    from audit.services import Actor

    made = helpers.stage(n=1)
    stranger = Actor("甲", 1, made.province.pk, "rec_approver")
    with pytest.raises(Refusal) as caught:
        services.select(made.call, made.ids(0), tier="finalist", actor=stranger, at=AT)
    assert caught.value.status == 403
