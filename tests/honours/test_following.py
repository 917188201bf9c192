"""What follows from lists: the register and its exclusion, certificates, the library, archives."""

import hashlib
import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from applications import exclusivity
from calls.models import Winner
from core.errors import Refusal
from documents import workbook
from documents.models import Document, Package
from documents.packages import services as packages
from documents.packages.work import Work
from honours import archive, board, certificatepack, shelf, winnerfile
from honours.models import ArchiveRequest, Certificate, CertificateChange, Project
from honours.services import archiving, awarding, certificates, winners
from outcomes import services as outcomes
from outcomes.models import Award, Publication, Stage
from outcomes.services import publishing
from testing import services as testing
from tests import kept, season, world
from tests.testing import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]


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


played = kept.fixture(build)


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


# The award with results ------------------------------------------------------------------------


def test_with_results_the_board_ranks_and_no_exception_is_needed(played):
    call = played.season.call
    place = next(one for one in board.places(call) if one.waiting)
    lines = board.lines(call, place.key)
    assert [line.rank for line in lines] == [1, 2]
    assert lines[1].gap > 0 and not lines[0].standing.missing
    award(played)
    won = Award.objects.get(outcome="win")
    assert won.exception == "" and won.standing["completion"]


# The register ----------------------------------------------------------------------------------


def test_a_winners_same_project_is_refused_in_the_next_round_and_another_of_its_unit_goes(played):
    award(played)
    first = played.season.again(0)
    winner = Winner.objects.get()
    assert winner.title == first.title
    again = world.open_call(code="next-round", at=AT)
    assert again.programme.applicants.exclude_winners
    from applications import services as applications

    who = {"organisation": first.organisation, "actor": world.actor(first.created_by), "at": AT}
    found = refused(applications.create, call=again, title=first.title, **who)
    assert "二（三）" in found.rule and "优胜" in found.message
    made = applications.create(call=again, title="同一单位的另一个全新课题", **who)
    assert made.pk
    # In its own round the project does not stand in its own way.
    assert not [one for one in exclusivity.clashes(first) if "优胜" in one.words]


def test_withdrawn_winners_may_file_again(played):
    publication = award(played)
    outcomes.withdraw(publication, reason="名单有误，另行公布", actor=played.actor("chief"), at=AT)
    first = played.season.again(0)
    again = world.open_call(code="next-round", at=AT)
    from applications import services as applications

    assert applications.create(
        call=again,
        organisation=first.organisation,
        title=first.title,
        actor=world.actor(first.created_by),
        at=AT,
    ).pk


def test_a_partner_of_the_winning_project_may_not_file_it_again_and_the_register_names_it(played):
    from applications import services as applications
    from applications.models import Participation

    first = played.season.again(0)
    partner = world.unit("enterprise", "示例合作单位有限公司", region="430100", n=6001)
    Participation.objects.create(
        application=first, code=partner.code, name=partner.name, lead=False
    )
    stranger = world.unit("enterprise", "示例旁观单位有限公司", region="430100", n=6002)
    award(played)
    again = world.open_call(code="next-round", at=AT)

    def file(unit, title):
        person = world.person(unit, Role.UNIT_ADMIN, f"申报示例{unit.pk}{len(title)}")
        return applications.create(
            call=again, organisation=unit, title=title, actor=world.actor(person), at=AT
        )

    found = refused(file, partner, first.title)
    assert found.code == "won-before" and "二（三）" in found.rule
    assert file(partner, "合作单位的另一个全新课题").pk, "the project is excluded, not the unit"
    assert file(stranger, first.title).pk, "who had no part in it is not kept out by a title"
    office = Client()
    office.force_login(played.season.cast.people["office"])
    page = office.get(reverse("honours:winners")).content.decode()
    assert "示例合作单位有限公司" in page
    book = load_workbook(io.BytesIO(office.get(reverse("honours:winners_sheet")).content))
    cells = [str(cell.value) for row in book.active.iter_rows() for cell in row]
    assert f"示例合作单位有限公司（{partner.code}）" in cells


def test_the_register_costs_the_same_queries_for_one_and_thirty(played):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    award(played)
    office = Client()
    office.force_login(played.season.cast.people["office"])

    def cost():
        office.get(reverse("honours:winners"))
        with CaptureQueriesContext(connection) as seen:
            assert office.get(reverse("honours:winners")).status_code == 200
        return len(seen)

    few = cost()
    for n in range(30):
        Winner.objects.create(
            round_title="往届示例",
            title=f"示例项目{n}",
            organisation_name="示例单位",
            entered_at=AT,
        )
    assert cost() == few


def test_earlier_winners_come_from_a_sheet_after_a_preview(played):
    rows = [
        ["2018年揭榜", "示例往届项目", "示例往届单位", "", "智能传感器", "2020-11-10", "示例文号"],
        ["2018年揭榜", "又一项目", "", "123", "", "昨天", ""],
    ]
    book = workbook.workbook("", [(head, 20) for head in winnerfile.COLUMNS], rows, page="优胜项目")
    lines = winnerfile.read(book, "往届.xlsx")
    assert not lines[0].faults
    assert set(lines[1].faults) == {
        "缺少单位名称",
        "统一社会信用代码有误",
        "公布日期应如 2019-03-20",
    }
    office = played.actor("office")
    assert refused(winners.load, lines, actor=office, at=AT).code == "faulty-lines"
    assert winners.load(lines[:1], actor=office, at=AT) == 1
    known = {lines[0].key}
    assert winnerfile.read(book, "往届.xlsx", known=known)[0].known
    row = Winner.objects.get()
    assert (
        refused(winners.strike, row, reason="录入有误需要更正", actor=office, at=AT).code
        == "approver-only"
    )
    winners.strike(row, reason="录入有误需要更正", actor=played.actor("chief"), at=AT)
    assert not Winner.objects.in_force().exists()


# Certificates ----------------------------------------------------------------------------------


def verify(certificate: Certificate) -> str:
    page = Client().get(reverse("documents:verify_code", args=[certificate.document.code]))
    return page.content.decode()


def test_a_certificate_is_drawn_verified_revoked_and_replaced_by_two_people(played):
    award(played)
    first = Certificate.objects.get()
    season.render(first.document)
    first.document.refresh_from_db()
    assert first.document.pages == 1
    assert first.number in verify(first)
    office, chief = played.actor("office"), played.actor("chief")
    why = {"reason": "单位更名，换发新证", "at": AT}
    asked = certificates.propose(first, kind="reissue", actor=chief, **why)
    assert (
        refused(certificates.decide, asked, approve=True, actor=chief, at=AT).code == "two-people"
    )
    assert (
        refused(certificates.decide, asked, approve=True, actor=office, at=AT).code
        == "approver-only"
    )
    certificates.decide(asked, approve=False, actor=chief, at=AT)
    asked = certificates.propose(first, kind="reissue", actor=office, **why)
    certificates.decide(asked, approve=True, actor=chief, at=AT)
    first.refresh_from_db()
    second = Certificate.objects.get(state="valid")
    assert first.state == "replaced" and first.replaced_by == second
    assert second.number.endswith("0002")
    assert "作废" in verify(first) and "单位更名" in verify(first)
    assert "作废" not in verify(second)
    asked = certificates.propose(second, kind="revoke", actor=office, **why)
    certificates.decide(asked, approve=True, actor=chief, at=AT)
    assert not Certificate.objects.filter(state="valid").exists()
    assert "作废" in verify(Certificate.objects.get(pk=second.pk))


def test_when_a_replacement_fails_half_way_the_old_certificate_stands(played, monkeypatch):
    award(played)
    first = Certificate.objects.get()
    asked = certificates.propose(
        first, kind="reissue", reason="单位更名，换发新证", actor=played.actor("office"), at=AT
    )

    def fails(*args, **kwargs):
        raise RuntimeError("half way")

    monkeypatch.setattr("honours.services.certificates.letters.certificate_ended", fails)
    with pytest.raises(RuntimeError):
        certificates.decide(asked, approve=True, actor=played.actor("chief"), at=AT)
    first.refresh_from_db()
    assert first.state == "valid" and Certificate.objects.count() == 1
    assert CertificateChange.objects.get().state == "pending"
    assert Document.objects.get(pk=first.document_id).voided_at is None


def test_the_certificates_of_a_call_are_packed_for_the_office(played):
    award(played)
    season.render(Certificate.objects.get().document)
    package = Package(
        kind=certificatepack.KIND,
        title="证书",
        subject=f"calls.call:{played.season.call.pk}",
        options={},
    )
    names = built(certificatepack.build, package).namelist()
    assert "证书清单.xlsx" in names and any(name.endswith(".pdf") for name in names)


def built(build, package) -> zipfile.ZipFile:
    file = io.BytesIO()
    build(package, Work(file, at=AT, may_wait=False, report=lambda done, total: None))
    return zipfile.ZipFile(file)


# The library -----------------------------------------------------------------------------------


def test_nothing_is_visible_a_second_before_the_publication_and_everything_after(played):
    project = Project.objects.order_by("pk").first()
    before = project.since - timedelta(seconds=1)
    assert not shelf.found(before, shelf.Wanted()).exists()
    assert shelf.found(project.since, shelf.Wanted()).count() == 2
    award(played)
    Project.objects.filter(award_list__isnull=False).update(
        award_since=project.since + timedelta(days=1)
    )
    won = shelf.found(project.since + timedelta(days=1), shelf.Wanted())
    assert [one.result for one in won.filter(won=True)] == ["揭榜优胜单位"]
    early = shelf.found(project.since + timedelta(days=1, microseconds=-1), shelf.Wanted())
    assert not early.filter(won=True).exists()
    assert {one.result for one in early} == {"入围揭榜单位"}


def library(monkeypatch, path="", **asked):
    return Client().get(reverse(f"library:{path or 'index'}"), asked)


def test_the_library_shows_public_fields_only_on_page_sheet_and_json(played, monkeypatch):
    award(played)
    project = Project.objects.get(award_list__isnull=False)
    labels = [one["label"] for one in project.fields]
    assert "项目简介" in labels
    for hidden in ("联系人", "技术方案", "总投资", "单位全称"):
        assert hidden not in " ".join(labels)
    assert project.indicators == [], "the file does not open its indicators"
    page = Client().get(project.get_absolute_url()).content.decode()
    assert "揭榜优胜单位" in page and "项目简介" in page
    answer = library(monkeypatch, "data")
    data = answer.json()
    assert (
        answer["Cache-Control"] == "max-age=60, public" or "max-age=60" in answer["Cache-Control"]
    )
    assert data["schema"] == "jiebang.library/1" and data["count"] == 2
    for text in (page, json.dumps(data, ensure_ascii=False), library(monkeypatch).content.decode()):
        assert "隐" not in text
        assert project.application.number not in text


def test_an_unpublished_or_withdrawn_project_is_not_there(played):
    project = Project.objects.order_by("pk").first()
    assert Client().get(project.get_absolute_url()).status_code == 200
    outcomes.withdraw(
        Publication.objects.get(), reason="名单有误，另行公布", actor=played.actor("chief"), at=AT
    )
    assert Client().get(project.get_absolute_url()).status_code == 404
    assert library(None, "data").json()["count"] == 0


def test_search_takes_two_characters_and_filters_narrow(played):
    first = Project.objects.order_by("pk").first()
    hit = library(None, q=first.title[:6])
    assert first.title in hit.content.decode()
    one = library(None, q=first.title[0]).content.decode()
    assert "只有一个字" in one
    assert library(None, "data", q="绝无此词").json()["count"] == 0
    assert library(None, "data", year=str(first.year)).json()["count"] == 2
    assert library(None, "data", year="1999").json()["count"] == 0
    assert library(None, "data", direction=first.direction).json()["count"] == 2
    province = f"{first.region[:2]}0000"
    assert library(None, "data", region=province).json()["count"] >= 1
    assert library(None, "data", region="990000").json()["count"] == 2, "unknown is no filter"
    assert library(None, "data", state="done").json()["count"] == 2
    assert library(None, "data", state="over").json()["count"] == 0


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


def test_the_library_costs_the_same_queries_for_two_and_a_thousand(played):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(path):
        library(None, path)
        with CaptureQueriesContext(connection) as seen:
            assert library(None, path).status_code == 200
        return len(seen)

    few = {path: cost(path) for path in ("", "data", "sheet")}
    many(1000)
    assert {path: cost(path) for path in few} == few
    assert few[""] <= 6
    assert library(None, "data").json()["count"] == 1002


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
