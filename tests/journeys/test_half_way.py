"""Each main act, broken half way at every letter, entry and paper it writes: nothing is left."""

import logging
from collections import Counter

import pytest
from django.apps import apps
from django.db import connection, transaction

from accounts.models import Organisation
from audit import services as audit
from audit.services import Actor
from documents import services as documents
from notifications import services as notifications
from tests import world
from tests.journeys.journey import Journey
from tests.journeys.pages import NotOnPage

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]

POINTS = {
    "letter": (notifications, "enqueue"),
    "entry": (audit, "record"),
    "paper": (documents, "request_document"),
    "first papers": (documents, "request_first"),
}
ACTS = {"submit", "recommend", "submit_list", "apply", "publicise", "announce"}
NOT_OURS = {"sessions.session", "axes.accessattempt", "axes.accesslog"}


class Broken(RuntimeError):
    """The power goes out here."""


def everything() -> dict[str, list[dict]]:
    """All that the database holds, but for sessions."""
    return {
        model._meta.label_lower: list(model._default_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label_lower not in NOT_OURS and model._meta.managed
    }


class Saboteur:
    """Stands around each main act: breaks it everywhere it can break, then lets it through."""

    def __init__(self, journey: Journey, monkeypatch) -> None:
        self.journey, self.monkeypatch = journey, monkeypatch
        self.broken: dict[str, Counter] = {}

    def around(self, name, act):
        if name in self.broken or name not in ACTS:
            return act()
        self.broken[name] = Counter()
        before = everything()
        calls = self._commit_fails(act)
        assert everything() == before, f"{name}: a commit that fails leaves something behind"
        self.broken[name]["commit"] += 1
        for point, times in calls.items():
            for n in range(1, times + 1):
                self._fails_at(point, n, act)
                assert everything() == before, f"{name} left something behind at {point} {n}"
                self.broken[name][point] += 1
        answer = act()
        assert everything() != before
        return answer

    def _fails(self, act) -> None:
        people = [one.admin for one in self.journey.filings]
        people += [self.journey.chief, self.journey.operator, self.journey.approver]
        for person in people:
            person.client.raise_request_exception = False
        with pytest.raises(NotOnPage, match="answered 500") as told:
            act()
        assert "没有" in str(told.value) or "出错" in str(told.value)
        for person in people:
            person.client.raise_request_exception = True

    def _commit_fails(self, act) -> Counter:
        """Everything is written, the commit fails. Tells how often each point was passed."""
        calls: Counter = Counter()
        with self.monkeypatch.context() as patch:
            for point, (module, name) in POINTS.items():
                patch.setattr(module, name, counting(getattr(module, name), point, calls))
            commit = connection._commit

            def fail():
                if not calls:
                    return commit()
                connection._rollback()
                raise Broken("commit")

            patch.setattr(connection, "_commit", fail)
            self._fails(act)
        assert calls["entry"], "an act without an entry in the trail"
        return calls

    def _fails_at(self, point: str, n: int, act) -> None:
        module, name = POINTS[point]
        real, seen = getattr(module, name), Counter()

        def fail(*args, **kwargs):
            seen[point] += 1
            if seen[point] == n:
                raise Broken(f"{point} {n}")
            return real(*args, **kwargs)

        with self.monkeypatch.context() as patch:
            patch.setattr(module, name, fail)
            self._fails(act)
        assert seen[point] == n


def counting(real, point, calls):
    def count(*args, **kwargs):
        calls[point] += 1
        return real(*args, **kwargs)

    return count


@pytest.mark.parametrize(
    ("code", "acts"),
    [
        ("2021-jiebang", {"submit", "recommend", "submit_list", "apply", "announce"}),
        ("wuhan-claims", {"submit", "recommend", "submit_list", "apply", "publicise"}),
    ],
)
def test_an_act_that_breaks_half_way_changes_nothing_and_works_afterwards(
    code, acts, monkeypatch, caplog
):
    caplog.set_level(logging.CRITICAL, "django.request")
    journey = Journey(code)
    saboteur = Saboteur(journey, monkeypatch)
    journey.around = saboteur.around
    journey.play()
    assert set(saboteur.broken) == acts
    for name, points in saboteur.broken.items():
        assert points["entry"], (name, points)
    for name in acts - {"recommend"}:
        assert saboteur.broken[name]["letter"] or saboteur.broken[name]["paper"], name
    assert saboteur.broken["submit"]["first papers"]
    assert saboteur.broken["submit_list"]["paper"]


def test_the_saboteur_notices_an_act_without_a_transaction(monkeypatch):
    journey = Journey("2021-jiebang")
    saboteur = Saboteur(journey, monkeypatch)

    def act():
        try:
            unit = Organisation.objects.create(kind="other", name="示例")
            with transaction.atomic():
                audit.record(actor=Actor("test"), action="test", subject=unit, at=world.AT)
        except Broken as broken:
            raise NotOnPage("answered 500 没有办成") from broken

    with pytest.raises(AssertionError, match="leaves something behind"):
        saboteur.around("submit", act)
