"""The caps: in the services, and in the database whatever writes to it."""

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Application
from applications.workflow import Status
from calls import directionrows
from core.errors import Refusal
from outcomes import services
from outcomes.models import Decision, Slot, SlotGroup, SlotRequest
from tests.outcomes import helpers
from tests.world import AT

pytestmark = pytest.mark.django_db


def raw_select(application, chooser, slot=None, tier="finalist"):
    """A selection written by hand, past every service."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outcomes_decision (application_id, outcome, tier, state, reason,"
            " proposed_by_id, proposed_at, direction_slot_id) VALUES (%s, 'select', %s,"
            " 'pending', '', %s, %s, %s)",
            [application.pk, tier, chooser.pk, AT, slot.pk if slot else None],
        )


def test_five_are_selected_in_a_direction_and_the_sixth_is_refused_with_the_clause():
    made = helpers.stage(n=6)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    with pytest.raises(Refusal) as refused:
        services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)
    assert refused.value.code == "cap-reached"
    assert "三（三）" in refused.value.rule
    assert Decision.objects.count() == 5


def test_six_at_once_are_refused_and_nothing_is_staged():
    made = helpers.stage(n=6)
    with pytest.raises(Refusal):
        services.select(made.call, made.ids(), tier="finalist", actor=made.op, at=AT)
    assert not Decision.objects.exists()


def test_raw_sql_cannot_select_without_a_slot():
    made = helpers.stage(n=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_select(made.applications[0], made.operator)


def test_raw_sql_cannot_make_a_sixth():
    made = helpers.stage(n=6)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    group = SlotGroup.objects.get(direction=made.applications[0].direction, tier="finalist")
    sixth = made.applications[5]
    for slot in group.slots.all():  # every slot is held
        with pytest.raises(IntegrityError), transaction.atomic():
            raw_select(sixth, made.operator, slot)
    elsewhere = Slot.objects.filter(group__tier="finalist").exclude(group=group).first()
    winner = Slot.objects.filter(group__tier="winner", group__direction=sixth.direction).first()
    for slot in (elsewhere, winner):  # a slot of another direction, of another tier
        with pytest.raises(IntegrityError), transaction.atomic():
            raw_select(sixth, made.operator, slot)
    for of_limit in (5, 6):  # a sixth slot
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO outcomes_slot (group_id, number, of_limit, granted_reason)"
                " VALUES (%s, 6, %s, '')",
                [group.pk, of_limit],
            )
    assert Decision.objects.count() == 5


def test_raw_sql_can_write_a_selection_that_has_its_free_slot():
    """The negative control: the trigger refuses the sixth, not everything."""
    made = helpers.stage(n=1)
    slot = Slot.objects.filter(
        group__tier="finalist", group__direction=made.applications[0].direction
    ).first()
    raw_select(made.applications[0], made.operator, slot)
    assert Decision.objects.count() == 1


def test_a_direction_added_later_has_its_cap_too():

    made = helpers.stage(n=0)
    direction = directionrows.add_direction(
        made.call, key="late", title="后补方向", class_title="", actor=made.op, at=AT
    )
    made.applications = [helpers.waiting(made, n, direction=direction) for n in range(1, 7)]
    helpers.rank(made)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_select(made.applications[0], made.operator)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    with pytest.raises(Refusal, match="后补方向"):
        services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)


def test_over_a_soft_cap_needs_ten_characters_and_a_second_person():
    made = helpers.stage(n=6)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    sixth = made.applications[5]
    more = {"tier": "finalist", "actor": made.boss, "at": AT}
    with pytest.raises(Refusal) as short:
        services.request_more(sixth, reason="太少 了", **more)
    assert short.value.code == "reason-short"
    request = services.request_more(sixth, reason="第五、第六名得分相同，专家组一致建议", **more)
    with pytest.raises(Refusal) as alone:
        services.decide_request(request, approve=True, actor=made.boss, at=AT)
    assert alone.value.code == "two-people"
    with pytest.raises(Refusal) as low:
        services.decide_request(request, approve=True, actor=made.op, at=AT)
    assert low.value.code == "approver-only"
    services.decide_request(request, approve=True, actor=made.other, at=AT)
    assert Decision.objects.get(application=sixth).direction_slot.granted_for == sixth
    assert Decision.objects.count() == 6


def test_a_granted_slot_is_nobody_elses():
    made = helpers.stage(n=7)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    request = services.request_more(
        made.applications[5],
        tier="finalist",
        reason="专家组一致建议增加这一项目",
        actor=made.op,
        at=AT,
    )
    services.decide_request(request, approve=True, actor=made.boss, at=AT)
    services.unstage(made.call, made.ids(5), actor=made.op, at=AT)
    with pytest.raises(Refusal):
        services.select(made.call, made.ids(6), tier="finalist", actor=made.op, at=AT)
    granted = Slot.objects.get(granted_for__isnull=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        raw_select(made.applications[6], made.operator, granted)
    services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)


def test_a_request_is_refused_while_slots_are_free():
    made = helpers.stage(n=1)
    with pytest.raises(Refusal) as refused:
        services.request_more(
            made.applications[0],
            tier="finalist",
            reason="想多要一个名额以备不时之需",
            actor=made.op,
            at=AT,
        )
    assert refused.value.code == "not-needed"
    assert not SlotRequest.objects.exists()


def test_a_hard_cap_over_the_whole_call_cannot_be_exceeded():
    made = helpers.stage(spec=helpers.unlike(), n=4)
    helpers.passed(made, "site_visit")
    from decimal import Decimal

    amounts = {one: Decimal("10") for one in made.ids()}
    act = {"actor": made.op, "at": AT}
    services.select(made.call, made.ids(0, 1), tier="gold", amounts=amounts, **act)
    with pytest.raises(Refusal) as refused:
        services.select(made.call, made.ids(2), tier="gold", amounts=amounts, **act)
    assert refused.value.code == "cap-hard"
    assert "第三条" in refused.value.rule
    with pytest.raises(Refusal) as asked:
        services.request_more(
            made.applications[2],
            tier="gold",
            reason="确有必要增加一个名额给这个单位",
            amount=Decimal("10"),
            **act,
        )
    assert asked.value.code == "cap-hard"
    services.select(made.call, made.ids(2), tier="silver", amounts=amounts, **act)


def test_sub_fields_are_capped_each():
    made = helpers.stage("2018-jiebang", n=6)
    helpers.passed(made, "site_visit")
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    with pytest.raises(Refusal) as refused:
        services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)
    assert refused.value.code == "cap-reached"
    direction = (
        made.call.directions.filter(subfields__key="all")
        .exclude(pk=made.applications[5].direction_id)
        .first()
    )
    Application.objects.filter(pk=made.applications[5].pk).update(
        direction=direction, subfield=direction.subfields.first()
    )
    services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)


def test_what_is_withdrawn_after_staging_takes_its_decision_and_frees_its_slot():
    from applications import services as applications
    from tests import world

    made = helpers.stage(n=6)
    services.select(made.call, made.ids(0, 1, 2, 3, 4), tier="finalist", actor=made.op, at=AT)
    first = made.applications[0]
    admin = first.organisation.memberships.get()
    applications.withdraw(first, reason="不再参加", actor=world.actor(admin.user), at=AT)
    assert not Decision.objects.filter(application=first).exists()
    assert made.status(0) == Status.WITHDRAWN
    services.select(made.call, made.ids(5), tier="finalist", actor=made.op, at=AT)
