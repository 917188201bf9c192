"""Each act of testing that fails half way leaves nothing behind."""

import pytest

from audit.models import Entry
from documents.models import Counter, Document
from notifications.models import Message
from testing import services
from testing.agencyfile import Entry as AgencyEntry
from testing.models import (
    Agency,
    AwardScore,
    Commission,
    Dispute,
    Evidence,
    Result,
    ResultRow,
    ScanPart,
    SealedReport,
    Tie,
)
from testing.services import disputing, measuring, reporting
from testing.services.measuring import Typed
from tests import kept, world
from tests.halfway import AUDIT, LETTER, PAPER, leaves_nothing, rows_of
from tests.testing import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(scene.build)
TABLES = (
    Agency,
    AwardScore,
    Commission,
    Counter,
    Dispute,
    Document,
    Entry,
    Evidence,
    Message,
    Result,
    ResultRow,
    ScanPart,
    SealedReport,
    Tie,
)


def _propose(s):
    return lambda: scene.propose(s)


def _approve(s):
    made = scene.propose(s)
    return lambda: services.approve([made], actor=s.actor("chief"), at=AT)


def _two_at_once(s):
    """The second of two is barred: the first is not approved either."""
    one, other = scene.propose(s, 0), scene.propose(s, 1)
    return lambda: services.approve([one, other], actor=s.actor("chief"), at=AT)


def _accept(s):
    made = scene.offered(s)
    return lambda: services.accept(made, actor=s.tester(), at=AT)


def _replace(s):
    result = scene.accepted(s)
    return lambda: services.replace(
        scene.again(result.commission),
        agency=s.agencies[1],
        due=scene.due(s),
        reason="仪器故障无法按期",
        actor=s.actor("office"),
        at=AT,
    )


def _sample(s):
    commission = scene.again(scene.offered(s))
    unit = world.actor(scene.unit_person(s))
    return lambda: services.declare_sample(
        commission, name="样品", model="", version="1", actor=unit, at=AT
    )


def _save(s):
    result = scene.accepted(s)
    row = result.rows.first()
    return lambda: services.save(
        result, Typed(rows={row.pk: {"method": "新"}}), version=0, actor=s.tester(), at=AT
    )


def _submit(s):
    result = scene.filled(s, scene.accepted(s))
    return lambda: reporting.submit(result, version=result.version, actor=s.tester(), at=AT)


def _approve_result(s):
    result = scene.filled(s, scene.accepted(s))
    result = reporting.submit(result, version=result.version, actor=s.tester(), at=AT)
    return lambda: reporting.approve(
        result, version=result.version, actor=s.tester(0, second=True), at=AT
    )


def _send_back(s):
    result = scene.approved(s, scene.accepted(s))
    return lambda: reporting.send_back(result, reason="单位写错", actor=s.tester(), at=AT)


def _release(s):
    result = scene.sealed(s, scene.accepted(s))
    return lambda: services.release([result], actor=s.actor("chief"), at=AT)


def _dispute(s):
    result = scene.released(s)
    return lambda: scene.disputed(s, result)


def _retest(s):
    dispute = scene.disputed(s, scene.released(s))
    disputing.propose(
        dispute,
        ruling="retest",
        finding="同意另行复测有异议的指标",
        agency=s.agencies[1],
        due=scene.due(s),
        actor=s.actor("office"),
        at=AT,
    )
    return lambda: disputing.approve(dispute, actor=s.actor("chief"), at=AT)


def _add(s):
    entry = AgencyEntry(name="示例新机构", email="new@example.org", contact="新")
    return lambda: services.add(entry, actor=s.actor("office"), at=AT)


def _tie(s):
    return lambda: services.declare(
        s.agencies[0], name="甲", reason="参股关系", actor=s.tester(), at=AT
    )


def _remove(s):
    result = scene.accepted(s)
    from tests.applications.filling import pdf

    file = services.attach(result, data=pdf(1, mark="e"), name="记录.pdf", actor=s.tester(), at=AT)
    return lambda: measuring.remove(file, actor=s.tester(), at=AT)


ACTS = [
    (_propose, AUDIT),
    (_propose, LETTER),
    (_approve, AUDIT),
    (_approve, LETTER),
    (_two_at_once, LETTER),
    (_accept, AUDIT),
    (_replace, AUDIT),
    (_replace, LETTER),
    (_sample, LETTER),
    (_save, AUDIT),
    (_submit, LETTER),
    (_approve_result, PAPER),
    (_approve_result, AUDIT),
    (_send_back, LETTER),
    (_release, AUDIT),
    (_release, LETTER),
    (_dispute, LETTER),
    (_retest, LETTER),
    (_add, AUDIT),
    (_tie, LETTER),
    (_remove, AUDIT),
]


@pytest.mark.parametrize(("prepare", "breaks"), ACTS, ids=lambda one: getattr(one, "__name__", one))
def test_an_act_that_fails_half_way_leaves_nothing_and_can_be_done_again(
    played, monkeypatch, prepare, breaks
):
    leaves_nothing(prepare(played), breaks, lambda: rows_of(TABLES), monkeypatch)
