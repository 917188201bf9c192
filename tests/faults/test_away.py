"""Broker, worker and mail away: filing, recommending and confirming go on; nothing is lost."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core import mail
from kombu.exceptions import OperationalError

from documents import services as documents
from documents.models import Document
from notifications import services as notifications
from notifications.models import Message
from portal import invariants
from recommenders.models import RankedList
from tests import season
from tests.world import AT

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def no_broker(monkeypatch):
    """Every way to the broker raises; counts how often it was tried."""
    tried = []

    def away(*args, **kwargs):
        tried.append(args)
        raise OperationalError("connection refused")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)
    monkeypatch.setattr("celery.app.task.Task.apply_async", away)
    return tried


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_filing_recommending_and_freezing_go_on(no_broker):
    played = season.play(season.begin(), to="frozen", names=("甲一",))
    assert no_broker, "nobody tried to nudge the workers"
    assert played.again(0).status == "recommended"
    assert RankedList.objects.get(state="frozen").version == 1
    assert set(Document.objects.values_list("kind", "state")) == {
        ("application_form", "waiting"),
        ("receipt", "waiting"),
        ("summary_sheet", "waiting"),
    }
    season.render()  # the pulse finds the rows though no nudge ever arrived
    assert set(Document.objects.values_list("state", flat=True)) == {"ready"}
    assert not invariants.run()


# Mail ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_while_the_mail_is_down_letters_wait_and_acts_go_on(monkeypatch):
    def down(self, *args, **kwargs):
        raise ConnectionRefusedError("mail server is away")

    played = season.begin()
    with monkeypatch.context() as patched:
        patched.setattr("django.core.mail.EmailMessage.send", down)
        season.file(played, "甲一")
        assert notifications.send_waiting(at=AT) == 0
    letter = Message.objects.filter(kind="submit").get()
    assert (letter.state, letter.attempts) == ("waiting", 1)
    assert letter.not_before == AT + timedelta(minutes=1)
    assert "mail server is away" in letter.last_error
    assert notifications.send_waiting(at=AT + timedelta(seconds=59)) == 0
    assert notifications.send_waiting(at=AT + timedelta(minutes=1)) >= 1
    assert [sent.to for sent in mail.outbox if letter.subject == sent.subject] == [[letter.email]]
    letter.refresh_from_db()
    assert (letter.state, letter.last_error) == ("sent", "")


# The renderer ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_renderer_that_died_loses_no_paper_and_makes_none_twice(monkeypatch):
    played = season.begin()
    season.file(played, "甲一")
    wanted = Document.objects.count()

    class Killed(BaseException):
        """What no ``except Exception`` catches: as if the process were gone."""

    def die(document):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr("documents.services.draw", die)
        with pytest.raises(Killed):
            documents.render_waiting(at=AT)
    left = Document.objects.get(state="rendering")
    documents.render_waiting(at=AT + timedelta(minutes=1))
    left.refresh_from_db()
    assert left.state == "rendering"  # the dead worker's claim still holds
    documents.render_waiting(at=AT + documents.LEASE + timedelta(seconds=1))
    left.refresh_from_db()
    assert (left.state, left.attempts) == ("ready", 2)
    assert Document.objects.filter(state="ready").count() == wanted
    assert not invariants.run()


@pytest.mark.django_db
def test_a_slow_renderer_that_comes_back_changes_nothing_that_another_finished(monkeypatch):
    played = season.begin()
    season.file(played, "甲一")
    slow = documents._claim(at=AT)
    assert slow is not None
    later = AT + documents.LEASE + timedelta(seconds=1)
    documents.render_waiting(at=later)
    slow_again = Document.objects.get(pk=slow.pk)
    assert slow_again.state == "ready"
    other = documents.store(b"%PDF-1.4 other bytes", media_type="application/pdf", at=later)
    done = documents._finish(slow, other, pages=1, claim=slow.claimed_until, at=later)
    assert not done
    assert Document.objects.get(pk=slow.pk).file_sha256 == slow_again.file_sha256


CHILD = """
import os
from datetime import timedelta
from django.utils import timezone
from documents import services
whole = services.draw
def slowly(document):
    data = whole(document)
    print("drawn", document.pk, flush=True)
    import time
    time.sleep({pause})
    return data
services.draw = slowly
at = timezone.now() + timedelta(minutes={minutes})
print("ready", services.render_waiting(at=at), flush=True)
"""
SEED = """
from tests import season
played = season.begin()
season.file(played, "甲一")
from documents.models import Document
print("waiting", Document.objects.filter(state="waiting").count())
"""


def child(code: str, folder: Path) -> subprocess.Popen:
    env = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/killed.sqlite3",
        "JIEBANG_VAR": str(folder),
        "JIEBANG_MEDIA": str(folder / "media"),
        "JIEBANG_SECRET_KEY": "only-for-this-test-0123456789abcdef",
        "BROKER_URL": "memory://",
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", *(["shell", "-c", code] if code else ["migrate", "-v0"])],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen) -> str:
    out, _ = process.communicate(timeout=180)
    assert process.returncode == 0, out
    return out


@pytest.mark.slow
def test_a_renderer_killed_with_kill_9_loses_no_paper_and_makes_none_twice(tmp_path):
    """A real process on a real file: drawn, killed before it could store, drawn again."""
    finished(child("", tmp_path))
    assert "waiting 2" in finished(child(SEED, tmp_path))
    victim = child(CHILD.format(pause=60, minutes=0), tmp_path)
    try:
        end = time.monotonic() + 120
        line = ""
        while "drawn" not in line and time.monotonic() < end:
            line = victim.stdout.readline()
        assert "drawn" in line
        victim.send_signal(signal.SIGKILL)
    finally:
        victim.kill()
        victim.communicate(timeout=30)
    assert "ready 1" in finished(child(CHILD.format(pause=0, minutes=1), tmp_path))
    assert "ready 1" in finished(child(CHILD.format(pause=0, minutes=10), tmp_path))
    assert "ready 0" in finished(child(CHILD.format(pause=0, minutes=30), tmp_path))
    checking = (
        "from django.core.management import call_command; call_command('check_invariants');"
        "from documents.models import Document;"
        "print(sorted(Document.objects.values_list('state','attempts')))"
    )
    said = finished(child(checking, tmp_path))
    assert "全部相符" in said
    assert "[('ready', 1), ('ready', 2)]" in said
    assert datetime.now(UTC) > AT
