from datetime import timedelta

import pytest

from audit.models import Entry
from calls import services
from calls.models import Call, Extension, LevelDate
from calls.phases import Phase
from core.errors import Refusal
from tests import world
from tests.world import AT, SYSTEM

pytestmark = pytest.mark.django_db


def prepared(**dates):
    return services.create(world.programme(), code="x", actor=SYSTEM, at=AT, **dates)


def test_the_dates_of_the_file_are_kept_as_the_next_midnight():
    call = prepared()
    assert call.filing_until.isoformat() == "2021-11-16T00:00:00+08:00"


def test_opening_copies_the_rules_so_that_a_later_edit_changes_nothing(cast):
    before = cast.call.programme
    cast.call.refresh_from_db()
    assert Call.objects.get(pk=cast.call.pk).programme == before
    assert cast.call.directions.count() == len(before.directions)
    assert all(d.subfields.filter(key="all").exists() for d in cast.call.directions.all())


def test_a_call_without_its_dates_does_not_open():
    call = prepared(recommendation_until=None)
    with pytest.raises(Refusal, match="推荐截止"):
        services.open_call(call, actor=SYSTEM, at=AT)
    assert Call.objects.get(pk=call.pk).state == Call.State.PREPARING


def test_an_impossible_order_of_dates_is_refused_and_named():
    with pytest.raises(Refusal, match="推荐截止必须晚于申报截止"):
        prepared(
            filing_until=AT,
            filing_from=AT - timedelta(1),
            recommendation_until=AT - timedelta(hours=1),
        )


def test_a_call_opens_once(cast):
    with pytest.raises(Refusal, match="已经开放"):
        services.open_call(cast.call, actor=SYSTEM, at=AT)


def test_only_a_rehearsal_s_clock_moves(cast):
    with pytest.raises(Refusal, match="演练"):
        services.move_clock(cast.call, to=AT + timedelta(9), actor=cast.actor("chief"), at=AT)


def test_moving_the_clock_moves_the_phase_and_leaves_the_trail_s_time():
    call = services.create(world.programme(), code="r", actor=SYSTEM, at=AT, rehearsal=True)
    moved = services.move_clock(call, to=call.filing_until - timedelta(days=1), actor=SYSTEM, at=AT)
    moved = services.open_call(moved, actor=SYSTEM, at=AT)
    assert moved.phase(AT) is Phase.FILING
    assert moved.phase(AT + timedelta(days=1)) is Phase.RECOMMENDATION
    assert Entry.objects.get(action="calls.move_clock").at == AT


def test_a_changed_date_is_in_the_trail_with_its_old_value(cast):
    old = cast.call.review_until
    services.set_dates(
        cast.call, actor=cast.actor("office"), at=AT, dates={"review_until": old + timedelta(1)}
    )
    entry = Entry.objects.get(action="calls.set_dates")
    assert entry.data["before"]["review_until"] == old.isoformat()


def test_a_level_s_date_is_never_later_than_the_ministry_s(cast):
    with pytest.raises(Refusal, match="不能晚于"):
        services.set_level_date(
            cast.call,
            organisation=cast.province,
            key="filing",
            until=cast.call.filing_until + timedelta(seconds=1),
            actor=cast.actor("approver"),
            at=AT,
        )
    assert not LevelDate.objects.exists()


def test_who_proposes_an_extension_cannot_approve_it(cast):
    extension = services.propose_extension(
        cast.call,
        organisation=cast.company,
        key="filing",
        until=cast.call.filing_until + timedelta(1),
        reason="当地停电停网",
        actor=cast.actor("office"),
        at=AT,
    )
    with pytest.raises(Refusal, match="另一人"):
        services.decide_extension(extension, approve=True, actor=cast.actor("office"), at=AT)
    services.decide_extension(extension, approve=True, actor=cast.actor("chief"), at=AT)
    assert Extension.objects.get().state == Extension.State.APPROVED
