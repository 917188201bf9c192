"""Rows written by kept statements: the database holds what ``save`` would have put there."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F

from accounts.models import Membership, Organisation
from audit.models import Entry
from core import writing
from notifications.models import Message
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("either_database")]


def entry(number: int = 1) -> Entry:
    return Entry(
        at=AT,
        actor_name="某人 100% '甲'",
        action="x",
        subject=f"a.b:{number}",
        data={"数": [1, 2.5, None, "%s"]},
    )


def message(key: str) -> Message:
    return Message(
        key=key, email="a@example.cn", subject="s", body="b", created_at=AT, not_before=AT
    )


def columns(row) -> dict:
    """Every column but the key, as the database has it."""
    found = type(row).objects.filter(pk=row.pk).values().get()
    return {name: value for name, value in found.items() if name != "id"}


def test_a_row_is_written_as_save_writes_it_and_knows_its_key():
    ours, djangos = entry(), entry()
    writing.insert(ours)
    djangos.save(force_insert=True)
    assert ours.pk and not ours._state.adding
    assert columns(ours) == columns(djangos)


def test_several_rows_get_their_keys_in_their_order():
    rows = [entry(number) for number in (1, 2, 3)]
    writing.insert(*rows)
    writing.insert()
    kept = Entry.objects.in_bulk([one.pk for one in rows])
    assert [kept[one.pk].subject for one in rows] == ["a.b:1", "a.b:2", "a.b:3"]


def test_what_a_constraint_forbids_raises_or_is_left_out_as_asked():
    writing.insert(message("one"))
    with pytest.raises(IntegrityError), transaction.atomic():
        writing.insert(message("one"))
    writing.insert(message("one"), message("two"), ignore_conflicts=True)
    assert sorted(Message.objects.values_list("key", flat=True)) == ["one", "two"]


@pytest.mark.django_db(transaction=True)
def test_after_a_refused_row_the_transaction_asks_nothing_more():
    with transaction.atomic():
        writing.insert(message("one"))
        with pytest.raises(IntegrityError):
            writing.insert(message("one"))
        assert connection.needs_rollback
        transaction.set_rollback(True)


def test_only_the_columns_named_are_written_over(cast):
    unit = Organisation.objects.get(pk=cast.province.pk)
    before = columns(unit)
    unit.name, unit.code = "改后的名称", "不写"
    writing.update(unit, ["name"])
    assert columns(unit) == {**before, "name": "改后的名称"}


def test_a_relation_is_written_by_its_name(cast):
    role = Membership.objects.filter(organisation=cast.province).first()
    role.organisation = cast.office
    writing.update(role, ["organisation"])
    assert Membership.objects.get(pk=role.pk).organisation == cast.office


def test_a_row_that_is_gone_is_told(cast):
    gone = Organisation.objects.get(pk=cast.province.pk)
    gone.pk += 1000
    with pytest.raises(DatabaseError, match="no more"), transaction.atomic():
        writing.update(gone, ["name"])


def test_an_expression_is_not_for_here(cast):
    unit = Organisation.objects.get(pk=cast.province.pk)
    unit.name = F("code")
    with pytest.raises(TypeError, match="expression"):
        writing.update(unit, ["name"])
