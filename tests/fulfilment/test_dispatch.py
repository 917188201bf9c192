"""行文下达: the letter of a published list, approved by every issuing office, and its number."""

import copy

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation, User
from calls import programme as programmes
from calls.programme import Approval, Step
from calls.programme import Dispatch as Rule
from core.errors import Refusal
from documents import services as documents
from documents.models import Counter, Document
from fulfilment import services
from fulfilment.models import Cosignature, Dispatch
from notifications.models import Message
from outcomes import services as outcomes
from portal import invariants
from tests import kept, season, world
from tests.fulfilment.helpers import person, task
from tests.halfway import Broken, broken
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
SECOND = "示例财政部门"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def spec():
    """A programme whose list is approved, and announced by a letter of two offices."""
    read = programmes.read(programmes.catalogue()["2021-jiebang"])
    steps = {*read.steps, Step.APPROVAL}
    return read.model_copy(
        update={
            "steps": tuple(step for step in Step if step in steps and step != Step.PANEL),
            "approval": Approval(meeting="示例会议", cosigners=(SECOND,)),
            "dispatch": Rule(
                title="关于下达立项的通知", jointly=(SECOND,), source="示例办法 第八条"
            ),
        }
    )


def build():
    """Both filings went before the meeting, were cosigned, selected and announced."""
    played = season.play(season.begin(spec()), to="closed", names=("甲一", "乙二"))
    other = Organisation.objects.create(kind="office", name=SECOND, region="430100", created_at=AT)
    world.person(other, "office_approver", "会签人")
    held = services.open_deliberation(
        played.call,
        [played.again(n).public_id for n in range(2)],
        held_on=played.call.time(AT).date(),
        minutes="审议通过，同意立项。",
        offices={SECOND: other},
        actor=played.actor("office"),
        at=AT,
    )
    for order, actor in ((1, played.actor("chief")), (2, second())):
        line = held.signatures.get(order=order)
        services.sign(line, agree=True, shown=held.fingerprint, actor=actor, at=AT)
    season.stage(played, selected=2)
    season.decide(played)
    season.announce(played)
    return played


played = kept.fixture(build)


def second() -> object:
    return world.actor(User.objects.get(name="会签人"))


def draft(played, **more) -> Dispatch:
    return services.propose_dispatch(
        played.publication,
        **{
            "title": "关于下达立项的通知",
            "mark": "示科发",
            "text": "请于十日内办理。",
            "actor": played.actor("office"),
            "at": AT,
            **more,
        },
    )


def signed(made: Dispatch, n: int, actor) -> Dispatch:
    return services.sign_dispatch(
        made.signatures.get(order=n), shown=made.fingerprint, actor=actor, at=AT
    )


def issued(played, **more) -> Dispatch:
    made = draft(played, **more)
    signed(made, 2, second())
    return signed(made, 1, played.actor("chief"))


def refused(code, act):
    with pytest.raises(Refusal) as found:
        act()
    assert found.value.code == code, found.value


def test_the_letter_says_the_way_that_was_gone_and_is_issued_by_the_last_office(played):
    made = draft(played)
    assert made.state == "open" and made.number == ""
    assert "示例会议" in made.paragraphs[1] and SECOND in made.paragraphs[1]
    assert made.paragraphs[-1] == "请于十日内办理。"
    assert [row["title"] for row in made.rows] == ["示例甲一项目", "示例乙二项目"]
    signed(made, 2, second())
    made.refresh_from_db()
    assert made.state == "open" and not Document.objects.filter(title=made.title).exists()
    signed(made, 1, played.actor("chief"))
    made.refresh_from_db()
    year = played.call.time(AT).year
    assert (made.state, made.number) == ("issued", f"示科发〔{year}〕1号")
    letter = made.document.snapshot
    assert letter["letterhead"] == played.call.programme.organiser
    assert (letter["signed_before"], letter["signed_by"]) == (
        [played.call.programme.organiser],
        SECOND,
    )
    assert letter["number"] == made.number and len(letter["annexes"][0]["rows"]) == 2
    assert [one for one in invariants.run() if one.rule == "R6"] == []


def test_each_unit_is_written_to_once_and_reads_its_own_project_alone(played):
    made = issued(played)
    letters = Message.objects.filter(kind="dispatched")
    assert letters.count() == 2, "one person of each unit"
    for letter in letters:
        assert made.number in letter.body
        assert ("甲一" in letter.body) != ("乙二" in letter.body)


def test_a_list_has_one_letter_in_force(played):
    draft(played)
    refused("already-open", lambda: draft(played))
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispatch.objects.create(
            publication=played.publication,
            title="第二份",
            mark="示",
            fingerprint="0" * 64,
            proposed_by=played.cast.people["office"],
            proposed_at=AT,
        )


def test_nobody_issues_what_they_drafted_nor_for_another_office(played):
    made = draft(played, actor=played.actor("chief"))
    refused("two-people", lambda: signed(made, 1, played.actor("chief")))
    refused("not-yours", lambda: signed(made, 1, second()))
    refused("not-yours", lambda: signed(made, 2, played.actor("chief")))
    refused("not-yours", lambda: signed(made, 1, played.actor("office")))


def test_what_was_shown_is_what_is_signed(played):
    made = draft(played)
    refused(
        "changed",
        lambda: services.sign_dispatch(
            made.signatures.get(order=2), shown="0" * 64, actor=second(), at=AT
        ),
    )


def test_an_office_gives_it_back_with_a_reason_and_it_is_drafted_anew(played):
    made = draft(played)
    line = made.signatures.get(order=2)
    refused(
        "reason-short",
        lambda: services.return_dispatch(line, reason="不", actor=second(), at=AT),
    )
    services.return_dispatch(line, reason="期限写错，请更正", actor=second(), at=AT)
    refused("over", lambda: signed(made, 2, second()))
    again = issued(played)
    assert again.serial == 1, "a draft that was given back used no number"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"mark": " "}, "mark-missing"),
        ({"title": " "}, "title-missing"),
        ({"text": "账号：admin 初始密码：abc12345"}, "credentials"),
    ],
)
def test_what_is_missing_or_must_not_stand_in_it_is_refused(played, more, code):
    refused(code, lambda: draft(played, **more))
    assert not Dispatch.objects.exists()


def test_without_the_cosignature_of_the_office_it_cannot_be_issued_together(played):
    Cosignature.objects.filter(office=SECOND).delete()
    refused("no-office", lambda: draft(played))


def test_when_the_list_is_taken_down_its_letter_is_void_and_the_next_takes_the_next_number(played):
    made = issued(played)
    outcomes.withdraw(
        played.publication, reason="名单有误，重新公布", actor=played.actor("chief"), at=AT
    )
    made.refresh_from_db()
    assert (made.state, made.number[-2:]) == ("void", "1号")
    assert made.document.voided_at is not None
    later = copy.copy(played)  # what is kept for the other tests stays as it is
    season.announce(later)
    again = issued(later)
    assert again.serial == 2
    assert [one for one in invariants.run() if one.rule == "R6"] == []


@pytest.mark.parametrize(
    "breaks",
    [
        "audit.services.record",
        "notifications.services.enqueue",
        "documents.services.request_document",
    ],
)
def test_an_issue_that_fails_half_way_gives_its_number_back(played, monkeypatch, breaks):
    made = draft(played)
    signed(made, 2, second())
    chief = played.actor("chief")
    with monkeypatch.context() as patch:
        patch.setattr(breaks, broken)
        with pytest.raises(Broken):
            signed(made, 1, chief)
    made.refresh_from_db()
    assert (
        made.state == "open" and not Counter.objects.filter(series__startswith="dispatch").exists()
    )
    assert made.signatures.get(order=1).signed_at is None
    assert not Message.objects.filter(kind="dispatched").exists()
    assert signed(made, 1, chief).serial == 1


def test_a_draft_that_fails_half_way_leaves_nothing(played, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("notifications.services.enqueue", broken)
        with pytest.raises(Broken):
            draft(played)
    assert not Dispatch.objects.exists()
    assert draft(played)


def test_a_number_that_is_missing_in_the_series_is_found(played):
    made = issued(played)
    Counter.objects.filter(series=made.series).update(value=2)
    found = [one for one in invariants.run() if one.rule == "R6"]
    assert [one.subject for one in found] == [f"fulfilment.dispatch:{made.series}"]


def test_the_unit_finds_the_letter_on_its_task_and_downloads_it(played):
    client = Client()
    client.force_login(User.objects.get(pk=person(played).person), backend=BACKEND)
    made = draft(played)
    url = reverse("fulfilment:dispatch_paper", args=[made.public_id])
    assert client.get(url).status_code == 404, "a draft is the offices' alone"
    signed(made, 2, second())
    signed(made, 1, played.actor("chief"))
    page = client.get(reverse("fulfilment:task", args=[task(played).public_id])).content.decode()
    made.refresh_from_db()
    assert made.number in page and url in page
    documents.render_waiting(at=AT, limit=50)
    answer = client.get(url)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf"
