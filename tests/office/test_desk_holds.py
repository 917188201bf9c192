"""What the desk keeps holds by the checks; broken rows are found; the demonstration runs."""

from datetime import timedelta

import pytest

from accounts import absences
from accounts.models import Membership, SavedView
from calls.models import Extension
from notifications.models import Message
from office import mailing, postponing
from office.demo import desk
from office.demo.cast import Cast
from office.models import Incident, Mailing, Postponement
from portal.invariants import CHECKS
from tests.office import asking
from tests.recommenders import scene
from tests.world import AT

pytestmark = pytest.mark.django_db
NAMES = (
    "R9.a_mailing_let_go_is_one_letter_to_each",
    "R4.a_postponement_given_has_its_rows",
    "R7.a_deputy_holds_no_more_than_the_role_they_stand_in_for",
    "R9.a_letter_went_out_once",
)


def problems() -> list[str]:
    return [problem.subject.partition(":")[0] for name in NAMES for problem in CHECKS[name]()]


@pytest.fixture
def used(cast):
    """A mailing let go, a region given more time, a leave."""
    scene.filings(cast, 2)
    made = mailing.propose(
        cast.call,
        audience="applicants",
        chosen={},
        subject="请核对",
        body="请核对。",
        by_sms=False,
        actor=cast.actor("office"),
        at=AT,
    )
    mailing.send(made, typed="2", actor=cast.actor("chief"), at=AT)
    asked = asking.ask(cast, scope="region", value="430000", days=1, reason="当地停电停网")
    postponing.approve(asked, actor=cast.actor("chief"), at=AT)
    held = {name: Membership.objects.get(user=cast.people[name]) for name in ("chief", "office")}
    absences.begin(
        held["chief"],
        deputy=held["office"],
        since=AT,
        until=AT + timedelta(days=3),
        reason="",
        actor=cast.actor("chief"),
        at=AT,
    )
    return cast


def test_what_the_services_did_holds(used):
    assert problems() == []


@pytest.mark.parametrize(
    ("subject", "harm"),
    [
        ("office.mailing", lambda: Message.objects.filter(kind="mailing")[0].delete()),
        ("office.postponement", lambda: Extension.objects.all()[0].delete()),
        (
            "accounts.absence",
            lambda: Membership.objects.filter(covers__isnull=False).update(
                valid_until=AT + timedelta(days=30)
            ),
        ),
        (
            "accounts.absence",
            lambda: Membership.objects.filter(covers__isnull=False).update(role="auditor"),
        ),
    ],
)
def test_a_broken_row_is_found(used, subject, harm):
    harm()
    assert problems() == [subject]


def test_the_demonstration_has_something_that_waits_for_the_second_person(cast):
    people = Cast(cast.office, cast.people["office"], cast.people["chief"])
    desk.make(people, cast.call, at=AT)
    assert SavedView.objects.count() == len(desk.VIEWS)
    over, lasting = Incident.objects.order_by("pk")
    assert over.confirmed_by == cast.people["chief"] and lasting.confirmed_by is None
    assert Postponement.objects.get().state == "proposed"
    assert Mailing.objects.get().count == 3
    assert problems() == []
