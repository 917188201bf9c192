"""Visits half way leave nothing, and what was tampered with is found."""

from datetime import timedelta

import pytest

from notifications.models import Message
from outcomes.models import StepRecord
from portal import invariants
from reviews.models import Conflict
from reviews.services import elsewhere
from tests import kept
from tests.visits import scene
from tests.visits.scene import actor, add
from tests.world import AT
from visits import services
from visits.models import Finding, HeldSlot, Photo, Report, Seat, Signature, Visit
from visits.services import filling

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
made = kept.fixture(scene.build)


# Half way --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("visits.services.planning.letters", "to_team"),
        ("visits.services.planning.audit", "record"),
        ("visits.services.planning.team", "hold"),
    ],
)
def test_a_plan_that_fails_half_way_leaves_nothing(made, monkeypatch, where, name):
    _breaks(monkeypatch, where, name)
    counted = (Visit.objects.count(), Seat.objects.count(), Message.objects.count())
    with pytest.raises(RuntimeError):
        made.plan(0)
    assert counted == (Visit.objects.count(), Seat.objects.count(), Message.objects.count())


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ("visits.services.concluding.audit", "record"),
        ("visits.services.concluding.documents", "request_document"),
        ("outcomes.receivers.recording", "from_visit"),
    ],
)
def test_the_last_signature_that_fails_half_way_leaves_nothing(
    made, visit, monkeypatch, where, name
):
    made.found(visit)
    report = made.concluded(visit)
    lead, other = made.seats(visit)
    services.sign(lead, shown=report.fingerprint, actor=actor(lead), at=AT)
    _breaks(monkeypatch, where, name)
    with pytest.raises(RuntimeError):
        services.sign(other, shown=report.fingerprint, actor=actor(other), at=AT)
    visit.refresh_from_db()
    assert visit.state == "concluded"
    assert Signature.objects.count() == 1 and not StepRecord.objects.exists()


@pytest.mark.parametrize("act", ["conclude", "recuse", "change", "cancel", "photo", "submit"])
def test_each_act_that_cannot_be_audited_leaves_nothing(made, visit, monkeypatch, act):
    made.found(visit)
    lead = made.seats(visit)[0]
    before = _picture()
    for module in ("concluding", "filling", "planning", "photos", "team"):
        _breaks(monkeypatch, f"visits.services.{module}.audit", "record")
    more = {"actor": actor(lead), "at": AT}
    acts = {
        "conclude": lambda: made.concluded(visit),
        "recuse": lambda: services.recuse(lead, reason="其实有合作", **more),
        "change": lambda: services.change(
            visit, starts_at=visit.starts_at + timedelta(days=40),
            ends_at=visit.ends_at + timedelta(days=40), place="他处", prepare="",
            reason="另行安排", rest_days_agreed=True, actor=made.office, at=AT,
        ),
        "cancel": lambda: services.cancel(visit, reason="不再需要", actor=made.office, at=AT),
        "photo": lambda: add(lead),
        "submit": lambda: filling.take_back(lead, **more),
    }  # fmt: skip
    with pytest.raises(RuntimeError):
        acts[act]()
    assert _picture() == before


def _picture():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Visit, Seat, Finding, Photo, Report, Conflict, Message)
    ]


def _breaks(monkeypatch, where, name):
    from importlib import import_module

    module, _, holder = where.rpartition(".")

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr(getattr(import_module(module), holder), name, fails)


# Whether the data holds -------------------------------------------------------------------------


def _rules():
    return {
        one.subject.partition(":")[0] for one in invariants.run(leave_out=invariants.READS_FILES)
    }


@pytest.mark.parametrize(
    ("subject", "tamper"),
    [
        ("visits.report", lambda: Report.objects.update(opinion="改过", snapshot={"team": []})),
        (
            "visits.signature",
            lambda: Signature.objects.filter(pk=Signature.objects.first().pk).update(
                fingerprint="0" * 64
            ),
        ),
        ("visits.visit", lambda: Signature.objects.first().delete()),
        ("visits.seat", lambda: HeldSlot.objects.first().delete()),
        ("outcomes.steprecord", lambda: StepRecord.objects.update(visit="nowhere")),
    ],
)
def test_tampering_with_a_finished_visit_is_found(made, subject, tamper):
    made.done()
    assert not {one for one in _rules() if one.startswith(("visits", "outcomes"))}
    tamper()
    assert subject in _rules()


def test_a_member_who_signed_in_conflict_is_found(made):
    made.done()
    elsewhere.bar(
        made.experts[1],
        made.application(0),
        reason="早已知情",
        actor=made.office,
        at=AT - timedelta(hours=1),
    )
    assert "visits.signature" in _rules()
