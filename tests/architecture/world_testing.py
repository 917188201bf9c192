"""The world `testing`: the company's result is released and disputed, its retest is under way.

`tester` measured it; `other_tester` retests what is disputed and has not sent it in yet.
"""

from documents.models import Blob
from fulfilment.models import Target
from fulfilment.services import moving
from testing import services
from testing.models import Agency, Commission, Evidence, Result
from testing.services import disputing
from testing.services.measuring import Typed
from tests.architecture import matrix_world
from tests.architecture.canaries import World
from tests.architecture.world_years import own_task
from tests.testing import scene
from tests.testing.scene import Scene
from tests.world import AT


def build() -> World:
    made = matrix_world.build("decision")
    made.name = "testing"
    played = Scene(made.season, mark=plain)
    people, mark = made.season.cast.people, made.canaries.mark
    Target.objects.filter(kind="number", operator="").update(operator="ge")
    moving.advance(own_task(made), "complete", actor=played.actor("office"), at=AT)
    for n, name in enumerate(("tester", "other_tester")):
        played.agencies.append(_agency(made, name))
        people[f"tester{n}"] = people[f"tester{n}b"] = people[name]
    tie = services.declare(
        played.agencies[0],
        name="示例无关有限公司",
        reason=mark("testing.tie", "曾合作研发"),
        actor=played.tester(),
        at=AT,
    )
    played.mark = lambda name, text: mark(f"testing.{name}", text)
    result = scene.accepted(played)
    evidence = _evidence(result, played)
    result = scene.sealed(played, result)
    (result,) = services.release([result], actor=played.actor("chief"), at=AT)
    dispute = scene.disputed(played, result)
    disputing.propose(
        dispute,
        ruling="retest",
        finding="同意另行复测有异议的指标，由另一机构承担",
        agency=played.agencies[1],
        due=scene.due(played),
        actor=played.actor("office"),
        at=AT,
    )
    dispute = disputing.approve(dispute, actor=played.actor("chief"), at=AT)
    _retest(played, dispute.retest, mark("testing.unreleased", "未发布的方法"))
    made.arguments |= {
        "test_agency": played.agencies[0].pk,
        "test_tie": tie.pk,
        "test_item": result.commission.public_id,
        "test_result": result.public_id,
        "test_dispute": dispute.public_id,
        "test_evidence": evidence.public_id,
        "test_scan": result.scans.get().public_id,
        "own_task": own_task(made).public_id,
    }
    return made


def plain(name: str, text: str) -> str:
    return text


def _agency(made: World, name: str) -> Agency:
    person = made.season.cast.people[name]
    return Agency.objects.create(
        organisation=person.memberships.get().organisation,
        accreditation=made.canaries.mark("testing.accreditation", "示例编号"),
        added_by=made.season.cast.people["office"],
        added_at=AT,
    )


def _evidence(result: Result, played: Scene) -> Evidence:
    blob = Blob.objects.filter(media_type="application/pdf").order_by("pk")[0]
    return Evidence.objects.create(
        result=result,
        blob=blob,
        name=played.mark("evidence", "记录") + ".pdf",
        pages=1,
        uploaded_by=played.season.cast.people["tester"],
        uploaded_at=AT,
    )


def _retest(played: Scene, commission: Commission, method: str) -> None:
    """Accepted by the other agency, and half written down."""
    result = services.accept(commission, actor=played.tester(1), at=AT)
    row = result.rows.select_related("target").get()
    typed = Typed(rows={row.pk: {"measured": scene.value_for(row), "method": method}})
    services.save(result, typed, version=0, actor=played.tester(1), at=AT)


ARGUMENTS: dict[str, str] = {
    "testing:evidence_file file": "test_evidence",
    "testing:evidence_page file": "test_evidence",
    "testing:remove_file file": "test_evidence",
    "scan": "test_scan",
    **{
        f"testing:agency{one} pk": "test_agency"
        for one in ("", "_edit", "_verify", "_state", "_invite", "_end_person", "_tie", "_end_tie")
    },
}
PREFIXES = {
    "testing:my_task": "own_task",
    "testing:declare_sample": "own_task",
    "testing:my_result": "test_result",
    "testing:raise_dispute": "test_result",
    "testing:sealed_report": "test_result",
    "testing:dispute": "test_dispute",
    "testing:rule": "test_dispute",
    "testing:approve_ruling": "test_dispute",
    "testing:": "test_item",
}
