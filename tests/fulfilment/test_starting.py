"""A task begins with the publication of its list, and is pinned to what was filed."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from audit.models import Entry
from core.errors import Refusal
from fulfilment import services, targets, terms
from fulfilment.models import Happening, Target, Task
from fulfilment.services import moving
from notifications.models import Message
from outcomes import services as outcomes
from outcomes.models import Decision, Publication
from outcomes.rules import day_of
from outcomes.services import publishing
from tests import kept, season, world
from tests.fulfilment import helpers
from tests.fulfilment.helpers import task
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(lambda: helpers.years("甲一", "乙二", "丙三", selected=2))


def again(played):
    """Take the list down and publish it once more, three days later."""
    outcomes.withdraw(
        played.publication, reason="名单有误，重新核对", actor=played.actor("chief"), at=AT
    )
    stopped = [task(played, n).state for n in (0, 1)]
    played.clock(16)
    made = season.draft_list(played)
    outcomes.announce(made, shown=publishing.preview_hash(made), actor=played.actor("chief"), at=AT)
    return stopped


def test_each_selected_filing_has_one_task_and_the_others_none(played):
    assert {one.application_id for one in Task.objects.all()} == {
        played.filed[0].pk,
        played.filed[1].pk,
    }


def test_the_clock_runs_two_years_from_the_day_of_publication(played):
    one = task(played)
    first = day_of(played.publication.published_at)
    assert one.starts_on == first == day_of(played.call.time(AT))
    assert one.due_on == one.limit_on == terms.months_after(first, 24)
    assert (one.until - terms.until(one.due_on - timedelta(days=1))) == timedelta(days=1)


def test_the_targets_are_those_of_the_frozen_version(played):
    one = task(played)
    frozen = played.again(0).versions.get(number=one.filed_version).snapshot["indicators"]
    assert frozen
    assert [(t.name, t.unit, t.target, t.method) for t in one.targets.all()] == [
        (row["name"], row["unit"], row["target"], row["method"]) for row in frozen
    ]
    assert {t.first_target for t in one.targets.all()} == {row["target"] for row in frozen}
    assert (
        one.lead
        == played.again(0)
        .versions.get(number=one.filed_version)
        .snapshot["answers"]["team"]["leader"]
    )


def test_the_unit_is_told_once_and_the_trail_keeps_it(played):
    one = task(played)
    letters = Message.objects.filter(key__startswith=f"fulfilment.started:{one.publication_id}:")
    assert letters.count() == 2
    assert "任务开始" in letters[0].subject
    assert Entry.objects.filter(action="fulfilment.start").count() == 2
    assert Happening.objects.filter(task=one).get().what == "任务开始"


def test_beginning_again_changes_nothing(played):
    decisions = list(Decision.objects.filter(announcement=played.publication))
    before = Task.objects.count(), Target.objects.count(), Message.objects.count()
    made = services.start(played.publication, decisions, actor=played.actor("chief"), at=AT)
    assert made == []
    assert before == (Task.objects.count(), Target.objects.count(), Message.objects.count())


def test_a_list_that_is_taken_down_stops_the_clock_and_the_next_one_starts_it_anew(played):
    was = task(played)
    assert again(played) == ["void", "void"]
    now = task(played)
    assert (now.state, now.pk) == ("under_way", was.pk)
    assert now.publication_id != was.publication_id
    assert now.starts_on == was.starts_on + timedelta(days=3)
    assert now.due_on == terms.months_after(now.starts_on, 24)
    assert [line.what for line in now.history.all()] == ["任务开始", "名单撤下", "名单重新公布"]


def test_when_a_task_cannot_begin_the_list_is_not_published(played, monkeypatch):
    outcomes.withdraw(
        played.publication, reason="名单有误，核对", actor=played.actor("chief"), at=AT
    )
    draft = season.draft_list(played)

    def broken(*args, **kwargs):
        raise RuntimeError("no clock")

    monkeypatch.setattr("fulfilment.services.starting._term", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        season.announce(played, draft)
    assert Publication.objects.get(pk=draft.pk).state == "draft"
    assert set(Task.objects.values_list("state", flat=True)) == {"void"}


@pytest.mark.parametrize(
    ("code", "has"), [("2018-ronghe", False), ("2018-jiebang", True), ("changsha-platform", True)]
)
def test_only_a_programme_with_the_step_has_tasks(code, has):
    assert terms.has_tasks(world.programme(code).steps) is has


def test_goals_of_a_table_are_pinned_as_words():
    rows = targets.pinned(
        {"answers": {"plan": {"goals": [{"name": "接口", "value": "12 个", "proof": "现场"}]}}},
        {},
        world.programme("changsha-platform").task.goals,
    )
    assert [(row.key, row.name, row.target, row.method) for row in rows] == [
        ("goal1", "接口", "12 个", "现场")
    ]
    assert rows[0].operator == ""


# The database itself -----------------------------------------------------------------------------


def test_the_database_ties_the_state_to_its_columns(played):
    one = task(played)
    for change in (
        {"state": "terminated"},
        {"state": "ready"},
        {"state": "void", "closed_at": AT},
        {"state": "elsewhere"},
        {"due_on": one.starts_on - timedelta(days=1)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Task.objects.filter(pk=one.pk).update(**change)


def test_a_step_that_the_way_does_not_have_is_refused(played):
    with pytest.raises(Refusal) as refused:
        moving.advance(task(played), "conclude", actor=played.actor("chief"), at=AT)
    assert refused.value.code == "not-now"
    assert task(played).state == "under_way"


# The rules ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "months", "last"),
    [
        (date(2022, 8, 5), 24, date(2024, 8, 5)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 8, 31), 6, date(2023, 2, 28)),
        (date(2022, 12, 31), 2, date(2023, 2, 28)),
        (date(2022, 1, 15), 11, date(2022, 12, 15)),
    ],
)
def test_a_term_ends_on_the_day_of_the_same_number(first, months, last):
    assert terms.months_after(first, months) == last


def test_a_task_is_late_the_day_after_its_last_day():
    assert not terms.overdue(date(2024, 8, 5), date(2024, 8, 5))
    assert terms.overdue(date(2024, 8, 5), date(2024, 8, 6))
    assert not terms.overdue(None, date(2099, 1, 1))


def test_a_value_is_held_to_the_target_and_to_the_reference():
    sensor = next(
        one
        for direction in world.programme("2018-jiebang").directions
        for one in direction.indicators
        if one.operator == "ge" and one.unit == "dB" and one.value == 70
    )
    held = {"operator": targets.operator_of(sensor), "unit": "dB", "target": "72"}
    assert targets.to_target(sensor, **held, value="72").label == "达到"
    assert targets.to_target(sensor, **held, value="75").text == "超过 3"
    assert targets.to_target(sensor, **held, value="71").label == "未达到"
    assert targets.to_reference(sensor, "71").label == "超过"
    assert targets.to_target(None, operator="", unit="dB", target="72", value="9").label == "不比较"
    assert targets.lower(sensor, operator="ge", unit="dB", first="72", now="71")
    assert not targets.lower(sensor, operator="ge", unit="dB", first="72", now="73")
