"""The figures for whoever watches: who may read them, and that they are those of the rows."""

import re

import pytest
from django.urls import reverse

from core import queues
from documents.models import Document
from portal import metrics
from tests import season
from tests.world import AT

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-this-test"


def test_without_a_setting_there_is_no_such_page(client, settings):
    assert settings.JIEBANG_METRICS_TOKEN == ""
    for brought in ("", "Bearer ", "Bearer x"):
        answer = client.get(reverse("metrics"), HTTP_AUTHORIZATION=brought)
        assert answer.status_code == 404


def test_only_the_whole_token_opens_it(client, settings):
    settings.JIEBANG_METRICS_TOKEN = TOKEN
    for brought in ("", TOKEN[:-1], f"Bearer {TOKEN}x"):
        answer = client.get(reverse("metrics"), HTTP_AUTHORIZATION=brought)
        assert answer.status_code == 404, brought
    answer = client.get(reverse("metrics"), HTTP_AUTHORIZATION=f"Bearer {TOKEN}")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")


def read(text: str) -> dict[str, float]:
    """Every line must be a comment or a sample."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = re.fullmatch(r"(jiebang_[a-z_]+(?:\{[^}]*\})?) (\S+)", line)
        assert match, line
        assert match[1] not in found
        found[match[1]] = float(match[2])
    return found


def test_the_figures_are_those_of_the_rows():
    before = read(metrics.text(AT))
    assert before['jiebang_work{kind="document",state="waiting"}'] == 0
    assert before['jiebang_ready{part="database"}'] == 1
    played = season.begin()
    type(played.call).objects.update(rehearsal=False)
    season.file(played, "甲一")
    Document.objects.filter(kind="receipt").update(state="failed", last_error="示例")
    after = read(metrics.text(AT))
    assert after['jiebang_work{kind="document",state="waiting"}'] == 1
    assert after['jiebang_work{kind="document",state="failed"}'] == 1
    assert after['jiebang_filings{call="test-call",status="submitted"}'] == 1
    assert after["jiebang_audit_unlinked"] > before["jiebang_audit_unlinked"]


def test_a_rehearsal_is_not_counted_and_labels_are_escaped():
    season.file(season.begin(), "甲一")
    assert not [name for name in read(metrics.text(AT)) if name.startswith("jiebang_filings")]
    line = metrics.family("x", "y", [({"a": 'b"\\\n'}, 1)]).splitlines()[-1]
    assert line == 'jiebang_x{a="b\\"\\\\\\n"} 1'


# The broker ------------------------------------------------------------------------------------


class Waiting:
    """A broker in which so much waits."""

    def __enter__(self):
        return self

    def __exit__(self, *args):
        return None

    def llen(self, name: str) -> int:
        return {"documents": 7}.get(name, 0)


def test_the_office_sees_what_waits_at_the_broker(client, cast, settings, monkeypatch):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    client.force_login(cast.people["office"])
    away = client.get(reverse("office:jobs")).content.decode()
    assert "消息中间件暂时连不上" in away
    monkeypatch.setattr("core.queues.Redis.from_url", lambda *args, **kwargs: Waiting())
    page = client.get(reverse("office:jobs")).content.decode()
    assert "文件 7 · 消息 0 · 定时任务 0" in page
    assert "文件 7 · 消息 0 · 定时任务 0" in client.get(reverse("office:cockpit")).content.decode()
    assert read(metrics.text(AT))['jiebang_queue_depth{queue="documents"}'] == 7


def test_a_broker_that_is_away_is_said_and_not_raised(settings):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    assert queues.look() == queues.Broker("away")
    assert read(metrics.text(AT))["jiebang_broker_up"] == 0


def test_without_a_broker_nothing_is_asked(settings):
    settings.CELERY_BROKER_URL = "filesystem://"
    assert queues.look().state == "files"
    assert queues.names() == ["documents", "letters", "sweeps"]
