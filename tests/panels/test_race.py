"""Two votes of one member at once leave one; the count of a secret ballot loses none."""

import threading

import pytest

from core.errors import Refusal
from panels.models import Attendance, Item, Vote
from panels.services import ground
from tests.panels import scene
from tests.racing import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


def voting(**more):
    made = scene.build(start=True, experts=8, wanted=3, members=8, **more)
    made.call_up(0)
    made.open_vote(0)
    return made


def test_twelve_votes_of_one_member_at_once_leave_one():
    made = voting(secret=True)
    said = together(*[lambda: made.vote(0, 0, "m1")] * 12)
    assert said.count("") == 1 and said.count("voted") == 11
    assert Vote.objects.count() == 1 and made.item(0).ballots == {"1": {"m1": 1}}


def test_without_the_lock_the_database_still_keeps_one_vote(monkeypatch):
    """The negative control of the lock: the row of the attendance holds one vote by itself."""
    made = voting(secret=False)
    monkeypatch.setattr(
        ground,
        "lock_item",
        lambda item: Item.objects.select_related("meeting__round__call", "entry__application").get(
            pk=item.pk
        ),
    )
    said = together(*[lambda: made.vote(0, 0, "m1")] * 12)
    assert said.count("") == 1 and Vote.objects.count() == 1


def test_secret_votes_of_all_members_at_once_are_all_counted():
    made = voting(secret=True)
    together(*[lambda n=n: made.vote(n, 0, "m1") for n in range(8)])
    assert Vote.objects.count() == 8 and made.item(0).ballots == {"1": {"m1": 8}}


def test_without_the_lock_secret_votes_are_lost(monkeypatch):
    """The negative control: with the lock gone the count falls behind the votes."""
    made = voting(secret=True)
    barrier = threading.Barrier(8)

    def unlocked(item):
        found = Item.objects.select_related("meeting__round__call", "entry__application").get(
            pk=item.pk
        )
        barrier.wait()
        return found

    monkeypatch.setattr(ground, "lock_item", unlocked)
    together(*[lambda n=n: made.vote(n, 0, "m1") for n in range(8)])
    assert Vote.objects.count() == 8
    assert sum(made.item(0).ballots["1"].values()) < 8


def test_a_vote_and_the_end_of_the_item_at_once_agree():
    made = voting(secret=True)
    made.vote(1, 0, "m1")
    said = together(lambda: made.vote(0, 0, "m2"), lambda: _conclude(made))
    ruling = made.item(0).rulings.get()
    assert said[1] == "" and said[0] in ("", "moved-on")
    assert ruling.voted == Vote.objects.count() == sum(ruling.tally.values())
    assert ruling.present == Attendance.objects.filter(presence="in").count()


def _conclude(made):
    try:
        made.conclude(0)
    except Refusal as refusal:
        if refusal.code != "tie":
            raise
        made.conclude(0, motion="m1", reason=scene.WHY)
