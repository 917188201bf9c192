"""Taking places, giving them back, ranking, reserve, requests above the limit."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications import services as applications
from applications.models import Application
from core.errors import Refusal
from notifications.models import Message
from recommenders import queries, services
from recommenders.models import Allotment, Confirmation, OverQuotaRequest, Place, Reserve
from recommenders.services import ground
from tests.recommenders import scene
from tests.recommenders.scene import CLAUSE, LATER, TOO_LATE
from tests.world import AT

pytestmark = pytest.mark.django_db


def refused(code, act, *args, **more):
    """The act is refused with this code and leaves everything as it was."""
    before = scene.everything()
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    assert caught.value.code == code, caught.value
    assert scene.everything() == before
    return caught.value


def test_opening_a_call_gives_each_recommender_its_places(cast):
    found = scene.allotment(cast)
    assert (found.limit, found.soft, found.source) == (15, True, CLAUSE)
    assert found.places.count() == 15
    assert not Allotment.objects.filter(organisation=cast.city).exists()


def test_allotting_again_adds_only_what_came_later(cast):
    from tests import world

    before = Place.objects.count()
    assert services.allot(cast.call, at=AT, actor=cast.actor("chief")) == 0
    late = world.unit(world.K.INDUSTRY_BODY, "示例行业协会", region="110000", key="body-1")
    assert services.allot_missing(at=AT) == 1
    assert scene.allotment(cast, late).places.count() == 15
    assert Place.objects.count() == before + 15


def test_a_recommendation_takes_a_place_and_the_last_rank(cast):
    one, two = scene.filings(cast, 2)
    scene.recommend(cast, one, two)
    assert scene.order(cast) == [one.title, two.title]
    assert [c.place.number for c in queries.live(cast.call, cast.province)] == [1, 2]
    assert Application.objects.get(pk=one.pk).status == "recommended"


def test_over_quota_is_refused_names_the_clause_and_changes_nothing(cast):
    scene.limit(cast, 2)
    *chosen, third = scene.filings(cast, 3)
    scene.recommend(cast, *chosen)
    said = refused("quota-used", services.recommend, third, actor=cast.actor("operator"), at=LATER)
    assert "名额 2 项已全部使用" in said.message and "超额申请" in said.message
    assert said.rule == CLAUSE


def statements(act, *args, **more) -> list[str]:
    """What the act asks of the database, the edges of its transaction not counted."""
    with CaptureQueriesContext(connection) as asked, suppress(Refusal):
        act(*args, **more)
    edges = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    return [one["sql"] for one in asked if not one["sql"].startswith(edges)]


def test_where_there_is_no_place_four_statements_say_so(cast, monkeypatch):
    scene.limit(cast, 1)
    first, second = scene.filings(cast, 2)
    scene.recommend(cast, first)
    operator = cast.actor("operator")
    asked = statements(services.recommend, second, actor=operator, at=LATER)
    assert len(asked) == 4, asked  # room, allotment, list, its deadline
    # and whoever found a place free, waited for the lock, and then finds none
    monkeypatch.setattr(
        ground, "lock_room", lambda one, pool="": (ground.lock_allotment(one, pool=pool), True)
    )
    asked = statements(services.recommend, second, actor=operator, at=LATER)
    assert len(asked) == 2, asked  # the allotment locked, its places
    refused("quota-used", services.recommend, second, actor=operator, at=LATER)


def test_a_recommendation_takes_eighteen_statements_however_long_the_list(cast):
    one, *more, last = scene.filings(cast, 8)
    operator = cast.actor("operator")
    alone = statements(services.recommend, one, actor=operator, at=LATER)
    scene.recommend(cast, *more)
    after_others = statements(services.recommend, last, actor=operator, at=LATER)
    assert len(alone) == len(after_others) == 18, after_others


def test_a_full_allotment_is_said_before_a_clash_and_a_clash_once_there_is_a_place(cast):
    scene.limit(cast, 1)
    first, second = scene.filings(cast, 2, unit=cast.application.organisation)
    scene.recommend(cast, first)
    operator = cast.actor("operator")
    refused("quota-used", services.recommend, second, actor=operator, at=LATER)
    scene.limit(cast, 2)
    refused("clash-unexplained", services.recommend, second, actor=operator, at=LATER)
    held = services.recommend(second, actor=operator, at=LATER, clash_reason="两项内容并不相同")
    assert (held.rank, held.clash_reason) == (2, "两项内容并不相同")


def test_another_province_may_not_recommend_what_is_not_its_own(cast):
    application = scene.filing(cast, 1)
    said = refused(
        "not-yours", services.recommend, application, actor=cast.actor("neighbour"), at=LATER
    )
    assert said.status == 403


def test_before_filing_ends_and_from_the_deadline_on_nothing_is_recommended(cast):
    application = scene.filing(cast, 1)
    operator = cast.actor("operator")
    refused("wrong-phase", services.recommend, application, actor=operator, at=AT)
    refused("recommendation-over", services.recommend, application, actor=operator, at=TOO_LATE)
    services.recommend(application, actor=operator, at=TOO_LATE - timedelta(microseconds=1))
    assert scene.places_taken(cast) == 1


def test_the_same_filing_is_not_recommended_twice(cast):
    application = scene.filing(cast, 1)
    scene.recommend(cast, application)
    refused("wrong-status", services.recommend, application, actor=cast.actor("operator"), at=LATER)


def test_an_unlimited_recommender_gets_its_places_when_it_needs_them(cast):
    scene.limit(cast, None)
    scene.recommend(cast, *scene.filings(cast, 17))
    assert scene.places_taken(cast) == 17
    assert queries.ledger_of(scene.allotment(cast)).state == "unlimited"


def test_taking_down_frees_the_place_and_closes_ranks(cast):
    scene.limit(cast, 2)
    one, two, three = scene.filings(cast, 3)
    scene.recommend(cast, one, two)
    services.unrecommend(one, actor=cast.actor("operator"), at=LATER, reason="材料不全")
    scene.recommend(cast, three)
    assert scene.order(cast) == [two.title, three.title]
    assert [c.rank for c in queries.live(cast.call, cast.province)] == [1, 2]
    gone = Confirmation.objects.get(application=one)
    assert gone.release_reason == "材料不全" and gone.released_at == LATER


def test_a_withdrawn_filing_gives_its_place_to_the_next_and_cannot_come_back(cast):
    scene.limit(cast, 1)
    one, two = scene.filings(cast, 2)
    scene.recommend(cast, one)
    owner = one.created_by
    from tests import world

    applications.withdraw(one, reason="计划改变", actor=world.actor(owner), at=LATER)
    assert scene.places_taken(cast) == 0
    scene.recommend(cast, two)
    scene.limit(cast, 2, at=LATER)
    refused("wrong-status", services.recommend, one, actor=cast.actor("operator"), at=LATER)


def test_rows_move_by_number_and_by_step_and_stay_dense(cast):
    found = scene.filings(cast, 4)
    scene.recommend(cast, *found)
    operator = cast.actor("operator")
    assert services.set_rank(found[3], number=1, actor=operator, at=LATER) == 1
    assert services.move_row(found[0], direction="down", actor=operator, at=LATER) == 3
    titles = [found[n].title for n in (3, 1, 0, 2)]
    assert scene.order(cast) == titles
    assert [c.rank for c in queries.live(cast.call, cast.province)] == [1, 2, 3, 4]
    assert services.set_rank(found[1], number=99, actor=operator, at=LATER) == 4


def test_reserve_stands_below_the_line_and_is_promoted_onto_a_free_place(cast):
    scene.limit(cast, 1)
    one, two, three = scene.filings(cast, 3)
    operator = cast.actor("operator")
    scene.recommend(cast, one)
    services.reserve(two, actor=operator, at=LATER)
    services.reserve(three, actor=operator, at=LATER)
    refused("quota-used", services.promote, two, actor=operator, at=LATER)
    services.unrecommend(one, actor=operator, at=LATER, reason="企业放弃")
    services.promote(two, actor=operator, at=LATER)
    assert scene.order(cast) == [two.title]
    assert list(Reserve.objects.values_list("application__title", "rank")) == [(three.title, 1)]


def test_a_reserve_line_can_be_moved_and_taken_off(cast):
    one, two = scene.filings(cast, 2)
    operator = cast.actor("operator")
    services.reserve(one, actor=operator, at=LATER)
    services.reserve(two, actor=operator, at=LATER)
    refused("in-reserve", services.reserve, two, actor=operator, at=LATER)
    services.move_row(two, direction="up", actor=operator, at=LATER)
    services.unreserve(two, actor=operator, at=LATER)
    assert list(Reserve.objects.values_list("application", "rank")) == [(one.pk, 1)]
    refused("not-in-reserve", services.unreserve, two, actor=operator, at=LATER)


def test_a_remark_is_kept_and_a_long_one_refused(cast):
    one = scene.filing(cast, 1)
    scene.recommend(cast, one)
    operator = cast.actor("operator")
    services.set_note(one, note="同单位第 2 项", actor=operator, at=LATER)
    assert Confirmation.objects.get(application=one).note == "同单位第 2 项"
    refused("note-long", services.set_note, one, note="字" * 61, actor=operator, at=LATER)


# Above the limit -------------------------------------------------------------------------------


def full(cast, soft=True):
    scene.limit(cast, 1, soft=soft)
    one, two = scene.filings(cast, 2)
    scene.recommend(cast, one)
    return two


REASON = "该项目填补省内空白，技术指标国内领先。"


def ask(cast, application, reason=REASON):
    return services.request_over_quota(
        application, reason=reason, actor=cast.actor("operator"), at=LATER
    )


def test_an_approved_request_adds_one_place_for_the_named_filing_only(cast):
    application = full(cast)
    request = ask(cast, application)
    assert queries.ledger_of(scene.allotment(cast)).pending == 1
    assert Message.objects.filter(kind="over_quota_requested").exists()
    services.decide_over_quota(
        request, approve=True, note="同意", actor=cast.actor("chief"), at=LATER
    )
    ledger = queries.ledger_of(scene.allotment(cast))
    assert (ledger.used, ledger.granted, ledger.over, ledger.pending) == (2, 1, 1, 0)
    assert scene.order(cast)[-1] == application.title
    assert Place.objects.get(granted_for=application).number > 10000
    held = Confirmation.objects.get(application=application)
    assert held.proposed_by == scene.ranked(cast).changed_by == cast.people["operator"]


def test_a_granted_place_serves_nobody_else(cast):
    application = full(cast)
    services.decide_over_quota(
        ask(cast, application), approve=True, note="", actor=cast.actor("chief"), at=LATER
    )
    services.unrecommend(application, actor=cast.actor("operator"), at=LATER, reason="企业放弃")
    stranger = scene.filing(cast, 9)
    refused("quota-used", services.recommend, stranger, actor=cast.actor("operator"), at=LATER)
    place = Place.objects.get(granted_for=application)
    with pytest.raises(IntegrityError), transaction.atomic():
        Confirmation.objects.create(
            allotment=place.allotment,
            place=place,
            application=stranger,
            rank=2,
            proposed_by=cast.people["operator"],
            confirmed_at=LATER,
        )


def test_a_hard_limit_takes_no_request_and_names_the_clause(cast):
    application = full(cast, soft=False)
    said = refused("quota-hard", ask, cast, application)
    assert said.rule == CLAUSE and "不接受超额申请" in said.message


def test_a_request_needs_a_reason_of_ten_characters_and_a_full_quota(cast):
    application = full(cast)
    refused("reason-short", ask, cast, application, reason="很 好 很 好 很")
    ask(cast, application)
    refused("pending", ask, cast, application)
    scene.limit(cast, 5)
    other = scene.filing(cast, 7)
    refused("not-needed", ask, cast, other)


def test_a_refused_request_adds_nothing_and_says_why(cast):
    application = full(cast)
    request = ask(cast, application)
    refused(
        "reason-short",
        services.decide_over_quota,
        request,
        approve=False,
        note="不",
        actor=cast.actor("chief"),
        at=LATER,
    )
    refused(
        "approver-only",
        services.decide_over_quota,
        request,
        approve=True,
        note="",
        actor=cast.actor("office"),
        at=LATER,
    )
    services.decide_over_quota(
        request, approve=False, note="超出较多，不同意", actor=cast.actor("chief"), at=LATER
    )
    request = OverQuotaRequest.objects.get()
    assert request.state == "refused" and not Place.objects.filter(granted_for=application)
    refused(
        "decided",
        services.decide_over_quota,
        request,
        approve=True,
        note="",
        actor=cast.actor("chief"),
        at=LATER,
    )


def test_a_request_can_be_taken_back(cast):
    application = full(cast)
    request = ask(cast, application)
    services.cancel_over_quota(request, actor=cast.actor("operator"), at=LATER)
    assert OverQuotaRequest.objects.get().state == "cancelled"
    ask(cast, application)


# The limit itself ------------------------------------------------------------------------------


def test_lowering_the_limit_below_what_is_used_is_refused(cast):
    scene.recommend(cast, *scene.filings(cast, 3))
    said = refused(
        "limit-below-used",
        services.change_limit,
        scene.allotment(cast),
        limit=2,
        reason="名额统筹考虑",
        actor=cast.actor("chief"),
        at=LATER,
    )
    assert "已推荐 3 项" in said.message


def test_lowering_keeps_every_recommendation_on_a_place_within_the_new_limit(cast):
    found = scene.filings(cast, 4)
    scene.recommend(cast, *found)
    for gone in found[:2]:
        services.unrecommend(gone, actor=cast.actor("operator"), at=LATER, reason="调整")
    scene.limit(cast, 2, at=LATER)
    assert sorted(c.place.number for c in queries.live(cast.call, cast.province)) == [1, 2]
    assert Place.objects.filter(allotment=scene.allotment(cast)).count() == 2
    assert Confirmation.objects.count() == 4
    scene.limit(cast, 20, at=LATER)
    assert Place.objects.filter(allotment=scene.allotment(cast), of_limit=20).count() == 20


# The database itself ---------------------------------------------------------------------------


def test_raw_sql_cannot_make_a_sixteenth(cast):
    scene.recommend(cast, *scene.filings(cast, 15))
    extra = scene.filing(cast, 16)
    allotment = scene.allotment(cast)
    user = cast.people["operator"].pk
    insert = (
        "INSERT INTO recommenders_confirmation (allotment_id, place_id, application_id, rank,"
        " note, proposed_by_id, confirmed_at, release_reason)"
        " VALUES (%s, %s, %s, 16, '', %s, %s, '')"
    )
    taken = allotment.places.first().pk
    for place in (taken, None):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(insert, [allotment.pk, place, extra.pk, user, LATER])
    for number, of_limit in ((16, 15), (16, 16), (16, None), (0, 15)):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO recommenders_place (allotment_id, number, of_limit)"
                " VALUES (%s, %s, %s)",
                [allotment.pk, number, of_limit],
            )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recommenders_confirmation SET released_at = NULL, release_reason = '',"
            " place_id = %s WHERE place_id <> %s",
            [taken, taken],
        )
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE recommenders_allotment SET "limit" = 10 WHERE id = %s', [allotment.pk]
        )
    assert scene.places_taken(cast) == 15
