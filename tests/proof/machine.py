"""Random lives of four filings over HTTP, judged by a model that shares no code with the portal.

Everybody tries everything, in the right order or not, on both sides of each deadline to the
microsecond. After each step the status, the number of versions, the number and the places held must
be what the model says; at the end of a life ``check_invariants`` is asked.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import time_machine
from django.db import transaction
from django.db.models import Count
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import User
from accounts.roles import Role
from applications.models import Application
from calls import services as calls
from calls.models import Call
from portal import invariants
from recommenders import services as recommenders
from recommenders.models import Allotment, Confirmation
from tests import season
from tests.proof import forms, ground
from tests.proof.frame import Report, Watch
from tests.world import AT

GOAL = ("steps", 100_000)
FILINGS, PLACES = 4, 2
TICK = timedelta(microseconds=1)
WHEN = ("filing", "last", "deadline", "after", "last day", "over", "later")


# The model ---------------------------------------------------------------------------------------


@dataclass
class Filing:
    status: str = "draft"
    versions: int = 0
    number: str = ""
    keys: dict[str, int] = field(default_factory=dict)


@dataclass
class Model:
    """What should be: filing until the deadline, recommending from it on, for so many places."""

    when: str = "filing"
    filings: list[Filing] = field(default_factory=lambda: [Filing() for _ in range(FILINGS)])

    @property
    def filing_open(self) -> bool:
        return self.when in ("filing", "last")

    @property
    def recommending(self) -> bool:
        return self.when in ("deadline", "after", "last day")

    @property
    def held(self) -> int:
        return sum(one.status == "recommended" for one in self.filings)

    def submit(self, n: int, who: str, key: str) -> bool:
        """Whether it is acknowledged. The same key is acknowledged again at any time."""
        one = self.filings[n]
        if who != "own":
            return False
        if key in one.keys:
            return True
        if not self.filing_open or one.status not in ("draft", "submitted"):
            return False
        one.status, one.versions = "submitted", one.versions + 1
        one.keys[key] = one.versions
        return True

    def withdraw(self, n: int, who: str) -> bool:
        one = self.filings[n]
        if who != "own" or one.status not in ("draft", "submitted", "recommended"):
            return False
        one.status = "withdrawn"
        return True

    def recommend(self, n: int, who: str) -> bool:
        one = self.filings[n]
        may = who == "operator" and self.recommending and one.status == "submitted"
        if not may or self.held >= PLACES:
            return False
        one.status = "recommended"
        return True

    def unrecommend(self, n: int, who: str) -> bool:
        one = self.filings[n]
        if who != "operator" or not self.recommending or one.status != "recommended":
            return False
        one.status = "submitted"
        return True


# The world ---------------------------------------------------------------------------------------


@dataclass
class Scene:
    played: season.Season
    drafts: list[int]
    public: list[str]
    sessions: dict[str, str]

    def rows(self) -> list[tuple[int, str, str, int]]:
        """Key, status, number and how many versions of each filing, in one statement."""
        found = Application.objects.filter(pk__in=self.drafts).annotate(many=Count("versions"))
        return list(found.values_list("pk", "status", "number", "many"))

    def client(self, who: str, n: int) -> Client:
        client = Client(raise_request_exception=True)
        if who != "nobody":
            client.cookies["sessionid"] = self.sessions[f"own{n}" if who == "own" else who]
        return client


def build() -> Scene:
    """Four whole drafts of four companies in one province that has two places."""
    played = season.begin()
    drafts = [season.draft(played, f"机{n}") for n in range(FILINGS)]
    recommenders.change_limit(
        Allotment.objects.get(call=played.call, organisation=played.cast.province),
        limit=PLACES,
        reason="证明名额所用",
        actor=played.actor("chief"),
        at=AT,
    )
    people: dict[str, User] = {
        f"own{n}": User.objects.get(
            memberships__organisation=one.organisation, memberships__role=Role.UNIT_ADMIN
        )
        for n, one in enumerate(drafts)
    }
    people |= {name: played.cast.people[name] for name in ("operator", "neighbour", "rival")}
    people |= {name: played.cast.people[name] for name in ("office", "auditor")}
    sessions = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        sessions[name] = client.cookies["sessionid"].value
    return Scene(played, [one.pk for one in drafts], [one.public_id for one in drafts], sessions)


PERSONS = st.sampled_from(
    [
        "own",
        "own",
        "own",
        "operator",
        "operator",
        "neighbour",
        "rival",
        "office",
        "auditor",
        "nobody",
    ]
)
NUMBERS = st.integers(0, FILINGS - 1)


def machine(scene: Scene, report: Report) -> type[RuleBasedStateMachine]:
    """The machine for this world; each life is undone at its end."""

    class Lives(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.held = ExitStack()
            self.now = datetime.now(UTC).replace(microsecond=500)
            self.held.enter_context(time_machine.travel(self.now, tick=False))
            self.held.enter_context(transaction.atomic())
            self.model = Model()
            self._clock("filing")

        def teardown(self) -> None:
            problems = invariants.run(leave_out=invariants.READS_FILES)
            transaction.set_rollback(True)
            self.held.close()
            report.count("lives")
            assert not problems, problems

        def _clock(self, when: str) -> None:
            call = Call.objects.get(pk=scene.played.call.pk)
            filing, over = call.filing_until, call.recommendation_until
            to = {
                "filing": filing - timedelta(hours=1),
                "last": filing - TICK,
                "deadline": filing,
                "after": filing + TICK,
                "last day": over - TICK,
                "over": over,
                "later": over + timedelta(hours=1),
            }[when]
            calls.move_clock(call, to=to, actor=scene.played.actor("office"), at=self.now)
            self.model.when = when

        def _judge(self, act: str, n: int, who: str, should: bool, was: bool, answer: Any) -> None:
            report.count("steps")
            report.count("of them legal", should)
            assert was == should, (
                f"{act} {n} as {who} when {self.model.when}: {answer.status_code}, "
                f"the model says {should}"
            )

        @rule(when=st.sampled_from(WHEN))
        def clock(self, when: str) -> None:
            self._clock(when)

        @rule(n=NUMBERS, who=PERSONS, key=st.sampled_from(["k1", "k2", "k3"]))
        def submit(self, n: int, who: str, key: str) -> None:
            here = f"/applications/{scene.public[n]}/"
            client = scene.client(who, n)
            typed = _typed(client, f"{here}check/") if who == "own" else {}
            answer = client.post(f"{here}submit/", {**typed, "key": key, "agree": "1"})
            should = self.model.submit(n, who, key)
            receipt = "/receipt/" in answer.headers.get("Location", "")
            self._judge(f"submit by {key}", n, who, should, receipt, answer)

        @rule(n=NUMBERS, who=PERSONS)
        def withdraw(self, n: int, who: str) -> None:
            url = f"/applications/{scene.public[n]}/withdraw/"
            answer = scene.client(who, n).post(url, {"reason": "证明所用", "word": "撤回"})
            should = self.model.withdraw(n, who)
            led = answer.headers.get("Location", "") == "/applications/"
            self._judge("withdraw", n, who, should, led, answer)

        @rule(n=NUMBERS, who=PERSONS)
        def recommend(self, n: int, who: str) -> None:
            self._desk(n, who, "recommend")

        @rule(n=NUMBERS, who=PERSONS)
        def unrecommend(self, n: int, who: str) -> None:
            self._desk(n, who, "unrecommend")

        def _desk(self, n: int, who: str, act: str) -> None:
            url = f"/recommend/filings/{scene.public[n]}/{act}/"
            answer = scene.client(who, n).post(url, {"reason": "证明所用"})
            should = getattr(self.model, act)(n, who)
            led = answer.status_code == 302 and "/account/login/" not in answer.headers["Location"]
            self._judge(act, n, who, should, led, answer)

        @invariant()
        def as_the_model_says(self) -> None:
            rows = {row[0]: row[1:] for row in scene.rows()}
            for n, one in enumerate(self.model.filings):
                status, number, versions = rows[scene.drafts[n]]
                assert status == one.status, (n, status, one)
                assert versions == one.versions, (n, versions, one)
                assert bool(number) == bool(one.versions), (n, number)
                one.number = one.number or number
                assert number == one.number, "a number has changed"
            assert len({one.number for one in self.model.filings if one.number}) == sum(
                bool(one.number) for one in self.model.filings
            )
            live = Confirmation.objects.filter(released_at=None).count()
            assert live == self.model.held <= PLACES

    return Lives


def _typed(client: Client, page: str) -> dict[str, Any]:
    """What the page's form sends when its button is pressed; nothing where there is none."""
    text = client.get(page).content.decode()
    found = [one for one in forms.read(page, text) if {"agree", "key"} & one.names]
    return found[0].filled() if found else {}


def live(
    scene: Scene, report: Report, *, lives: int, steps: int, seed: int, shrink: bool = True
) -> None:
    """So many lives of so many steps; the first that differs from the model is told, shrunk."""
    chosen = settings(
        max_examples=lives,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=False,
        phases=[Phase.generate, Phase.shrink] if shrink else [Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    try:
        run_state_machine_as_test(hypothesis.seed(seed)(machine(scene, report)), settings=chosen)
    except Exception as error:
        report.fail(
            f"{type(error).__name__}: {error}\n" + "\n".join(getattr(error, "__notes__", []))
        )


def prove(report: Report, *, seconds: float) -> None:
    watch, seed = Watch(seconds), 0
    with ground.world(build) as scene:
        while not (watch.is_up or report.wrongs or report.reached()):
            live(scene, report, lives=10, steps=40, seed=seed)
            seed += 1
