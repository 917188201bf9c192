"""Two colleagues approve one report at once: one report is made."""

import threading

import pytest

from documents.models import Document
from testing.models import Result
from testing.services import ground, reporting
from tests.racing import together
from tests.testing import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]
CLIENTS = 6


def submitted():
    played = scene.build("甲一", agencies=1)
    result = scene.filled(played, scene.accepted(played))
    result = reporting.submit(result, version=result.version, actor=played.tester(), at=AT)
    actor = played.tester(0, second=True)
    return result, lambda: reporting.approve(result, version=result.version, actor=actor, at=AT)


def test_two_approvals_at_once_leave_one():
    result, approve = submitted()
    said = together(*[approve] * CLIENTS)
    assert said.count("") == 1 and set(said) == {"", "stale"}, said
    assert Document.objects.filter(kind="test_report").count() == 1
    assert Result.objects.get(pk=result.pk).reports == 1


def test_the_same_race_without_the_lock_makes_several(monkeypatch):
    """Negative control: read before anybody has written, as without a lock."""
    _, approve = submitted()
    barrier = threading.Barrier(CLIENTS)

    def unlocked(result):
        found = scene.result_again(result)
        barrier.wait()
        return found

    monkeypatch.setattr(ground, "lock_result", unlocked)
    said = together(*[approve] * CLIENTS)
    assert said.count("") > 1, said
    assert Document.objects.filter(kind="test_report").count() > 1
