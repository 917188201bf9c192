"""The award of the world `years`: one winner with its certificate, requests that wait, an archive.

The company's task is still under way: its award was given with a reason. What is staged, asked and
drafted stands beside what is announced, so that every page has something to show.
"""

from typing import TYPE_CHECKING

from calls.models import Winner
from honours import board
from honours.models import ArchiveRequest, Certificate, CertificateChange, Project
from honours.services import awarding
from outcomes import services as outcomes
from outcomes.models import SlotRequest, Stage
from outcomes.services import publishing
from tests.world import AT

if TYPE_CHECKING:
    from tests.architecture.canaries import World

ARGUMENTS: dict[str, str] = {
    "honours:decide_request pk": "award_request",
    "honours:revoke public_id": "own",
    "honours:decide_archive pk": "archive_request",
    "honours:pack_archive pk": "archive_request",
    "honours:project_archive public_id": "own",
    "honours:decide_change pk": "certificate_change",
    "honours:strike_winner pk": "old_winner",
    "library:project public_id": "public_project",
}
PREFIXES: dict[str, str] = {"honours:certificate": "certificate"}


def step(made: "World") -> None:
    played, mark = made.season, made.canaries.mark
    own = played.again(0)
    office, chief = played.actor("office"), played.actor("chief")
    why = mark("award.reason", "指标全部完成，测评报告尚在送达途中，专家组一致同意")
    awarding.select(
        played.call,
        [own.public_id],
        tier="winner",
        reason=mark("award.reason", "攻关成效突出"),
        exception=why,
        actor=office,
        at=AT,
    )
    awarding.apply_together(
        played.call,
        shown=board.fingerprint_of(played.call),
        vacancies_confirmed=True,
        actor=chief,
        at=AT,
    )
    draft = outcomes.draft(
        played.call,
        kind="announcement",
        stage=Stage.AWARD,
        title="示例揭榜优胜单位名单",
        basis=mark("published.basis", "根据示例文号，现予公布。"),
        actor=office,
        at=AT,
    )
    outcomes.announce(draft, shown=publishing.preview_hash(draft), actor=chief, at=AT)
    certificate = Certificate.objects.get(application=own)
    asked = ArchiveRequest.objects.create(
        call=played.call,
        reason=mark("archive.reason", "年度归档"),
        proposed_by=played.cast.people["office"],
        proposed_at=AT,
    )
    more = SlotRequest.objects.create(
        application=own,
        tier="winner",
        reason=mark("award.reason", "第三第四名并列"),
        proposed_by=played.cast.people["office"],
        proposed_at=AT,
    )
    change = CertificateChange.objects.create(
        certificate=certificate,
        kind="reissue",
        reason=mark("award.reason", "单位更名"),
        proposed_by=played.cast.people["office"],
        proposed_at=AT,
    )
    old = Winner.objects.create(
        round_title="示例往届",
        title=mark("winner.old", "往届示例项目"),
        organisation_name="示例往届单位",
        entered_by=played.cast.people["office"],
    )
    made.arguments |= {
        "award_request": more.pk,
        "archive_request": asked.pk,
        "certificate": certificate.public_id,
        "certificate_change": change.pk,
        "old_winner": old.pk,
        "public_project": Project.objects.get(application=own).public_id,
    }
