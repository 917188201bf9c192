"""What follows from lists: the register and its exclusion, and the library."""

import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.roles import Role
from applications import exclusivity
from calls.models import Winner
from documents import workbook
from honours import board, shelf, winnerfile
from honours.models import Project
from honours.services import winners
from outcomes import services as outcomes
from outcomes.models import Award, Publication
from tests import kept, world
from tests.honours.scene import award, build, many, refused
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
played = kept.fixture(build)


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
