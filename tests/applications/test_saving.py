"""Autosave through HTTP: joined field by field, never blocked by validation, small and constant."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import entry
from applications import readiness
from applications.models import SectionVersion
from calls.programme import Section
from tests import world
from tests.applications.filling import save, url

QUERIES_AT_MOST = 8


def signed_in(cast, name: str) -> Client:
    client = Client()
    client.force_login(cast.people[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def application(cast):
    return cast.application


@pytest.fixture
def admin(cast):
    return signed_in(cast, "admin")


@pytest.fixture
def editor(cast):
    return signed_in(cast, "editor")


def autosave(client, application, key, version, data, **more):
    posted = {"version": str(version), **data, **more}
    return client.post(url("autosave", application, key), posted)


def stored(application, key):
    return application.sections.get(key=key).data


def test_different_fields_of_two_people_are_joined_and_told(admin, editor, application):
    autosave(editor, application, "benefit", 0, {"economic": "同事写的", "social": ""})
    answer = autosave(admin, application, "benefit", 0, {"economic": "", "social": "我写的"})
    assert answer.status_code == 200
    told = answer.json()
    assert (told["version"], told["code"], told["clashes"]) == (2, "joined", [])
    taken = told["taken"][0]
    assert (taken["key"], taken["label"], taken["by"]) == ("economic", "经济效益", "李示例")
    assert "同事写的</textarea>" in taken["html"]
    assert stored(application, "benefit") == {"economic": "同事写的", "social": "我写的"}


def test_the_same_field_is_answered_409_with_both_and_the_rest_is_saved(admin, editor, application):
    autosave(editor, application, "benefit", 0, {"economic": "同事写的", "social": ""})
    answer = autosave(admin, application, "benefit", 0, {"economic": "我写的", "social": "也是我"})
    assert answer.status_code == 409
    told = answer.json()
    assert (told["version"], told["code"]) == (2, "clash")
    clash = told["clashes"][0]
    assert (clash["key"], clash["kind"], clash["by"]) == ("economic", "text", "李示例")
    assert (clash["mine"], clash["theirs"]) == ("我写的", "同事写的")
    assert clash["at"].count(":") == 2
    assert stored(application, "benefit") == {"economic": "同事写的", "social": "也是我"}


def test_a_field_held_back_clashes_again_until_it_is_chosen(admin, editor, application):
    autosave(editor, application, "benefit", 0, {"economic": "同事写的", "social": ""})
    autosave(admin, application, "benefit", 0, {"economic": "我写的", "social": ""})
    mine = {"economic": "我写的", "social": "后来写的"}
    again = autosave(admin, application, "benefit", 1, mine, held="economic:0")
    assert again.status_code == 409
    assert stored(application, "benefit") == {"economic": "同事写的", "social": "后来写的"}
    chosen = autosave(admin, application, "benefit", 2, mine)
    assert chosen.status_code == 200
    assert stored(application, "benefit") == mine


def test_what_was_chosen_is_asked_again_when_the_colleague_went_on_meanwhile(
    admin, editor, application
):
    autosave(editor, application, "benefit", 0, {"economic": "一", "social": ""})
    autosave(editor, application, "benefit", 1, {"economic": "二", "social": ""})
    answer = autosave(admin, application, "benefit", 1, {"economic": "我", "social": ""})
    assert answer.status_code == 409
    assert answer.json()["clashes"][0]["theirs"] == "二"


def test_ones_own_other_page_is_named_as_such(admin, application):
    autosave(admin, application, "benefit", 0, {"economic": "第一页", "social": ""})
    answer = autosave(admin, application, "benefit", 0, {"economic": "第二页", "social": ""})
    assert answer.json()["clashes"][0]["by"] == ""


def test_cells_of_a_table_are_joined_and_the_table_is_drawn_anew(admin, editor, application):
    row = {"members-0-name": "甲", "members-1-name": "乙"}
    autosave(admin, application, "team", 0, row)
    column = next(
        c.key for c in application.call.programme.section("team").field("members").columns[1:]
    )
    autosave(editor, application, "team", 1, {**row, f"members-0-{column}": "教授"})
    answer = autosave(admin, application, "team", 1, {**row, "members-2-name": "丙"})
    assert answer.status_code == 200
    assert [one["key"] for one in answer.json()["taken"]] == ["members"]
    names = [member.get("name") for member in stored(application, "team")["members"]]
    assert names == ["甲", "乙", "丙"]
    assert 'name="members-2-name" value="丙"' in answer.json()["taken"][0]["html"]


def test_rows_that_both_added_can_both_be_kept(admin, editor, application):
    autosave(editor, application, "team", 0, {"members-0-name": "甲"})
    answer = autosave(admin, application, "team", 0, {"members-0-name": "乙"})
    clash = answer.json()["clashes"][0]
    assert clash["kind"] == "table"
    assert 'value="甲"' in clash["both"] and 'value="乙"' in clash["both"]
    assert 'value="乙"' not in clash["html"]


def test_indicator_cells_of_two_people_are_joined(admin, editor, application):
    section = application.call.programme.section("indicators")
    own = {"own-0-name": "温漂", "own-0-unit": "%", "own-0-method": "", "own-0-target": ""}
    autosave(admin, application, "indicators", 0, own)
    autosave(editor, application, "indicators", 1, {**own, "own-0-method": "恒温箱"})
    answer = autosave(admin, application, "indicators", 1, {**own, "own-0-target": "0.02"})
    assert answer.status_code == 200
    assert section.fields[0].key in [one["key"] for one in answer.json()["taken"]]
    assert 'value="恒温箱"' in answer.json()["taken"][0]["html"]
    row = application.indicator_rows.get(indicator=None)
    assert (row.method, row.target) == ("恒温箱", "0.02")


def test_a_save_that_meets_another_at_the_same_moment_is_joined_with_it(
    admin, cast, application, monkeypatch
):
    """Somebody saves between our reading and our writing: we join again instead of refusing."""
    from applications import drafts, services

    real, met = drafts.merging.differing, []

    def differing(section, a, b):
        if not met:
            met.append(1)
            services.save_section(
                application,
                "benefit",
                data={"social": "刚刚保存"},
                version=0,
                actor=cast.actor("editor"),
                at=world.AT,
            )
        return real(section, a, b)

    monkeypatch.setattr(drafts, "differing", differing)
    answer = autosave(admin, application, "benefit", 0, {"economic": "我写的", "social": ""})
    assert answer.status_code == 200
    assert stored(application, "benefit") == {"economic": "我写的", "social": "刚刚保存"}


def test_a_fault_in_judging_does_not_lose_the_save(admin, application, monkeypatch, caplog):
    def broken(*args):
        raise ZeroDivisionError

    monkeypatch.setattr(readiness, "section_problems", broken)
    answer = autosave(admin, application, "benefit", 0, {"economic": "写好的"})
    assert answer.status_code == 200
    assert (answer.json()["version"], answer.json()["problems"]) == (1, None)
    assert stored(application, "benefit") == {"economic": "写好的"}
    assert "benefit" in caplog.text


def test_wrong_input_never_blocks_an_autosave(admin, application):
    typed = {"employees": "很多", "researchers": "9" * 40, "qualifications": "字" * 9000}
    answer = autosave(admin, application, "operation", 0, typed)
    assert answer.status_code == 200
    names = {problem["name"] for problem in answer.json()["problems"]}
    assert {"employees", "qualifications"} <= names


def test_a_page_of_one_person_never_saves_for_another(cast, admin, application):
    page = admin.get(url("section", application, "benefit")).content.decode()
    mark = entry.person_mark(cast.people["admin"])
    assert f'name="person" value="{mark}"' in page
    other = signed_in(cast, "editor")
    answer = autosave(other, application, "benefit", 0, {"economic": "甲写的"}, person=mark)
    assert (answer.status_code, answer.json()["code"]) == (409, "other-person")
    posted = {"version": "0", "person": mark, "economic": "甲写的", "action": "save"}
    refused = other.post(url("section", application, "benefit"), posted)
    assert refused.status_code == 409
    assert "甲写的" in refused.content.decode()
    assert stored(application, "benefit") == {}


def test_after_the_session_ended_a_script_is_answered_401_in_json(client, application):
    answer = client.post(
        url("autosave", application, "benefit"),
        {"version": "0", "economic": "写了一半"},
        headers={"Accept": "application/json"},
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "signed-out")


def test_an_autosave_says_how_long_the_session_lasts(admin, application, settings):
    answer = autosave(admin, application, "benefit", 0, {"economic": "写"})
    assert answer["X-Session-Seconds"] == str(settings.SESSION_COOKIE_AGE)


def test_after_the_deadline_the_answer_says_why_with_the_servers_time(admin, application):
    call = application.call
    call.filing_until = world.AT
    call.save(update_fields=["filing_until"])
    answer = autosave(admin, application, "benefit", 0, {"economic": "晚了"})
    told = answer.json()
    assert (answer.status_code, told["code"], told["shut"]) == (409, "deadline-passed", True)
    assert "服务器时间" in told["message"] and told["server_time"]
    page = admin.get(url("section", application, "benefit")).content.decode()
    assert "data-autosave" not in page and "data-kept-for" in page


def test_an_unknown_or_forged_version_is_never_believed(admin, editor, application):
    save(editor, application, "benefit", {"economic": "同事写的"})
    for version in (-1, 99, "x", 10**8):
        answer = autosave(admin, application, "benefit", version, {"economic": "盖掉"})
        assert answer.status_code == 409, version
    held = "economic:99,,x:y,social:-1,nowhere:3"
    answer = autosave(admin, application, "benefit", 0, {"economic": "盖掉"}, held=held)
    assert answer.status_code == 409
    assert stored(application, "benefit") == {"economic": "同事写的"}


# A long section --------------------------------------------------------------------------------


def long_programme(count: int):
    fields = [{"key": f"f{n}", "label": f"问题 {n}", "type": "text"} for n in range(count)]
    long = Section.model_validate({"key": "long", "title": "长表", "fields": fields})
    spec = world.programme()
    return spec.model_copy(update={"sections": (*spec.sections, long)})


def queries_of(cast, count, *, stale):
    admin, application = signed_in(cast, "admin"), cast.application
    first = {f"f{n}": f"答 {n}" for n in range(count)}
    autosave(admin, application, "long", 0, first)
    if stale:
        autosave(signed_in(cast, "editor"), application, "long", 1, {**first, "f1": "同事改的"})
    with CaptureQueriesContext(
        connection,
    ) as caught:
        answer = autosave(admin, application, "long", 1, {**first, "f0": "改"})
    assert answer.status_code == 200
    assert SectionVersion.objects.filter(section__key="long").count() == 2 + stale
    return [q["sql"][:90] for q in caught if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))]


@pytest.mark.parametrize("count", [2, 200])
def test_a_section_of_two_hundred_fields_is_saved_in_few_queries(db, count):
    found = queries_of(world.build(long_programme(count)), count, stale=False)
    assert len(found) <= QUERIES_AT_MOST, "\n".join(found)
    writes = [sql for sql in found if sql.startswith(("UPDATE", "INSERT"))]
    assert len(writes) == 2, "\n".join(writes)  # the section and its history


@pytest.mark.parametrize("count", [2, 200])
def test_joining_costs_two_more_queries_however_many_fields_there_are(db, count):
    found = queries_of(world.build(long_programme(count)), count, stale=True)
    assert len(found) <= QUERIES_AT_MOST + 2, "\n".join(found)
