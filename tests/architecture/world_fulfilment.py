"""The company's task in the world `years`: a plan, a report, a draft, a change, papers."""

from typing import TYPE_CHECKING

from documents.models import Document
from fulfilment import services
from fulfilment.models import (
    Acceptance,
    Cosignature,
    Deliberation,
    Dispatch,
    Recognition,
    Task,
    TaskBook,
)
from tests.applications.filling import pdf
from tests.world import AT

if TYPE_CHECKING:
    from tests.architecture.canaries import World

ARGUMENTS: dict[str, str] = {
    "fulfilment:of_application public_id": "own",
    **{
        f"fulfilment:{one} number": "first_version"
        for one in ("plan_version", "decide_plan", "report_version", "report_paper")
    },
    **{
        f"fulfilment:{one} public_id": "own_report"
        for one in ("report_version", "report_paper", "decide_report")
    },
    **{f"fulfilment:{one} public_id": "own_final" for one in ("report", "autosave", "attach")},
    **{f"fulfilment:{one} public_id": "report_file" for one in ("file", "remove_file")},
    **{
        f"fulfilment:{one} public_id": "own_change"
        for one in ("change", "act_on_change", "attach_to_change")
    },
    "fulfilment:decide_acceptance public_id": "own_acceptance",
    "fulfilment:attach_to_acceptance public_id": "own_acceptance",
    "fulfilment:recognition public_id": "own_recognition",
    "fulfilment:recognition_paper public_id": "own_recognition",
    "fulfilment:deliberation public_id": "deliberation",
    "fulfilment:sign public_id": "deliberation",
    **{
        f"fulfilment:{one} public_id": "dispatch"
        for one in ("dispatch", "sign_dispatch", "dispatch_paper")
    },
}


def step(made: "World") -> None:
    played, mark = made.season, made.canaries.mark
    cast = played.cast
    task = Task.objects.select_related("application__call").get(application=played.filed[0])
    admin, office = cast.actor("admin"), cast.actor("office")
    own = {"actor": admin, "at": AT}
    services.save_plan(
        task,
        finish_on=task.due_on,
        approach=mark("task.plan", "先样机后量产"),
        milestones=[
            {
                "title": mark("task.plan", "样机"),
                "due_on": task.due_on,
                "deliverable": mark("task.plan", "报告"),
                "targets": [],
            }
        ],
        operators={one.key: "ge" for one in task.targets.all() if one.is_own},
        **own,
    )
    plan = services.submit_plan(task, **own)
    services.decide_plan(
        plan, accept=True, comment=mark("task.opinion", "同意"), actor=office, at=AT
    )
    report = task.reports.get(kind="periodic", number=1)
    file = services.attach(
        report, name=mark("task.file", "检测报告.pdf"), data=pdf(1, mark="task"), **own
    )
    posted = {
        "progress": mark("task.report", "样机完成"),
        "next": mark("task.report", "试制"),
        **{f"value-{one.key}": "9" for one in task.targets.all()},
    }
    services.save_report(report, posted=posted, version=0, **own)
    version = services.submit_report(report, key="k1", **own)
    final = task.reports.get(kind="final")
    services.save_report(
        final, posted={"progress": mark("task.draft", "尚未完成")}, version=0, **own
    )
    change = services.ask_change(
        task,
        kind="lead",
        after=mark("task.change", "新负责人"),
        reason=mark("task.change", "原负责人退休，由副职接任"),
        **own,
    )
    made.arguments |= {
        "own_task": task.public_id,
        "first_version": 1,
        "own_report": report.public_id,
        "own_final": final.public_id,
        "report_file": file.public_id,
        "own_change": change.public_id,
        **_papers(made, task, plan, version.document),
    }


def _papers(made: "World", task: Task, plan, document: Document) -> dict[str, object]:
    """What the way with 任务书, 验收 and 认定 leaves behind; this programme has no such steps."""
    people, mark = made.season.cast.people, made.canaries.mark
    TaskBook.objects.create(
        task=task, plan=plan, number="T-RWS-0001", document=document, made_at=AT
    )
    acceptance = Acceptance.objects.create(
        task=task,
        held_on=task.starts_on,
        place="现场",
        experts=[{"name": mark("task.expert", "专家"), "unit": ""}],
        opinion=mark("task.acceptance", "材料不齐"),
        result="fail",
        state="refused",
        proposed_by=people["office"],
        proposed_at=AT,
        approved_by=people["chief"],
        decided_at=AT,
        note="重新组织",
    )
    recognition = Recognition.objects.create(
        task=task,
        title="示例平台",
        number="示例〔2022〕9号",
        recognised_on=task.starts_on,
        document=document,
        proposed_by=people["office"],
        approved_by=people["chief"],
        approved_at=AT,
    )
    held = Deliberation.objects.create(
        call=task.application.call,
        rows=[],
        fingerprint="0" * 64,
        meeting="示例会议",
        held_on=task.starts_on,
        minutes=mark("deliberation.minutes", "审议通过"),
        opened_by=people["office"],
        opened_at=AT,
    )
    Cosignature.objects.create(
        deliberation=held, order=1, office="示例", organisation=made.season.cast.office
    )
    letter = Dispatch.objects.create(
        publication=task.publication,
        title="关于下达立项的通知",
        mark="示",
        paragraphs=[mark("dispatch.text", "现予下达")],
        state="issued",
        fingerprint="0" * 64,
        proposed_by=people["office"],
        proposed_at=AT,
        approved_by=people["chief"],
        issued_at=AT,
        series="dispatch:示:2026",
        serial=1,
        number="示〔2026〕1号",
        document=document,
    )
    return {
        "dispatch": letter.public_id,
        "own_acceptance": acceptance.public_id,
        "own_recognition": recognition.public_id,
        "deliberation": held.public_id,
    }
