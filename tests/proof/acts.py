"""The acts of one season in turn, each of which can be struck: see ``tests/proof/crash.py``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.test import Client

from audit import services as audit
from core import failpoints
from core.errors import Refusal
from documents import services as documents
from documents.models import Document
from fulfilment.models import Task
from honours import board
from honours.services import awarding
from notifications import services as notifications
from office import postponing
from outcomes.models import Publication
from reviews import services as reviews
from reviews.models import Assignment
from tests import season, world
from tests.office import asking
from tests.proof import forms
from tests.proof.snapshots import Kept, census
from tests.world import AT

SOON = timedelta(hours=1)
"""What was written over HTTP is due by the real clock, a little after that of the season."""

Count = dict[tuple[str, str], int]
Act = Callable[["Play", datetime], object]


@dataclass(frozen=True)
class Operation:
    """``prepare`` leads to it. ``steps``: several transactions, so that half of it may stand.

    ``more``: rows of which an act that was done twice may leave more. ``papers``: papers are drawn
    again to be compared.
    """

    name: str
    act: Act
    prepare: Callable[[Play], object] = lambda play: None
    steps: bool = False
    more: frozenset[tuple[str, str]] = frozenset()
    papers: bool = False


@dataclass
class Known:
    """What an undisturbed act did: the places it passed, and the rows before and after."""

    passed: Counter[str]
    before: Count
    after: Count


@dataclass
class Play:
    """The season, its drafts, the session that files, what the acts need, and what is known."""

    kept: Kept
    season: season.Season
    drafts: list[Any] = field(default_factory=list)
    cookie: str = ""
    held: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)

    @property
    def passed(self) -> set[str]:
        """Every place that some act has reached."""
        return {name for one in self.known.values() for name in one.passed}


# The acts ----------------------------------------------------------------------------------------


def _begin(play: Play) -> None:
    """Two whole drafts, a session, and an extension that waits for its second person."""
    played, cast = play.season, play.season.cast
    play.drafts = [
        season.draft(played, "甲一", unit=cast.company, user=cast.people["admin"]),
        season.draft(played, "乙二"),
    ]
    played.filed = list(play.drafts)
    client = Client()
    client.force_login(cast.people["admin"], backend="django.contrib.auth.backends.ModelBackend")
    play.cookie = client.cookies["sessionid"].value
    play.held["extension"] = asking.ask(cast, days=1)


def _extend(play: Play, at: datetime) -> object:
    return postponing.approve(play.held["extension"], actor=play.season.actor("chief"), at=at)


def _submit(play: Play, at: datetime) -> object:
    """Over HTTP, as a browser does it; only a receipt is an acknowledgement."""
    client = Client()
    client.cookies["sessionid"] = play.cookie
    here = f"/applications/{play.drafts[0].public_id}/"
    found = forms.read(f"{here}check/", client.get(f"{here}check/").content.decode())
    typed = next((one.filled() for one in found if "key" in one.names), {})
    answer = client.post(f"{here}submit/", {**typed, "key": "k1", "agree": "1"})
    if "/receipt/" not in answer.headers.get("Location", ""):
        raise Refusal(f"answered {answer.status_code}", "no receipt")
    return answer


def send_letters(play: Play, at: datetime) -> object:
    return notifications.send_waiting(at=at + SOON)


def _one_paper(play: Play) -> None:
    """The others take as long each, and show nothing more."""
    Document.objects.exclude(kind="application_form").update(not_before=AT + timedelta(days=99))


def _draw(play: Play, at: datetime) -> object:
    return documents.render_waiting(at=at + SOON)


def _others_file(play: Play) -> None:
    season.submit(play.drafts[1])
    play.season.clock(4)


def _recommend(play: Play, at: datetime) -> object:
    return season.recommend(play.season, 0)


def _recommend_the_other(play: Play) -> None:
    season.recommend(play.season, 1)


def _freeze(play: Play, at: datetime) -> object:
    return season.freeze(play.season)


def _print(play: Play) -> None:
    version = season.list_of(play.season).versions.get(voided_at=None)
    season.render(version.document)
    version.document.refresh_from_db()
    paper = documents.read(version.document.pdf)
    play.held["scan"] = season.scans.read_upload(paper, "盖章件.pdf")


def _scan(play: Play, at: datetime) -> object:
    return season.recommenders.receive_scan(
        season.list_of(play.season), [play.held["scan"]], actor=play.season.actor("operator"), at=at
    )


def _deliver(play: Play, at: datetime) -> object:
    return season.deliver(play.season)


def _accept(play: Play, at: datetime) -> object:
    return season.applications.accept(
        play.season.again(0), actor=play.season.actor("office"), at=at
    )


def _chain(play: Play, at: datetime) -> object:
    return audit.chain(10_000)


def _propose(play: Play) -> None:
    played = play.season
    season.applications.accept(played.again(1), actor=played.actor("office"), at=AT)
    now = played.call.time(AT)
    played.experts = [season.expert(played, n) for n in (1, 2)]
    played.round = reviews.create_round(
        played.call,
        organisation=None,
        title="专家网络评审",
        opens_at=now - timedelta(minutes=1),
        closes_at=now + timedelta(days=20),
        experts_per_application=1,
        actor=played.actor("office"),
        at=AT,
    )
    reviews.propose_assignment(played.round, actor=played.actor("office"), at=AT)


def _deploy(play: Play, at: datetime) -> object:
    return reviews.deploy(play.season.round, actor=play.season.actor("chief"), at=at)


def _declare(play: Play) -> None:
    played = play.season
    played.round.refresh_from_db()
    for task in Assignment.objects.filter(round=played.round, state="deployed"):
        reviews.declare_conflicts(
            played.round,
            task.expert,
            clear=[task.pk],
            conflicted={},
            actor=world.actor(task.expert.user),
            at=AT,
        )


def _score(play: Play, at: datetime) -> object:
    tasks = play.season.round.assignments.filter(state="deployed").order_by("pk")
    return season.score(play.season, tasks[0], 8)


def _score_the_others(play: Play) -> None:
    tasks = play.season.round.assignments.filter(state="deployed").order_by("pk")
    for task in tasks[1:]:
        season.score(play.season, task, 6)


def _close(play: Play, at: datetime) -> object:
    return reviews.close_round(play.season.round, actor=play.season.actor("office"), at=at)


def _stage(play: Play) -> None:
    season.stage(play.season)


def _decide(play: Play, at: datetime) -> object:
    return season.decide(play.season)


def _draft_list(play: Play) -> None:
    play.held["draft"] = season.draft_list(play.season).pk


def _announce(play: Play, at: datetime) -> object:
    return season.announce(play.season, Publication.objects.get(pk=play.held["draft"]))


def _stage_award(play: Play) -> None:
    Task.objects.update(state="ready", ready_on=AT.date())
    listed = [Task.objects.get().application.public_id]
    awarding.select(
        play.season.call,
        listed,
        tier="winner",
        exception="测评机构的报告尚未入库，专家组一致认定指标完成",
        actor=play.season.actor("office"),
        at=AT,
    )
    play.held["award"] = board.fingerprint_of(play.season.call)


def _award(play: Play, at: datetime) -> object:
    return awarding.apply_together(
        play.season.call,
        shown=play.held["award"],
        vacancies_confirmed=True,
        actor=play.season.actor("chief"),
        at=at,
    )


CLAIMS = frozenset({("audit.Entry", "documents.claim")})
SCANS = frozenset(
    {
        ("recommenders.SealedScan", "matched"),
        ("recommenders.ScanFile", ""),
        ("audit.Entry", "recommenders.receive_scan"),
    }
)
"""The same pages sent in twice are two scans."""
OPERATIONS = (
    Operation("approve an extension", _extend, _begin),
    Operation("submit", _submit),
    Operation("send letters", send_letters, steps=True),
    Operation("draw a paper", _draw, _one_paper, steps=True, more=CLAIMS, papers=True),
    Operation("recommend", _recommend, _others_file),
    Operation("confirm a list", _freeze, _recommend_the_other),
    Operation("take a scan", _scan, _print, more=SCANS),
    Operation("deliver", _deliver),
    Operation("accept", _accept, lambda play: play.season.clock(14)),
    Operation("chain the trail", _chain),
    Operation("deploy tasks", _deploy, _propose),
    Operation("submit a score", _score, _declare),
    Operation("close a round", _close, _score_the_others),
    Operation("apply decisions", _decide, _stage),
    Operation("announce", _announce, _draft_list),
    Operation("apply awards", _award, _stage_award),
)


def played(kept: Kept) -> Play:
    """The season played through all its acts, the database kept before each."""
    play = Play(kept, season.begin())
    for operation in OPERATIONS:
        operation.prepare(play)
        kept.keep(operation.name)
        passed: Counter[str] = Counter()
        before = census()
        failpoints.arm(lambda name, passed=passed: passed.update([name]))
        try:
            operation.act(play, AT)
        finally:
            failpoints.arm(None)
        play.known[operation.name] = Known(passed, before, census())
    return play
