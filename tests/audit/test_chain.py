import random
from datetime import timedelta

import pytest
from django.db import transaction

from audit import services as audit
from audit.models import Entry
from audit.services import Actor
from tests import world

pytestmark = pytest.mark.django_db
WHO = Actor("示例")


def write(cast, n):
    return [
        audit.record(
            actor=WHO,
            action="test.done",
            subject=cast.call,
            at=world.AT + timedelta(seconds=i),
            i=i,
        )
        for i in range(n)
    ]


def test_entries_are_chained_by_the_task_and_verify(cast):
    write(cast, 30)
    assert audit.verify().tail >= 30
    while audit.chain(limit=7):
        pass
    verdict = audit.verify()
    assert verdict.problems == ()
    assert verdict.tail == 0
    assert verdict.length == Entry.objects.count()


def test_a_second_run_of_the_task_finds_nothing_left(cast):
    write(cast, 3)
    audit.chain()
    assert audit.chain() == 0


@pytest.mark.parametrize(
    "column, value", [("actor_name", "别人"), ("action", "x"), ("data", {"i": 99})]
)
def test_a_changed_entry_is_found(cast, column, value):
    write(cast, 20)
    audit.chain()
    Entry.objects.filter(seq=random.Random(1).randint(2, 15)).update(**{column: value})
    assert any("被改动" in problem for problem in audit.verify().problems)


def test_a_removed_entry_is_found(cast):
    write(cast, 20)
    audit.chain()
    Entry.objects.get(seq=9).delete()
    assert any("缺 1 条" in problem for problem in audit.verify().problems)


def test_a_cut_end_is_found(cast):
    write(cast, 20)
    audit.chain()
    Entry.objects.filter(seq__gt=Entry.objects.filter(seq__isnull=False).count() - 3).delete()
    assert any("链尾" in problem for problem in audit.verify().problems)


def test_an_entry_of_a_rolled_back_change_is_never_seen(cast):
    before = Entry.objects.count()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(cast, 1)
        raise ZeroDivisionError
    assert Entry.objects.count() == before
