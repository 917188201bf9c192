"""A new filing from an earlier one: what goes over, what does not, and that limits still hold."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications import copying, services, snapshot
from applications import queries as reading
from applications.models import Application, Copy, Version
from calls.models import Call
from core.errors import Refusal
from tests import season, world
from tests.applications import consortium
from tests.applications.filling import url
from tests.world import AT

pytestmark = pytest.mark.django_db


@pytest.fixture
def played(db):
    return season.begin()


@pytest.fixture
def source(played) -> Application:
    """Last year's filing of the company, submitted."""
    made = season.draft(played, "去年", unit=played.cast.company, user=played.cast.people["admin"])
    season.submit(made)
    return Application.objects.get(pk=made.pk)


def next_call(spec=None, code: str = "next-year") -> Call:
    return world.open_call(spec or world.programme(), code=code)


def start(played, source: Application, call: Call, **changes) -> Application:
    direction = call.directions.first()
    return copying.start(
        source,
        **{
            "call": call,
            "organisation": source.organisation,
            "title": "今年的项目",
            "direction": direction,
            "subfield": direction.subfields.first() if direction else None,
            "recommender": source.recommender,
            "user": played.cast.people["admin"],
            "actor": played.actor("admin"),
            "at": AT,
            **changes,
        },
    )


def data(application: Application, key: str) -> dict:
    return application.sections.get(key=key).data


def test_answers_rows_and_indicators_of_the_same_form_go_over(played, source):
    made = start(played, source, next_call())
    for key in ("project", "technology", "team", "property", "benefit"):
        assert data(made, key) == data(source, key), key
    assert (made.status, made.number, made.version_number) == ("draft", "", 0)
    old = {row.name or row.indicator.spec.key: row.target for row in source.indicator_rows.all()}
    new = {row.name or row.indicator.spec.key: row.target for row in made.indicator_rows.all()}
    assert new == old and any(new.values())


def test_evidence_is_not_pinned_blindly_and_the_declaration_is_given_anew(played, source):
    file = source.attachments.first()
    source.indicator_rows.update(evidence=file, evidence_page=1)
    section = source.sections.get(key="indicators")
    table = section.data["rows"]
    for cells in (*table["ref"].values(), *table["own"]):
        cells["evidence"], cells["page"] = file.public_id, "1"
    section.save(update_fields=["data"])
    made = start(played, source, next_call())
    assert not made.indicator_rows.exclude(evidence=None).exists()
    report = {one["key"]: one for one in Copy.objects.get(application=made).report}
    assert ["指标", copying.EVIDENCE] in report["indicators"]["left"]
    assert not Version.objects.filter(application=made).exists()


def test_files_are_used_again_without_being_stored_again(played, source):
    made = start(played, source, next_call())
    old = set(source.attachments.values_list("key", "blob"))
    assert set(made.attachments.values_list("key", "blob")) == old
    assert snapshot.build(reading.material(made))["attachments"]


def test_what_the_register_knows_comes_from_the_register(played, source):
    unit = source.organisation
    unit.address = "新的地址 1 号"
    unit.save(update_fields=["address"])
    made = start(played, source, next_call())
    assert data(made, "unit")["address"] == "新的地址 1 号"
    report = {one["key"]: dict(one["left"]) for one in made.copy.report}
    assert copying.FROM_REGISTER in report["unit"].values()


def test_where_the_register_has_nothing_the_earlier_filing_stands(played, source):
    assert not source.organisation.profile.get("introduction")
    made = start(played, source, next_call())
    assert data(source, "unit")["introduction"]
    assert data(made, "unit")["introduction"] == data(source, "unit")["introduction"]
    assert data(made, "unit")["name"] == source.organisation.name


def test_another_programme_takes_what_it_asks_in_the_same_way_and_the_rest_is_told(played, source):
    spec = world.programme("2018-jiebang")
    call = next_call(spec, "other-programme")
    made = start(played, source, call)
    told = {one["key"]: one for one in made.copy.report}
    shared = [one for one in spec.sections if source.call.programme.section(one.key)]
    assert shared and any(one["taken"] for one in told.values())
    for section in shared:
        for field in section.fields:
            before = source.call.programme.section(section.key).field(field.key)
            same = before is not None and before.type == field.type and not field.prefill
            if (
                same
                and field.type in ("text", "longtext")
                and data(source, section.key).get(field.key)
            ):
                assert data(made, section.key)[field.key] == data(source, section.key)[field.key]


def test_fields_of_another_type_choices_and_columns_that_are_gone_are_told(played, source):
    spec = world.programme()
    sections = []
    for section in spec.sections:
        fields = []
        for field in section.fields:
            changes = {}
            if (section.key, field.key) == ("benefit", "economic"):
                changes = {"type": "text"}
            if (section.key, field.key) == ("benefit", "social"):
                continue
            if (section.key, field.key) == ("property", "rights"):
                kept = tuple(one for one in field.columns if one.key != "number")
                changes = {"columns": kept}
            fields.append(field.model_copy(update=changes))
        sections.append(section.model_copy(update={"fields": tuple(fields)}))
    other = spec.model_copy(update={"sections": tuple(sections)})
    source.sections.filter(key="property").update(
        data={"rights": [{"kind": "invention", "title": "一种方法", "number": "示例1"}]}
    )
    plan = {one.key: one for one in copying.plan(source, other, known={})}
    assert set(plan["benefit"].left) == {
        ("经济效益", copying.OTHER_KIND),
        ("社会效益", copying.NOT_ASKED),
    }
    assert plan["property"].taken == ("知识产权清单",)
    assert plan["property"].left == (("知识产权清单", "新表格没有“编号”列"),)


@pytest.mark.parametrize("status", ["withdrawn", "lapsed"])
def test_a_withdrawn_or_lapsed_filing_of_the_same_call_can_be_the_start(played, source, status):
    admin = played.actor("admin")
    if status == "withdrawn":
        services.withdraw(source, reason="换报", actor=admin, at=AT)
    else:
        source = season.draft(
            played, "未交", unit=played.cast.company, user=played.cast.people["admin"]
        )
        services.move(source, "lapse", actor=services_clock(), at=AT + timedelta(days=3))
    source = Application.objects.get(pk=source.pk)
    assert source.status == status
    made = start(played, source, played.call)
    assert data(made, "benefit") == data(source, "benefit")
    assert Application.objects.get(pk=source.pk).status == status


def services_clock():
    from audit.services import CLOCK

    return CLOCK


def test_copying_is_a_new_filing_under_the_same_limits(played, source):
    limit = played.call.programme.applicants.per_applicant
    for n in range(limit - Application.objects.filter(organisation=source.organisation).count()):
        start(played, source, played.call, title=f"第{n}项")
    before = Application.objects.count(), Copy.objects.count()
    with pytest.raises(Refusal) as said:
        start(played, source, played.call, title="多一项")
    assert said.value.code == "limit-reached" and said.value.rule
    assert (Application.objects.count(), Copy.objects.count()) == before


def test_another_units_filing_is_no_start(played, source):
    with pytest.raises(Refusal) as said:
        start(played, source, next_call(), organisation=played.cast.rival)
    assert said.value.code == "another-unit"


def test_partners_go_over_with_their_agreement(played):
    partner = consortium.company(741, "示例伙伴有限公司")
    old = consortium.draft(
        played, "联合", partner, unit=played.cast.company, user=played.cast.people["admin"]
    )
    made = start(played, old, next_call())
    assert data(made, "consortium")["partners"][0]["code"] == partner.code
    assert made.attachments.filter(key="agreement").exists()


# Pages ---------------------------------------------------------------------------------------


def signed_in(played, name: str) -> Client:
    client = Client()
    user = played.cast.people[name]
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_new_filing_offers_the_earlier_ones_to_begin_from(played, source):
    call = next_call()
    page = signed_in(played, "admin").get(reverse("applications:create", args=[call.code]))
    assert f"{url('copy', source)}?call={call.code}" in page.content.decode()
    page = signed_in(played, "rival").get(reverse("applications:create", args=[call.code]))
    assert source.title not in page.content.decode()


def test_the_page_shows_what_would_go_over_and_begins_the_filing(played, source):
    call = next_call()
    client = signed_in(played, "admin")
    page = client.get(url("copy", source)).content.decode()
    assert "请选择批次" in page
    here = url("copy", source) + f"?call={call.code}"
    page = client.get(here).content.decode()
    assert "经济效益" in page and copying.FROM_REGISTER in page and "新建并带入" in page
    form = client.get(here).context["form"]
    posted = {
        "title": "今年的项目",
        "subfield": form.initial["subfield"],
        "recommender": form.initial["recommender"],
        "way": form.initial["way"],
    }
    answer = client.post(here, posted)
    made = Application.objects.latest("pk")
    assert answer.url == url("copied", made)
    page = client.get(answer.url).content.decode()
    assert "带入的内容请逐项核对" in page and source.title in page
    assert url("copied", made) in client.get(url("detail", made)).content.decode()
    assert client.get(url("copied", source)).status_code == 404
    assert client.get(url("copy", source) + "?call=nothing").status_code == 404
    assert signed_in(played, "rival").get(here).status_code == 404


# Withdrawing and limits ------------------------------------------------------------------------


def test_withdrawing_says_its_effect_before_it_is_confirmed(played, source):
    page = signed_in(played, "admin").get(url("withdraw", source)).content.decode()
    used = Application.objects.filter(organisation=source.organisation).count()
    assert f"由 {used} 项减为 {used - 1} 项" in page
    assert "不能恢复、修改或再次提交" in page


def test_nothing_brings_a_withdrawn_filing_back(played, source):
    admin = played.actor("admin")
    services.withdraw(source, reason="换报", actor=admin, at=AT)
    gone = Application.objects.get(pk=source.pk)
    section = gone.sections.get(key="benefit")
    acts = [
        lambda: services.submit(gone, key="again", actor=admin, at=AT),
        lambda: services.save_section(
            gone, "benefit", data={}, version=section.version, actor=admin, at=AT
        ),
        lambda: services.set_basics(
            gone,
            title="复活",
            direction=gone.direction,
            subfield=gone.subfield,
            recommender=gone.recommender,
            actor=admin,
            at=AT,
        ),
        lambda: services.withdraw(gone, reason="再撤", actor=admin, at=AT),
    ]
    for act in acts:
        with pytest.raises(Refusal):
            act()
    assert Application.objects.get(pk=source.pk).status == "withdrawn"


def test_no_move_leads_out_of_withdrawn_or_lapsed():
    from applications.workflow import Status, moves

    for step in moves(world.programme().steps).values():
        assert Status.WITHDRAWN not in step.sources and Status.LAPSED not in step.sources


def test_withdraw_file_another_and_the_limit_still_holds(played):
    """HotCRP 3.4: a withdrawn one must not come back on top of what took its place."""
    unit, user = played.cast.company, played.cast.people["admin"]
    limit = played.call.programme.applicants.per_applicant
    there = Application.objects.filter(organisation=unit).count()
    made = [season.draft(played, f"占{n}", unit=unit, user=user) for n in range(limit - there)]
    season.submit(made[0])
    first = Application.objects.get(pk=made[0].pk)
    services.withdraw(first, reason="换报", actor=played.actor("admin"), at=AT)
    season.draft(played, "顶替", unit=unit, user=user)
    with pytest.raises(Refusal) as said:
        season.draft(played, "再多", unit=unit, user=user)
    assert said.value.code == "limit-reached"
    with pytest.raises(Refusal):
        services.submit(
            Application.objects.get(pk=first.pk), key="k9", actor=played.actor("admin"), at=AT
        )
