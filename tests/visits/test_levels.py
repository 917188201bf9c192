"""Wuhan: the district's department visits before it recommends; the signed result is its record."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organisation
from accounts.roles import Role
from core.errors import Refusal
from outcomes.models import StepRecord
from recommenders import services as recommenders
from recommenders.models import Visit as Check
from tests import kept, season, world
from tests.visits.scene import actor, working_day
from tests.world import AT
from visits import queries, services
from visits.form import Typed
from visits.models import Visit
from visits.services import Member, Proposal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]


def build():
    spec = world.programme("wuhan-claims")
    anywhere = spec.applicants.model_copy(update={"regions": ()})  # the cast files elsewhere too
    played = season.begin(spec.model_copy(update={"applicants": anywhere}))
    cast = played.cast
    district = world.unit(
        Organisation.Kind.DISTRICT, "示例区科技局", region="420102", parent=cast.city
    )
    for name, role in (("clerk", Role.REC_OPERATOR), ("head", Role.REC_APPROVER)):
        cast.people[name] = world.person(district, role, f"{name}示例")
    recommenders.allot(played.call, actor=world.SYSTEM, at=AT)
    unit = world.unit(Organisation.Kind.ENTERPRISE, "示例孵化有限公司", region="420102", n=77)
    user = world.person(unit, Role.UNIT_ADMIN, "申报示例")
    made = season.draft(played, "claim", unit=unit, user=user, recommender=district)
    season.submit(made)
    played.filed.append(made)
    played.clock(3)
    played.district = district
    return played


played = kept.fixture(build)


def test_a_district_plans_holds_and_signs_its_own_visit(played):
    call, clerk = played.call, played.actor("clerk")
    assert queries.organises(call, played.district) and not queries.organises(call, None)
    team = [Member(played.cast.people[name]) for name in ("clerk", "head")]
    starts = working_day(-7)
    (visit,) = services.plan(
        call,
        [Proposal(played.again(0), starts, starts + timedelta(hours=2), "示例区孵化器")],
        team,
        organisation=played.district,
        prepare="",
        rest_days_agreed=True,
        actor=clerk,
        at=AT,
    )
    assert visit.title == "现场核查"
    with pytest.raises(Refusal) as missing:
        recommenders.recommend(played.again(0), actor=clerk, at=AT)
    assert missing.value.code == "visit-missing"
    from calls import services as calls

    calls.move_clock(call, to=starts + timedelta(hours=1), actor=played.actor("office"), at=AT)
    visit = Visit.objects.get(pk=visit.pk)
    typed = {
        "item-true": "yes",
        "item-match": "yes",
        "item-originals": "yes",
        "overall": "事项属实。",
    }
    seats = list(queries.counted_seats(visit).select_related("visit__call"))
    for seat in seats:
        services.declare(seat, actor=actor(seat), at=AT)
        services.submit_finding(
            seat, Typed.of(visit.sheet, typed), version=0, actor=actor(seat), at=AT
        )
    report = services.conclude(
        seats[0], result="pass", opinion="事项属实，予以通过。", actor=actor(seats[0]), at=AT
    )
    for seat in seats:
        services.sign(seat, shown=report.fingerprint, actor=actor(seat), at=AT)
    check = Check.objects.get()
    assert check.passed and check.people == "clerk示例、head示例"
    assert not StepRecord.objects.exists()
    recommenders.recommend(played.again(0), actor=clerk, at=AT)


def test_other_districts_and_the_ministry_do_not_see_it(played):
    starts = working_day(-7)
    (visit,) = services.plan(
        played.call,
        [Proposal(played.again(0), starts, starts + timedelta(hours=2), "示例区孵化器")],
        [Member(played.cast.people["clerk"])],
        organisation=played.district,
        prepare="",
        rest_days_agreed=True,
        actor=played.actor("clerk"),
        at=AT,
    )
    where = reverse("visits:visit", args=[visit.public_id])
    seen = {}
    for name in ("clerk", "office", "neighbour", "operator", "auditor"):
        client = Client()
        client.force_login(
            played.cast.people[name], backend="django.contrib.auth.backends.ModelBackend"
        )
        seen[name] = client.get(where).status_code
    assert seen == {
        "clerk": 200,
        "office": 404,
        "neighbour": 404,
        "operator": 404,
        "auditor": 200,
    }
