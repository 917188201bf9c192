"""Each act of a meeting that fails half way leaves nothing behind, and then can be done."""

import pytest

from audit.models import Entry
from documents.models import Counter, Document
from notifications.models import Message
from panels import services
from panels.models import (
    Attendance,
    Item,
    Meeting,
    Member,
    PanelResult,
    Rescore,
    Ruling,
    SignedScan,
    Vote,
)
from reviews.models import Conflict
from tests.halfway import AUDIT, LETTER, PAPER, leaves_nothing, rows_of
from tests.panels import scene
from tests.panels.scene import WHY
from tests.world import AT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("either_database"),
]

TABLES = (
    Attendance, Conflict, Counter, Document, Entry, Item, Meeting, Member, Message, PanelResult,
    Rescore, Ruling, SignedScan, Vote,
)  # fmt: skip


def _create(made):
    services.cancel(made.meeting, reason="改期另行", actor=made.office, at=AT)
    return lambda: services.create(
        made.scene.round, title="再", place="某", starts_at=AT, actor=made.office, at=AT
    )


def _invite(made):
    return lambda: services.invite(made.meeting, made.scene.experts[4:], actor=made.office, at=AT)


def _cancel(made):
    return lambda: services.cancel(made.meeting, reason="改期另行", actor=made.office, at=AT)


def _start(made):
    return made.start


def _running(made):
    made.start()
    made.enter(0, 1, 2, 3)


def _enter(made):
    made.start()
    return lambda: made.enter(0)


def _call_up(made):
    _running(made)
    return lambda: made.call_up(0)


def _rescore(made):
    _running(made)
    made.call_up(0)
    from panels import queries

    application = made.scene.applications[0].pk
    one = next(n for n in range(4) if queries.review_of(made.member(n), application))
    made.rescore(one, 0, 9)
    return lambda: made.rescore(one, 0, 10)


def _vote(made):
    _running(made)
    made.call_up(0)
    made.open_vote(0)
    return lambda: made.vote(0, 0)


def _late(made):
    act = _vote(made)
    act()
    return lambda: services.declare_late(
        made.member(0), made.item(0), reason="有合作", actor=made.actor(0), at=AT
    )


def _conclude(made):
    act = _vote(made)
    act()
    return lambda: made.conclude(0)


def _reopen(made):
    _conclude(made)()
    return lambda: services.reopen(made.item(0), reason=WHY, actor=made.office, at=AT)


def _close(made):
    _conclude(made)()
    return made.close


ACTS = [
    (_create, AUDIT), (_invite, LETTER), (_invite, AUDIT), (_cancel, LETTER), (_cancel, AUDIT),
    (_start, AUDIT), (_enter, AUDIT), (_call_up, AUDIT), (_rescore, AUDIT), (_vote, AUDIT),
    (_late, AUDIT), (_conclude, AUDIT), (_reopen, AUDIT), (_close, PAPER), (_close, AUDIT),
]  # fmt: skip


@pytest.mark.parametrize(("prepare", "fails"), ACTS, ids=lambda one: getattr(one, "__name__", one))
def test_an_act_that_fails_half_way_leaves_nothing(prepare, fails, monkeypatch):
    made = scene.build()
    leaves_nothing(prepare(made), fails, lambda: rows_of(TABLES), monkeypatch)
