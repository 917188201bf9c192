"""Archives of a project and of a call, and whether what follows from lists holds."""

import hashlib
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command

from calls.models import Winner
from documents.models import Document, Package
from documents.packages import services as packages
from honours import archive
from honours.models import ArchiveRequest, Project
from honours.services import archiving
from tests import kept, season
from tests.honours.scene import award, build, built, refused
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(build)


# Archives --------------------------------------------------------------------------------------


def project_package(played, n=0, *, own: bool) -> Package:
    application = played.season.again(n)
    return Package(
        kind=archive.PROJECT_KIND,
        title="归档包",
        subject=f"applications.application:{application.pk}",
        options={"own": own, "evidence": True},
        organisation=application.organisation,
    )


def test_a_projects_archive_opens_offline_and_its_manifest_is_true(played, tmp_path):
    award(played)
    book = built(archive.PROJECT.build, project_package(played, own=False))
    names = book.namelist()
    assert {"index.html", "manifest.sha256", "核验说明.txt", "总表.xlsx"} <= set(names)
    page = book.read("index.html").decode()
    assert "<script" not in page and "http://" not in page and "https://" not in page
    wanted = dict(
        reversed(line.split("  ", 1)) for line in book.read("manifest.sha256").decode().splitlines()
    )
    assert set(wanted) == set(names) - {"manifest.sha256"}
    for name, digest in wanted.items():
        assert hashlib.sha256(book.read(name)).hexdigest() == digest
    record = json.loads(book.read("数据/项目.json"))
    assert {"遴选", "优胜", "优胜登记", "证书"} <= {one["stage"] for one in record["decisions"]}
    assert record["results"] and record["trail"] and record["targets"]
    path = tmp_path / "archive.zip"
    path.write_bytes(book.fp.getvalue())
    call_command("verify_archive", str(path))
    with zipfile.ZipFile(path, "a") as more:
        more.writestr("夹带.txt", "x")
    with pytest.raises(CommandError, match="多出：夹带"):
        call_command("verify_archive", str(path))


def test_the_units_archive_holds_no_score_no_reason_and_nothing_of_others(played):
    award(played)
    first, second = played.season.again(0), played.season.again(1)
    book = built(archive.PROJECT.build, project_package(played, own=True))
    record = json.loads(book.read("数据/项目.json"))
    assert record["results"] == [] and record["objections"] == []
    assert record["decisions"] and all("reason" not in one for one in record["decisions"])
    assert all(one["role"] in ("unit_admin", "editor", "viewer") for one in record["trail"])
    text = b"".join(book.read(n) for n in book.namelist() if n.endswith((".json", ".html")))
    assert second.title not in text.decode() and second.number not in text.decode()
    assert first.title in text.decode()
    held = world_membership(first)
    assert archive.PROJECT.allowed(project_package(played, own=True), held)
    assert not archive.PROJECT.allowed(project_package(played, own=False), held)
    assert not archive.PROJECT.allowed(project_package(played, 1, own=True), held)


def world_membership(application):
    from accounts.models import Membership

    return Membership.objects.get(user=application.created_by)


def test_the_archive_of_a_call_needs_a_second_person_and_whoever_asked_packs_it(played):
    from accounts.models import Membership

    call = played.season.call
    office, chief = played.actor("office"), played.actor("chief")
    acting = Membership.objects.get(user=played.season.cast.people["office"])
    asked = archiving.ask(call, reason="年度归档留存", evidence=False, actor=office, at=AT)
    more = {"acting": acting, "at": AT}
    assert refused(archiving.pack, asked, actor=office, **more).code == "not-approved"
    assert refused(archiving.decide, asked, approve=True, actor=office, at=AT).code == (
        "approver-only"
    )
    asked = archiving.decide(asked, approve=True, actor=chief, at=AT)
    assert refused(archiving.pack, asked, actor=chief, **more).code == "not-yours"
    package = archiving.pack(asked, actor=office, **more)
    assert packages.build_waiting(at=AT + packages.WAIT_AT_MOST + timedelta(seconds=1)) == 1
    package.refresh_from_db()
    assert package.state == "ready", (package.error, package.fault)
    ArchiveRequest.objects.filter(pk=asked.pk).update(state="refused")
    assert not archive.CALL.allowed(package, acting), "taken back, it is closed at once"


def test_an_archive_request_by_one_person_is_refused_by_the_database(played):
    from django.db import IntegrityError, transaction

    asked = archiving.ask(
        played.season.call,
        reason="年度归档留存",
        evidence=False,
        actor=played.actor("chief"),
        at=AT,
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        ArchiveRequest.objects.filter(pk=asked.pk).update(
            state="approved", approved_by=asked.proposed_by, approved_at=AT
        )


# The promises ----------------------------------------------------------------------------------


def problems() -> set[str]:
    from portal import invariants

    return {problem.text for problem in invariants.run()}


def test_check_invariants_is_silent_and_finds_what_is_tampered_with(played):
    publication = award(played)
    season.render()
    assert not problems()
    winner = Winner.objects.get()
    Winner.objects.filter(pk=winner.pk).update(project="")
    assert "已公布的优胜没有登记" in problems()
    Winner.objects.filter(pk=winner.pk).update(project=winner.project)
    Project.objects.filter(award_list=publication).update(
        award_tier="", award_list=None, award_since=None
    )
    assert "项目库的优胜与公布的名单不符" in problems()
    Document.objects.filter(kind="certificate").update(voided_at=AT, void_reason="试")
    assert "证书有效而文件已作废" in problems()
