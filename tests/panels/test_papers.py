"""The papers of a meeting as they are downloaded: who may take them, when, and what they say."""

import io

import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from documents import services as documents
from panels import minutes, queries, services
from tests import kept, world
from tests.panels import scene
from tests.world import AT

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_files")]
NOTES = "指标先进，建议补充数据。"
PAPERS = {"minutes_pdf": "会议纪要", "signatures_pdf": "签到与签字表"}


@pytest.fixture(autouse=True)
def _moment():
    import time_machine

    with time_machine.travel(AT, tick=False):
        yield


def build():
    """A closed meeting: one item voted on with a member out of the room, one score changed."""
    made = scene.build(start=True)
    made.bar(1, 0)
    made.call_up(0)
    services.write_notes(made.item(0), NOTES, version=0, actor=made.office, at=AT)
    here = (0, 2, 3)
    scored = made.item(0).entry.application_id
    made.rescore(next(n for n in here if queries.review_of(made.member(n), scored)), 0, 9)
    made.open_vote(0)
    for expert in here:
        made.vote(expert, 0)
    made.conclude(0)
    made.close()
    return made


closed = kept.fixture(build)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def at(name: str, made) -> str:
    return reverse(f"panels:{name}", args=[made.meeting.public_id])


def people(made) -> dict[str, object]:
    """In every relation to the meeting: who, and the status of the papers for them."""
    cast = made.scene.cast
    lead = world.person(made.scene.experts[0].pool, Role.PANEL_LEAD, "评审组长示例")
    return {
        "office": (cast.people["office"], 200),
        "chief": (cast.people["chief"], 200),
        "auditor": (cast.people["auditor"], 200),
        "chair": (made.scene.user(0), 403),
        "member": (made.scene.user(2), 403),
        "barred member": (made.scene.user(1), 403),
        "expert who is no member": (made.scene.user(4), 403),
        "lead of the pool": (lead, 403),
        "recommender": (cast.people["operator"], 404),
        "applicant": (cast.people["admin"], 403),
    }


def words_of(data: bytes) -> str:
    document = pypdfium2.PdfDocument(data)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return "".join("".join(pages).split())


@pytest.mark.parametrize("paper", PAPERS)
def test_only_the_organiser_and_the_auditor_download_a_paper(closed, paper):
    documents.render_waiting(at=AT)
    assert Client().get(at(paper, closed)).status_code == 302
    for name, (user, status) in people(closed).items():
        answer = client_of(user).get(at(paper, closed))
        assert answer.status_code == status, name
        if status == 200:
            assert answer["Content-Type"] == "application/pdf"
            assert answer.content[:5] == b"%PDF-"
            assert "private" in answer["Cache-Control"]
        else:
            assert b"%PDF-" not in answer.content
            assert closed.meeting.title not in answer.content.decode()


def test_the_minutes_say_what_was_decided_under_numbers_and_name_nobody(closed):
    documents.render_waiting(at=AT)
    said = words_of(
        client_of(closed.scene.cast.people["office"]).get(at("minutes_pdf", closed)).content
    )
    for expert in closed.scene.experts:
        assert expert.name not in said and expert.employer_name not in said
    names = minutes.pseudonyms(closed.again())
    assert names[closed.member(1).pk] + "（回避" in said, "who was out of the room, by number"
    for part in (NOTES, "推荐3", "表决通过", "→90.00", scene.WHY, "未审议", "签到4名"):
        assert part.replace(" ", "") in said, part
    assert closed.scene.applications[0].title in said
    assert minutes.of(closed.meeting, minutes.MINUTES).number.replace(" ", "") in said


def test_the_signature_sheet_names_the_members_their_part_and_when_they_came(closed):
    documents.render_waiting(at=AT)
    said = words_of(
        client_of(closed.scene.cast.people["office"]).get(at("signatures_pdf", closed)).content
    )
    invited, outside = closed.scene.experts[:4], closed.scene.experts[4]
    for expert in invited:
        assert expert.name in said and expert.employer_name in said
    assert outside.name not in said
    assert said.count("组长") == 1 and "本人签字" in said and "会议成员" in said
    for part in ("推荐3", NOTES, closed.scene.applications[0].title, "90.00"):
        assert part not in said, "what was said and scored is not for the door"


@pytest.mark.parametrize("paper", PAPERS)
def test_while_a_paper_is_drawn_a_page_says_so(closed, paper):
    office = client_of(closed.scene.cast.people["office"])
    waiting = office.get(at(paper, closed))
    assert waiting.status_code == 409 and PAPERS[paper] in waiting.content.decode()


def test_the_results_are_a_workbook_for_the_same_people_only(closed):
    from openpyxl import load_workbook

    for name, (user, status) in people(closed).items():
        answer = client_of(user).get(at("results_sheet", closed))
        assert answer.status_code == status, name
        if status == 200:
            cells = [
                str(cell.value)
                for row in load_workbook(io.BytesIO(answer.content)).active
                for cell in row
                if cell.value is not None
            ]
            assert any("第一次会议评审" in one for one in cells) and "推荐" in " ".join(cells)
            assert not {one.name for one in closed.scene.experts} & set(cells)
