"""Two projects tested and scored, the better one awarded."""

import io
import zipfile

import pytest

from core.errors import Refusal
from documents.packages.work import Work
from honours import board
from honours.models import Project
from honours.services import awarding
from outcomes import services as outcomes
from outcomes.models import Stage
from outcomes.services import publishing
from testing import services as testing
from tests.testing import scene
from tests.world import AT


def build():
    """Two projects tested and scored, the better one awarded and announced."""
    played = scene.build("甲一", "乙二", mark=marked)
    for n, how in ((0, "over"), (1, "met")):
        scene.released(played, n, how=how)
        for key in ("application", "innovation", "benefit"):
            testing.score(
                played.task(n),
                criterion=key,
                figure=9 - n,
                source="office",
                reason="按评定会记录填写",
                actor=played.actor("office"),
                at=AT,
            )
    return played


def marked(name: str, text: str) -> str:
    return f"隐{text}" if "project.route" in name or "unit.contact" in name else text


def staged_award(played):
    """The first project wins, the second is passed over, both applied; the list is drafted."""
    call = played.season.call
    first = played.season.again(0)
    second = played.season.again(1)
    office, chief = played.actor("office"), played.actor("chief")
    awarding.select(call, [first.public_id], tier="winner", actor=office, at=AT)
    awarding.pass_over(call, [second.public_id], actor=office, at=AT)
    awarding.apply_together(
        call, shown=board.fingerprint_of(call), vacancies_confirmed=True, actor=chief, at=AT
    )
    return outcomes.draft(
        call,
        kind="announcement",
        stage=Stage.AWARD,
        title="示例揭榜优胜单位名单",
        basis="根据示例文号，现予公布。",
        actor=office,
        at=AT,
    )


def award(played):
    draft = staged_award(played)
    chief = played.actor("chief")
    return outcomes.announce(draft, shown=publishing.preview_hash(draft), actor=chief, at=AT)


def refused(act, *args, **more) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act(*args, **more)
    return caught.value


def built(build, package) -> zipfile.ZipFile:
    file = io.BytesIO()
    build(package, Work(file, at=AT, may_wait=False, report=lambda done, total: None))
    return zipfile.ZipFile(file)


def many(n: int) -> None:
    first = Project.objects.select_related("application").order_by("pk").first()
    source = first.application
    for number in range(n):
        application = type(source).objects.create(
            call=source.call,
            organisation=source.organisation,
            title=f"示例第{number}项",
            number=f"M-{number:06d}",
            status=source.status,
            version_number=1,
            submitted_at=AT,
            first_submitted_at=AT,
            created_at=AT,
            created_by=source.created_by,
            changed_at=AT,
        )
        Project.objects.create(
            application=application,
            call=first.call,
            programme_title=first.programme_title,
            year=2018 + number % 5,
            title=application.title,
            organisation=f"示例单位{number}",
            direction=f"方向{number % 17}",
            region=["110000", "430100", "440300", "610000"][number % 4],
            tier=first.tier,
            tier_title=first.tier_title,
            announcement=first.announcement,
            words=f"{application.title}\n示例单位{number}",
            since=first.since,
        )
