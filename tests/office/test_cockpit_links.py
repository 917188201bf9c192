"""Every number of the cockpit is followed: the list it opens has as many rows as it says.

A link whose list this module does not know how to count fails, so that a new number cannot be
added without its list.
"""

import re
from datetime import timedelta
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from calls import services as calls
from calls.models import Call, Extension, LevelDate
from documents.models import Document
from fulfilment import services
from notifications.models import Message
from office import exporting, postponing
from office.models import Rehearsal
from recommenders.models import OverQuotaRequest
from tests.fulfilment import helpers
from tests.fulfilment.helpers import person, planned, task, written
from tests.office import bulk
from tests.recommenders import scene
from tests.testing import scene as testing_scene
from tests.world import AT

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"

ROWS = {
    "office:applications": lambda c: c["page"].paginator.count,
    "office:jobs": lambda c: c["page"].paginator.count,
    "office:outbox": lambda c: c["page"].paginator.count,
    "office:exports": lambda c: c["page"].paginator.count,
    "office:cockpit": lambda c: len(c["view"].units),
    "office:experts_behind": lambda c: c["left"],
    "outcomes:formal_check": lambda c: c["page"].paginator.count,
    "recommenders:over_quota": lambda c: len(c["pending"]),
    "recommenders:paper": lambda c: len(c["rows"]),
    "recommenders:office_lists": lambda c: sum(row.looks for row in c["rows"]),
    "fulfilment:index": lambda c: c["page"].paginator.count,
    "testing:board": lambda c: c["page"].paginator.count,
}
"""How many rows the page of a route shows, from its context."""
DATES = {
    "延期待批准": lambda c: len(c["extensions"]),
    "批量延期待批准": lambda c: sum(one.state == "proposed" for one in c["postponements"]),
}
"""One page, two lists: told apart by the words of the link."""


class Numbers(HTMLParser):
    """Each link of a page with the number it bears, or that stands under it in its item."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str, int]] = []
        self.link: str | None = None
        self.text = ""
        self.last: tuple[str, str] | None = None
        self.bold = False
        self.tile: int | None = None

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.link, self.text, self.tile = dict(attrs).get("href", ""), "", None
        self.bold = tag == "b"

    def handle_data(self, data):
        if self.link is not None:
            self.text += data
            if self.bold and data.strip().isdigit():
                self.tile = int(data)
        elif self.last and (said := re.fullmatch(r"\s*(\d+) 项\s*", data)):
            self.found.append((*self.last, int(said[1])))
            self.last = None

    def handle_endtag(self, tag):
        self.bold = False
        if tag == "li":
            self.last = None
        if tag != "a" or self.link is None:
            return
        words = " ".join(self.text.split())
        number = self.tile if self.tile is not None else _last(words)
        if number is not None:
            self.found.append((self.link, words, number))
        else:
            self.last = (self.link, words)
        self.link = None


def _last(words: str) -> int | None:
    """The number of a link: all it says, or what follows its word (等待 3)."""
    found = re.fullmatch(r"(?:[^\d\s]+ )?(\d+)", words)
    return int(found[1]) if found else None


def follow(people, code: str, *, as_: str = "chief") -> dict[str, int]:
    """Open each link with a number; returns the words of what was followed, with its number."""
    client = Client()
    client.force_login(people[as_], backend=BACKEND)
    url = f"{reverse('office:cockpit')}?call={code}"
    page = Numbers()
    page.feed(client.get(url).content.decode())
    seen, wrong = {}, []
    for href, words, number in dict.fromkeys(page.found):
        if href.startswith("#"):
            continue  # a part of this very page
        address = href if href.startswith("/") else reverse("office:cockpit") + href
        name = resolve(urlsplit(address).path).view_name
        count = DATES.get(words) if name == "office:deadlines" else ROWS.get(name)
        assert count is not None, f"nobody knows the rows of {address} ({words})"
        answer = client.get(address)
        assert answer.status_code == 200, address
        if count(answer.context) != number:
            wrong.append((words, number, count(answer.context), address))
        seen[words] = number
    assert wrong == []
    return seen


def machinery(call: Call, chief) -> None:
    """Work that waits, waits too long and failed, of three kinds."""
    now = timezone.now()
    for n, (state, since) in enumerate([("waiting", 0), ("waiting", 90), ("failed", 90)]):
        then = now - timedelta(minutes=since)
        Message.objects.create(
            key=f"cockpit:{n}",
            email=f"a{n}@example.org",
            kind="test",
            subject="标题",
            body="正文",
            state=state,
            created_at=then,
            not_before=then,
        )
        Document.objects.create(
            kind="receipt",
            title=f"回执{n}",
            subject=f"calls.call:{n}",
            snapshot={},
            fingerprint=f"{n}" * 64,
            host="example.org",
            state=state,
            last_error="字体缺失" if state == "failed" else "",
            not_before=then,
            created_at=then,
        )
    Rehearsal.objects.create(
        call=call,
        state="failed",
        asked_by=chief,
        asked_by_name=chief.name,
        asked_at=now,
        ended_at=now,
        attempts=2,
        error="演练两次中断，没有完成。",
    )


def test_every_number_of_a_call_in_filing_opens_a_list_of_so_many(cast):
    bulk.filings(cast, 70)
    recommended = scene.filings(cast, 3)
    scene.recommend(cast, *recommended[:2])
    machinery(cast.call, cast.people["chief"])
    asked = {"reason": "平台故障，影响申报", "actor": cast.actor("office"), "at": AT}
    later = cast.call.filing_until + timedelta(days=3)
    postponing.propose(
        cast.call,
        scope="call",
        value="",
        key="filing_until",
        until=later,
        cascade=True,
        incident=None,
        **asked,
    )
    Extension.objects.create(
        call=cast.call,
        organisation=cast.province,
        key=LevelDate.Key.FILING,
        until=later,
        reason="示例",
        proposed_by=cast.people["office"],
        proposed_at=AT,
    )
    exporting.propose(
        "contacts", call=cast.call, options={}, **{**asked, "reason": "核对联系人，用于会议通知"}
    )
    OverQuotaRequest.objects.create(
        allotment=cast.call.allotments.get(organisation=cast.province, pool=""),
        application=recommended[2],
        reason="示例理由",
        proposed_by=cast.people["operator"],
        proposed_at=AT,
    )
    other = calls.create(
        cast.call.programme, code="other", title="另一批次", actor=cast.actor("office"), at=AT
    )
    Extension.objects.create(  # of another call: counted there, not here
        call=other,
        organisation=cast.province,
        key=LevelDate.Key.FILING,
        until=later,
        reason="示例",
        proposed_by=cast.people["office"],
        proposed_at=AT,
    )
    seen = follow(cast.people, cast.call.code)
    for words in ("延期待批准", "批量延期待批准", "导出申请待批准", "超额申请待审批"):
        assert seen[words] == 1, words
    assert len(seen) > 20
    read = follow(cast.people, cast.call.code, as_="auditor")
    assert read["超额申请待审批"] == 1, "what the auditor is shown as a link can be read"


def test_every_number_of_a_call_with_tasks_and_tests_opens_a_list_of_so_many():
    played = testing_scene.build("甲一", "乙二", agencies=1)
    chief = played.season.cast.people["chief"]
    machinery(played.season.call, chief)
    testing_scene.propose(played)
    seen = follow(played.season.cast.people, played.season.call.code)
    assert seen["测评委托待批准"] == 1
    assert seen["失败 1"] == 1


def test_what_waits_in_the_tasks_is_counted_by_task():
    played = helpers.years("甲一", "乙二")
    report = written(played, planned(played).reports.filter(kind="periodic").earliest("number"))
    services.submit_report(report, key="k", actor=person(played), at=AT)
    planned(played, 1, accept=False)
    services.ask_change(
        task(played, 1),
        kind="lead",
        after="新负责示例",
        reason="原负责人退休，由副职接任。",
        actor=person(played, 1),
        at=AT,
    )
    seen = follow(played.cast.people, played.call.code)
    assert seen["任务报告待审核"] == seen["任务计划待审核"] == seen["任务变更待办"] == 1


def test_a_rehearsal_that_failed_stands_among_the_work_until_it_is_played_again(cast):
    machinery(cast.call, cast.people["chief"])
    client = Client()
    client.force_login(cast.people["office"], backend=BACKEND)
    listed = f"{reverse('office:jobs')}?kind=rehearsal&state=failed"
    row = Rehearsal.objects.get()
    page = client.get(listed).content.decode()
    assert "演练两次中断" in page
    assert reverse("office:rehearsal", args=[cast.call.code, row.pk]) in page
    answer = client.post(reverse("office:job_again", args=["rehearsal", row.pk]))
    assert answer.status_code == 302
    assert Rehearsal.objects.filter(call=cast.call, state="waiting").count() == 1
    assert "演练两次中断" not in client.get(listed).content.decode()
    waiting = client.get(f"{reverse('office:jobs')}?kind=rehearsal&state=waiting")
    assert waiting.context["page"].paginator.count == 1
