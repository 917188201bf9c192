"""The filing pages through HTTP, as the people of one company use them."""

import pytest
from django.test import Client

from applications.models import Application, Version
from tests import world
from tests.applications import filling
from tests.applications.filling import complete, save, submit, url

DESK_QUERIES = 10  # the tasks that wait for the unit are one of them


@pytest.fixture
def application(cast) -> Application:
    return cast.application


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


def test_every_page_of_a_draft_answers(admin, application):
    for name in ("detail", "basics", "files", "check", "versions", "withdraw"):
        assert admin.get(url(name, application)).status_code == 200, name
    for section in application.call.programme.sections:
        page = admin.get(url("section", application, section.key) + "?check=1")
        assert page.status_code == 200, section.key
    assert admin.get("/applications/").status_code == 200


def test_a_complete_filing_is_submitted_and_gets_its_receipt(admin, application):
    complete(admin, application)
    page = admin.get(url("check", application))
    assert page.context["blockers"] == []
    answer = submit(admin, application)
    assert answer.status_code == 302
    receipt = admin.get(answer.url)
    application.refresh_from_db()
    assert application.number in receipt.content.decode()
    version = Version.objects.get(application=application)
    assert receipt.context["version"] == version
    assert version.form.state == "waiting"
    assert version.snapshot["answers"]["project"]["summary"].startswith("示例")


# Drafts lose nothing --------------------------------------------------------------------------


def test_wrong_input_is_saved_as_typed_and_shown_again(admin, application):
    typed = {
        "employees": "四百一十二人",
        "researchers": "500",
        "finance-2020-revenue": "12,480万元",
        "qualifications": "荣誉" * 400,
    }
    answer = save(admin, application, "operation", typed)
    assert answer.status_code == 302
    page = admin.get(answer.url).content.decode()
    for text in ("四百一十二人", "12,480万元", "荣誉" * 400):
        assert text in page
    assert "超出 300 字，最多 500 字" in page


def test_marking_an_incomplete_section_done_saves_it_and_answers_422(admin, application):
    answer = save(admin, application, "operation", {"employees": "412"}, action="done")
    assert answer.status_code == 422
    assert application.sections.get(key="operation").data["employees"] == 412
    text = answer.content.decode()
    assert "错误：" in text and "研发人员数：请填写" in text


def test_a_complete_section_is_marked_done(admin, application):
    section = application.call.programme.section("operation")
    answer = save(admin, application, "operation", filling.section_data(section), action="done")
    assert (answer.status_code, answer.url) == (302, url("detail", application))


def test_autosave_answers_the_new_version_and_what_is_wrong(admin, application):
    answer = admin.post(
        url("autosave", application, "operation"),
        {"version": "0", "employees": "10", "researchers": "11"},
    )
    assert answer.status_code == 200
    told = answer.json()
    assert told["version"] == 1
    assert told["problems"] == [{"name": "researchers", "message": "研发人员数不能多于职工总数"}]


def test_two_people_who_change_different_fields_are_joined(cast, admin, application):
    save(signed_in(cast, "editor"), application, "benefit", {"economic": "同事写的"})
    answer = admin.post(
        url("section", application, "benefit"),
        {"version": "0", "economic": "", "social": "我写的", "action": "save"},
    )
    assert answer.status_code == 302
    data = application.sections.get(key="benefit").data
    assert data == {"economic": "同事写的", "social": "我写的"}


def test_two_people_who_change_the_same_field_see_both_values_and_nothing_is_lost(
    cast, admin, application
):
    save(signed_in(cast, "editor"), application, "benefit", {"economic": "同事写的"})
    answer = admin.post(
        url("section", application, "benefit"),
        {"version": "0", "economic": "我写的", "action": "save"},
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "同事写的" in text and "我写的" in text
    assert application.sections.get(key="benefit").data == {"economic": "同事写的"}


def test_the_page_says_what_the_registered_unit_brings(cast, admin):
    answer = admin.post(
        f"/applications/new/{cast.call.code}/",
        {
            "title": "端侧推断框架",
            "subfield": cast.call.directions.first().subfields.first().pk,
            "recommender": cast.province.pk,
        },
    )
    assert answer.status_code == 302
    made = Application.objects.get(title="端侧推断框架")
    data = made.sections.get(key="unit").data
    assert data["name"] == cast.company.name
    assert data["code"] == cast.company.code
    assert data["contact_email"] == cast.people["admin"].email
    assert made.preselector == cast.city


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"title": ""}, "请填写项目名称"),
        ({"title": "字" * 31}, "超出 1 字，最多 30 字"),
        ({"subfield": ""}, "请选择申报方向"),
    ],
)
def test_a_new_filing_with_wrong_input_comes_back_with_422(cast, admin, typed, told):
    good = {
        "title": "端侧推断框架",
        "subfield": cast.call.directions.first().subfields.first().pk,
        "recommender": cast.province.pk,
    }
    answer = admin.post(f"/applications/new/{cast.call.code}/", {**good, **typed})
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert Application.objects.count() == 1


def test_the_fourth_filing_is_refused_with_the_clause(cast, admin):
    for number in range(2):
        world.draft(cast, title=f"项目{number}")
    answer = admin.post(
        f"/applications/new/{cast.call.code}/",
        {
            "title": "第四项",
            "subfield": cast.call.directions.first().subfields.first().pk,
            "recommender": cast.province.pk,
        },
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "最多申报 3 项" in text and "二（三）" in text


def test_the_rival_and_the_province_cannot_file_for_the_company(cast, application):
    for name in ("rival", "operator", "office"):
        client = signed_in(cast, name)
        assert client.get(url("detail", application)).status_code == 404, name
        expected = 404 if name == "rival" else 403
        assert client.get(url("check", application)).status_code == expected, name
        assert client.post(url("submit", application)).status_code == expected, name


def test_someone_not_signed_in_is_sent_to_the_login_page(client, application):
    assert "/login" in client.get(url("detail", application)).url


def test_a_viewer_reads_but_cannot_write(cast, application):
    viewer = signed_in(cast, "viewer")
    page = viewer.get(url("section", application, "benefit"))
    assert page.status_code == 200
    assert "只能查看" in page.content.decode()
    assert save(viewer, application, "benefit", {"economic": "改"}).status_code == 403
    autosave = url("autosave", application, "benefit")
    assert viewer.post(autosave, {"version": "0"}).status_code == 403
    assert viewer.post(url("submit", application), {"key": "x"}).status_code == 403
    assert application.sections.get(key="benefit").data == {}


def test_an_unknown_section_or_filing_is_404(admin, application):
    assert admin.get(url("section", application, "nowhere")).status_code == 404
    assert admin.get("/applications/abcdefghjkmn/").status_code == 404


@pytest.mark.parametrize("rows", [1, 30])
def test_the_desk_asks_the_database_equally_often_for_one_and_for_thirty(
    cast, admin, rows, django_assert_num_queries
):
    Application.objects.filter(pk=cast.application.pk).update(status="draft")
    spare = [
        Application(
            call=cast.call,
            organisation=cast.company,
            recommender=cast.province,
            title=f"项目 {number}",
            direction=cast.application.direction,
            created_at=world.AT,
            changed_at=world.AT,
            created_by=cast.people["admin"],
        )
        for number in range(rows - 1)
    ]
    Application.objects.bulk_create(spare)
    with django_assert_num_queries(DESK_QUERIES):
        page = admin.get("/applications/")
    assert len(page.context["rows"]) == rows
