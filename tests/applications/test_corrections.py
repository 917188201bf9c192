"""Rounds of correction: single fields with their comments, kept; the reviewer sees the changes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications import places, services, tasks
from applications.models import Application, Correction
from applications.services import corrections
from audit.models import Entry
from core.errors import Refusal
from notifications.models import Message
from tests import season, world
from tests.applications.filling import url
from tests.world import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def played(db):
    return season.begin()


@pytest.fixture
def filed(played) -> Application:
    made = season.draft(played, "甲一", unit=played.cast.company, user=played.cast.people["admin"])
    season.submit(made)
    played.filed.append(made)
    return played.again(0)


def signed_in(played, name: str) -> Client:
    client = Client()
    user = played.cast.people[name]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def give_back(played, *named: str, by: str = "operator", until=None) -> Correction:
    """``named`` are ``section.field``, with a comment after a colon."""
    fields = []
    for one in named:
        place, _, comment = one.partition(":")
        section, _, field = place.partition(".")
        fields.append({"section": section, "field": field, "comment": comment or "请补充"})
    services.return_for_correction(
        played.again(0),
        fields=fields,
        note="请按意见修改",
        until=until or AT + timedelta(days=1),
        actor=played.actor(by),
        at=AT,
    )
    return Correction.objects.latest("number")


def correct(played, key: str, **changes: str) -> None:
    made = played.again(0)
    section = made.sections.get(key=key)
    services.save_section(
        made,
        key,
        data={**section.data, **changes},
        version=section.version,
        fields=list(changes),
        actor=played.actor("admin"),
        at=LATER,
    )


def submit_again(played, key: str) -> None:
    season.submit(played.again(0), key=key, at=LATER)


def refused(code: str, act, *args, **kwargs) -> None:
    before = Entry.objects.count()
    with pytest.raises(Refusal) as said:
        act(*args, **kwargs)
    assert said.value.code == code, said.value
    assert Entry.objects.count() == before


# Rounds --------------------------------------------------------------------------------------


def test_a_return_is_kept_as_a_round_with_each_field_and_its_comment(played, filed):
    made = give_back(played, "benefit.economic:写明依据", "project.summary:过于笼统")
    assert (made.number, made.state, made.from_version) == (1, "open", 1)
    assert [(one.title, one.comment) for one in made.named.all()] == [
        ("经济社会效益：经济效益", "写明依据"),
        ("项目基本情况：项目简介", "过于笼统"),
    ]
    assert made.organisation == played.cast.province and not made.by_office


def test_only_the_named_fields_open(played, filed):
    give_back(played, "benefit.economic")
    refused("not-returned", correct, played, "benefit", social="偷偷改的")
    refused("not-returned", correct, played, "project", summary="改别处")
    correct(played, "benefit", economic="补充了依据")


def test_of_the_basics_too_only_the_named_ones_open(played, filed):
    give_back(played, "basics.title")
    made = played.again(0)
    same = {
        "direction": made.direction,
        "subfield": made.subfield,
        "recommender": made.recommender,
        "actor": played.actor("admin"),
        "at": LATER,
    }
    other = {**same, "recommender": played.cast.other_province}
    refused("not-returned", services.set_basics, made, title=made.title, **other)
    assert services.set_basics(made, title="改正的名称", **same).title == "改正的名称"


def test_an_unknown_field_cannot_be_named(played, filed):
    refused("unknown-field", give_back, played, "benefit.nothing")
    assert not Correction.objects.exists()


def test_submitting_ends_the_round_and_it_waits_to_be_judged(played, filed):
    give_back(played, "benefit.economic")
    correct(played, "benefit", economic="补充了依据")
    submit_again(played, "k2")
    found = Correction.objects.get()
    assert (found.state, found.to_version) == ("submitted", 2)
    (letter,) = Message.objects.filter(key__startswith="application.corrected")
    assert letter.user == played.cast.people["operator"] and "第 2 版" in letter.body


def test_several_rounds_are_kept_one_after_the_other(played, filed):
    for number, words in ((1, "第一次补充"), (2, "第二次补充")):
        give_back(played, f"benefit.economic:第{number}轮意见")
        correct(played, "benefit", economic=words)
        submit_again(played, f"k{number + 1}")
    found = list(Correction.objects.all())
    assert [(one.number, one.state) for one in found] == [(1, "again"), (2, "submitted")]
    assert [one.named.get().comment for one in found] == ["第1轮意见", "第2轮意见"]


def test_a_round_that_nobody_answers_stands_and_one_of_a_withdrawn_filing_says_so(played, filed):
    give_back(played, "benefit.economic", until=AT + timedelta(minutes=30))
    application = played.again(0)
    services.move(application, "stand", actor=tasks.CLOCK, at=AT + timedelta(hours=2))
    assert Correction.objects.get().state == "stood"
    give_back(played, "benefit.economic")
    services.withdraw(played.again(0), reason="不报了", actor=played.actor("admin"), at=LATER)
    assert Correction.objects.latest("number").state == "withdrawn"


def test_whoever_returned_accepts_once_and_nobody_else(played, filed):
    give_back(played, "benefit.economic", by="office")
    found = Correction.objects.get()
    chief, operator = played.actor("chief"), played.actor("operator")
    refused("not-waiting", services.accept_correction, found, actor=chief, at=LATER)
    correct(played, "benefit", economic="补充了依据")
    submit_again(played, "k2")
    for name in ("operator", "neighbour", "admin"):
        actor = played.actor(name)
        refused("not-yours", services.accept_correction, found, actor=actor, at=LATER)
    assert not corrections.may_judge(Correction.objects.get(), operator)
    assert services.accept_correction(found, actor=chief, at=LATER).state == "accepted"
    assert Entry.objects.latest("pk").action == "applications.accept_correction"
    told = Message.objects.filter(key__startswith="application.correction_accepted")
    assert played.cast.people["admin"] in {letter.user for letter in told}
    refused("not-waiting", services.accept_correction, found, actor=chief, at=LATER)


def test_what_can_be_named_is_every_field_that_is_asked():
    spec = world.programme()
    found = places.places(spec)
    assert len({one.name for one in found}) == len(found) > 40
    assert places.place(spec, "benefit", "economic").title == "经济社会效益：经济效益"
    assert places.place(spec, "benefit", "").title == "经济社会效益"
    assert places.place(spec, "nothing", "") is None


# Pages ---------------------------------------------------------------------------------------


def test_the_reviewer_sees_just_the_changes_and_accepts_them(played, filed):
    played.clock(3)
    give_back(
        played,
        "benefit.economic:写明依据",
        "project.summary:过于笼统",
        until=AT + timedelta(days=4),
    )
    before = played.again(0).sections.get(key="benefit").data["economic"]
    correct(played, "benefit", economic=before + "补充了测算依据。")
    submit_again(played, "k2")
    operator = signed_in(played, "operator")
    page = operator.get(url("corrections", filed)).content.decode()
    assert "<ins>补充了测算依据。</ins>" in page and "意见：写明依据" in page
    assert "没有改动" in page and "技术方案" not in page
    assert "接受修改" in page and "再次退回" in page
    again = operator.get(url("give_back", filed) + "?again=1").content.decode()
    assert 'name="open-benefit.economic" value="1" id="open-benefit.economic" checked' in again
    assert 'value="写明依据"' in again
    assert operator.post(url("accept_correction", filed, 1)).status_code == 302
    page = operator.get(url("corrections", filed)).content.decode()
    assert "已接受" in page and 'type="submit">接受修改' not in page
    assert operator.post(url("accept_correction", filed, 1)).status_code == 409
    assert operator.post(url("accept_correction", filed, 9)).status_code == 404


def test_what_waits_to_be_judged_is_counted_and_listed_for_whoever_returned_it(played, filed):
    """Its own for the unit, its own for the office, and nothing once it is judged."""
    code = played.call.code
    listed = reverse("office:applications") + f"?call={code}&correction="
    cockpit = reverse("office:cockpit") + f"?call={code}"
    desk, room = reverse("recommenders:workspace"), reverse("recommenders:filings", args=[code])
    operator, office = signed_in(played, "operator"), signed_in(played, "office")

    def said(client, address):
        return client.get(address).content.decode()

    give_back(played, "benefit.economic")
    assert "核对修改" not in said(operator, desk)  # it is still with the applicant
    correct(played, "benefit", economic="新依据")
    submit_again(played, "again-1")
    door = reverse("applications:corrections", args=[filed.public_id])
    assert f'href="{room}?correction=waiting">核对修改 1 项</a>' in said(operator, desk)
    assert f'href="{door}">修改待核对' in said(operator, f"{room}?correction=waiting")
    assert filed.title not in said(operator, f"{room}?correction=none")
    assert "核对修改" not in said(signed_in(played, "neighbour"), desk)
    assert "修改待核对" not in said(office, cockpit)  # the unit judges what it returned
    assert filed.title in said(office, f"{listed}unit")
    assert filed.title not in said(office, f"{listed}office")

    give_back(played, "benefit.economic", by="office")
    correct(played, "benefit", economic="又一依据")
    submit_again(played, "again-2")
    assert "核对修改" not in said(operator, desk)
    assert "修改待核对" in said(office, cockpit)
    assert "修改待核对 1 项" in said(office, listed)
    assert f'href="{door}">修改待核对' in said(office, f"{listed}office")
    services.accept_correction(
        Correction.objects.latest("number"), actor=played.actor("office"), at=LATER
    )
    for address in (cockpit, f"{listed}office"):
        assert "修改待核对" not in said(office, address)


def test_the_lists_of_what_waits_cost_the_same_for_one_and_for_many(played, filed):
    operator, office = signed_in(played, "operator"), signed_in(played, "office")
    addresses = [
        (operator, reverse("recommenders:workspace")),
        (operator, reverse("recommenders:filings", args=[played.call.code])),
        (office, reverse("office:cockpit")),
        (office, reverse("office:applications")),
    ]

    def cost() -> list[int]:
        found = []
        for client, address in addresses:
            with CaptureQueriesContext(connection) as asked:
                assert client.get(address).status_code == 200
            found.append(len(asked))
        return found

    def wait(*filings: Application) -> None:
        Correction.objects.bulk_create(
            Correction(
                application=one,
                number=number,
                state=Correction.State.SUBMITTED,
                from_version=1,
                to_version=1,
                organisation=played.cast.province,
                by_office=number == 2,
                by=played.cast.people["operator"],
                by_name="赵示例",
                until=AT,
                opened_at=AT,
                ended_at=AT,
            )
            for one in filings
            for number in (1, 2)
        )

    wait(filed)
    cost()
    one = cost()
    more = []
    for n in range(2, 6):
        unit = world.unit(world.K.ENTERPRISE, f"示例多{n}", region="430100", n=70 + n)
        user = world.person(unit, "unit_admin", f"多示例{n}")
        more.append(season.draft(played, f"多{n}", unit=unit, user=user))
        season.submit(more[-1])
    wait(*more)
    assert cost() == one


def test_the_applicant_reads_every_round_and_judges_none(played, filed):
    give_back(played, "benefit.economic:写明依据")
    admin = signed_in(played, "admin")
    page = admin.get(url("corrections", filed)).content.decode()
    assert "写明依据" in page and "等待申报单位修改" in page and "接受修改" not in page
    assert url("corrections", filed) in admin.get(url("detail", filed)).content.decode()
    assert signed_in(played, "rival").get(url("corrections", filed)).status_code == 404
    assert admin.post(url("accept_correction", filed, 1)).status_code == 403


def test_the_comment_on_a_basic_stands_on_its_page(played, filed):
    give_back(played, "basics.title:名称请写全")
    page = signed_in(played, "admin").get(url("basics", filed)).content.decode()
    assert "名称请写全" in page
    assert "名称请写全" in signed_in(played, "admin").get(url("detail", filed)).content.decode()


def test_a_tick_without_its_comment_comes_back_with_everything_kept(played, filed):
    operator = signed_in(played, "operator")
    posted = {
        "note": "请改",
        "until": "2199-01-01",
        "open-benefit.economic": "1",
        "open-team.leader": "1",
        "comment-team.leader": "请核对",
    }
    answer = operator.post(url("give_back", filed), posted)
    text = answer.content.decode()
    assert answer.status_code == 422 and "请写明“经济社会效益：经济效益”的修改意见" in text
    assert 'value="请核对"' in text
    assert 'name="open-benefit.economic" value="1" id="open-benefit.economic" checked' in text
    assert played.again(0).status == "submitted"
