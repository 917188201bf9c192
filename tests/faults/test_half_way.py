"""Each act that fails half way leaves nothing behind, and then can be done.

Recommending and its kin are in tests/recommenders/test_half_way.py; here filing, the formal check,
review and decision.
"""

import pytest

from applications import services as applications
from applications.models import Application, Section, Version
from audit.models import Entry
from documents.models import Counter, Document
from notifications.models import Message
from outcomes.models import Decision, Publication
from recommenders.models import Confirmation, ListVersion, RankedList
from reviews import services as reviews
from reviews.models import Assignment, Conflict, Result, Review, Round
from tests import season
from tests.halfway import AUDIT, FIRST_PAPERS, LETTER, NUMBER, PAPER, leaves_nothing, rows_of
from tests.season import Season
from tests.world import AT

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("either_database"),
]

TABLES = (
    Application,
    Assignment,
    Confirmation,
    Conflict,
    Counter,
    Decision,
    Document,
    Entry,
    ListVersion,
    Message,
    Publication,
    RankedList,
    Result,
    Review,
    Round,
    Section,
    Version,
)


def _submit(played: Season):
    made = season.draft(played, "甲一")
    return lambda: season.submit(made)


def _resubmit(played: Season):
    season.file(played, "甲一")
    return lambda: season.submit(played.again(0), key="two")


def _return(played: Season):
    season.file(played, "甲一")
    return lambda: applications.return_for_correction(
        played.again(0),
        fields=[{"section": "basics", "field": "", "comment": "改"}],
        note="请补充",
        until=AT + (played.call.filing_until - AT) / 2,
        actor=played.actor("office"),
        at=AT,
    )


def _withdraw(played: Season):
    season.play(played, to="recommended", names=("甲一",))
    actor = season.world.actor(played.again(0).created_by)
    return lambda: applications.withdraw(played.again(0), reason="不做了", actor=actor, at=AT)


def _recommend(played: Season):
    season.play(played, to="filed", names=("甲一",))
    played.clock(3)
    return lambda: season.recommend(played)


def _freeze(played: Season):
    season.play(played, to="recommended", names=("甲一",))
    return lambda: season.freeze(played)


def _accept(played: Season):
    season.play(played, to="recommended", names=("甲一",))
    played.clock(13)
    return lambda: season.check(played)


def _deploy(played: Season):
    season.play(played, to="recommended", names=("甲一",))
    played.clock(13)
    season.check(played)
    season.expert(played, 1)
    now = played.call.time(AT)
    made = reviews.create_round(
        played.call,
        organisation=None,
        title="网评",
        opens_at=now,
        closes_at=now.replace(year=now.year + 1),
        experts_per_application=1,
        actor=played.actor("office"),
        at=AT,
    )
    reviews.propose_assignment(made, actor=played.actor("office"), at=AT)
    return lambda: reviews.deploy(made, actor=played.actor("chief"), at=AT)


def _scoring(played: Season, *, done: bool) -> None:
    season.play(played, to="recommended", names=("甲一",))
    played.clock(13)
    season.check(played)
    season.assign(played, experts=1, wanted=1)
    if done:
        season.score_all(played)


def _score(played: Season):
    _scoring(played, done=False)
    task = Assignment.objects.get(round=played.round, state="deployed")
    return lambda: season.score(played, task, 6)


def _close(played: Season):
    _scoring(played, done=True)
    return lambda: season.close(played)


def _stage(played: Season):
    _close(played)()
    return lambda: season.stage(played)


def _decide(played: Season):
    _stage(played)()
    return lambda: season.decide(played)


def _announce(played: Season):
    _decide(played)()
    made = season.draft_list(played)
    return lambda: season.announce(played, Publication.objects.get(pk=made.pk))


@pytest.mark.parametrize(
    ("prepare", "fails"),
    [
        (_submit, AUDIT),
        (_submit, LETTER),
        (_submit, FIRST_PAPERS),
        (_submit, NUMBER),
        (_resubmit, LETTER),
        (_resubmit, FIRST_PAPERS),
        (_return, AUDIT),
        (_return, LETTER),
        (_withdraw, AUDIT),
        (_withdraw, LETTER),
        (_recommend, LETTER),
        (_freeze, PAPER),
        (_accept, AUDIT),
        (_accept, LETTER),
        (_deploy, AUDIT),
        (_deploy, LETTER),
        (_score, AUDIT),
        (_close, AUDIT),
        (_stage, AUDIT),
        (_decide, AUDIT),
        (_decide, LETTER),
        (_announce, AUDIT),
        (_announce, LETTER),
        (_announce, PAPER),
    ],
)
def test_an_act_that_fails_half_way_leaves_nothing(monkeypatch, prepare, fails):
    played = season.begin()
    leaves_nothing(prepare(played), fails, lambda: rows_of(TABLES), monkeypatch)
