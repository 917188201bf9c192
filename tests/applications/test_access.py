"""Who sees which filing: the one door, for each relation and status."""

from types import SimpleNamespace

import pytest
from django.http import Http404

from accounts.models import Membership
from applications import access
from applications.models import Application
from applications.workflow import Role, Status
from audit.services import CLOCK
from tests import season

pytestmark = pytest.mark.django_db

INSIDE = {"admin", "editor", "viewer"}
ABOVE = {"operator", "city", "office", "chief", "auditor"}


@pytest.fixture
def played(db):
    found = season.begin()
    found.filed.append(
        season.draft(found, "甲一", unit=found.cast.company, user=found.cast.people["admin"])
    )
    return found


def seen_by(played) -> set[str]:
    made = played.filed[0]
    found = set()
    for name, user in played.cast.people.items():
        membership = Membership.objects.get(user=user)
        request = SimpleNamespace(acting=membership)
        try:
            access.get(request, made.public_id)
        except Http404:
            continue
        found.add(name)
    return found


def test_a_draft_is_its_own_units_alone(played):
    assert seen_by(played) == INSIDE


def test_what_was_submitted_is_seen_by_those_above_it_and_by_no_neighbour_or_rival(played):
    season.submit(played.filed[0])
    assert seen_by(played) == INSIDE | ABOVE | {"approver"}


def test_a_draft_that_lapsed_stays_its_own_units(played):
    Application.objects.filter(pk=played.filed[0].pk).update(status=Status.LAPSED)
    assert seen_by(played) == INSIDE


def test_a_draft_that_was_withdrawn_before_it_was_ever_submitted_is_seen_by_nobody_else(played):
    Application.objects.filter(pk=played.filed[0].pk).update(status=Status.WITHDRAWN)
    assert seen_by(played) == INSIDE


def test_without_a_membership_nothing_is_seen(played):
    season.submit(played.filed[0])
    assert not access.visible_to(None).exists()
    with pytest.raises(Http404):
        access.get(SimpleNamespace(acting=None), played.filed[0].public_id)


def test_hidden_and_absent_give_the_same_answer(played):
    rival = Membership.objects.get(user=played.cast.people["rival"])
    answers = set()
    for public_id in (played.filed[0].public_id, "nothing"):
        with pytest.raises(Http404) as found:
            access.get(SimpleNamespace(acting=rival), public_id)
        answers.add(str(found.value))
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("admin", {Role.APPLICANT}),
        ("editor", {Role.APPLICANT}),
        ("viewer", set()),
        ("rival", set()),
        ("operator", {Role.RECOMMENDER}),
        ("approver", {Role.RECOMMENDER}),
        ("city", {Role.RECOMMENDER}),
        ("neighbour", set()),
        ("office", {Role.OFFICE}),
        ("chief", {Role.OFFICE}),
        ("auditor", set()),
    ],
)
def test_what_each_is_to_the_filing(played, name, roles):
    assert access.workflow_roles(played.actor(name), played.filed[0]) == roles


def test_the_clock_is_nothing_but_the_clock(played):
    assert access.workflow_roles(CLOCK, played.filed[0]) == {Role.CLOCK}
