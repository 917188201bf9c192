"""Filing through its services: drafts, saving, submitting, returning, withdrawing."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Membership
from accounts.roles import Role
from applications import services
from applications.models import Application, Section, SectionVersion, Version
from audit.models import Entry
from calls.models import Winner
from core.errors import Refusal
from documents.fingerprints import fingerprint
from documents.models import Counter, Document
from notifications.models import Message
from tests import season, world
from tests.world import AT

pytestmark = pytest.mark.django_db
LATER = AT + timedelta(hours=1)


@pytest.fixture
def played(db):
    return season.begin()


@pytest.fixture
def ready(played):
    """A draft of the first company's with everything answered, and who may submit it."""
    return season.draft(played, "甲一", unit=played.cast.company, user=played.cast.people["admin"])


def admin(played):
    return played.actor("admin")


def refused(code, act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as found:
        act(*args, **kwargs)
    assert found.value.code == code, found.value
    return found.value


def counted() -> tuple:
    tables = (Application, Section, SectionVersion, Version, Entry, Document, Message, Counter)
    return tuple(table.objects.count() for table in tables)


def create(played, **changes):
    return services.create(
        **{
            "call": played.call,
            "organisation": played.cast.company,
            "title": "示例项目",
            "direction": played.call.directions.first(),
            "recommender": played.cast.province,
            "actor": admin(played),
            "at": AT,
            **changes,
        }
    )


# Drafts ----------------------------------------------------------------------------------------


def test_a_draft_has_a_row_for_each_section_and_no_number(played):
    made = create(played)
    keys = {section.key for section in played.call.programme.sections}
    assert set(made.sections.values_list("key", flat=True)) == keys
    assert (made.status, made.number, made.version_number) == ("draft", "", 0)
    assert len(made.public_id) == 12


def test_no_draft_is_started_outside_filing(played):
    before = counted()
    played.clock(3)
    before = counted()
    said = refused("wrong-phase", create, played)
    assert "推荐阶段" in said.message
    assert counted() == before


def test_a_kind_of_unit_that_the_notice_does_not_admit_is_refused_with_its_clause(played):
    said = refused("kind-not-admitted", create, played, organisation=played.cast.city)
    assert said.rule


def test_a_project_that_won_before_is_not_filed_again(played):
    Winner.objects.create(
        programme_code=played.call.programme_code,
        round_title="2018年",
        title="示例项目",
        organisation_code=played.cast.company.code,
        organisation_name=played.cast.company.name,
    )
    won = refused("won-before", create, played)
    assert "示例项目" in won.message
    assert create(played, title="另一个项目").pk


# Saving ----------------------------------------------------------------------------------------


def test_saving_with_an_old_version_is_refused_and_overwrites_nothing(ready, played):
    section = ready.sections.order_by("pk")[0]
    more = {"actor": admin(played), "at": AT}
    services.save_section(ready, section.key, data={"a": 1}, version=section.version, **more)
    said = refused(
        "stale",
        services.save_section,
        ready,
        section.key,
        data={"a": 2},
        version=section.version,
        **more,
    )
    assert said.status == 409
    assert Section.objects.get(pk=section.pk).data == {"a": 1}


def test_each_save_is_kept_with_who_and_when(ready, played):
    section = ready.sections.order_by("pk")[0]
    saved = services.save_section(
        ready, section.key, data={"a": "甲"}, version=section.version, actor=admin(played), at=LATER
    )
    kept = SectionVersion.objects.get(section=section, version=saved)
    assert (kept.data, kept.saved_at, kept.saved_by) == (
        {"a": "甲"},
        LATER,
        played.cast.people["admin"],
    )


# Submitting ------------------------------------------------------------------------------------


def test_submitting_freezes_numbers_and_acknowledges(ready, played):
    version = season.submit(ready)
    made = Application.objects.get(pk=ready.pk)
    assert (made.status, made.number, made.version_number) == ("submitted", "JB-2021-000001", 1)
    assert (made.submitted_at, made.first_submitted_at) == (AT, AT)
    assert version.fingerprint == fingerprint(version.snapshot)
    assert version.form.snapshot["content_fingerprint"] == version.fingerprint
    assert version.receipt.snapshot["number"] == made.number
    entry = Entry.objects.get(action="applications.submit")
    assert entry.data == {"before": "draft", "after": "submitted", "note": ""}
    assert {m.email for m in Message.objects.filter(kind="submit")} == {
        played.cast.people["admin"].email,
        played.cast.people["editor"].email,
    }


def test_the_same_key_is_one_submission_however_often_it_arrives(ready):
    first = season.submit(ready, key="one")
    before = counted()
    assert season.submit(ready, key="one") == first
    assert counted() == before


def test_a_resubmission_keeps_the_number_and_the_old_version(ready):
    first = season.submit(ready, key="one")
    Application.objects.filter(pk=ready.pk).update(title="改过的项目")
    second = season.submit(Application.objects.get(pk=ready.pk), key="two", at=LATER)
    made = Application.objects.get(pk=ready.pk)
    assert (made.number, made.version_number, made.submitted_at) == ("JB-2021-000001", 2, LATER)
    assert made.first_submitted_at == AT
    assert first.fingerprint != second.fingerprint
    assert Version.objects.get(pk=first.pk).snapshot["title"] != "改过的项目"


def test_an_incomplete_filing_is_refused_with_what_is_missing_and_nothing_changes(played):
    made = create(played)
    before = counted()
    said = refused("incomplete", services.submit, made, key="k", actor=admin(played), at=AT)
    assert said.status == 422
    assert "处阻止提交" in said.message
    assert counted() == before
    assert Application.objects.get(pk=made.pk).status == "draft"


def test_who_may_not_submit_is_refused(ready, played):
    for name in ("editor", "viewer", "rival", "operator"):
        said = refused(
            "may-not-submit", services.submit, ready, key="k", actor=played.actor(name), at=AT
        )
        assert said.status == 403
    editor = Membership.objects.get(user=played.cast.people["editor"], role=Role.EDITOR)
    Membership.objects.filter(pk=editor.pk).update(may_submit=True)
    assert services.submit(ready, key="k", actor=played.actor("editor"), at=AT).number == 1


def test_numbers_run_without_a_gap_though_submissions_fail_in_between(played, monkeypatch):
    drafts = [season.draft(played, name) for name in ("甲一", "乙二", "丙三")]
    season.submit(drafts[0])
    with monkeypatch.context() as patched:
        patched.setattr("documents.services.request_first", _break)
        with pytest.raises(RuntimeError), transaction.atomic():
            season.submit(drafts[1])
    season.submit(drafts[2])
    season.submit(Application.objects.get(pk=drafts[1].pk), key="again")
    assert sorted(Application.objects.exclude(number="").values_list("number", flat=True)) == [
        "JB-2021-000001",
        "JB-2021-000002",
        "JB-2021-000003",
    ]


def _break(*args, **kwargs):
    raise RuntimeError


def test_the_database_refuses_a_submitted_filing_without_a_version(ready):
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=ready.pk).update(status="submitted")


# Returning and correcting ----------------------------------------------------------------------


def give_back(application, played, *, by="office", field="", section=None, until=None):
    return services.return_for_correction(
        application,
        fields=[
            {
                "section": section or played.call.programme.sections[0].key,
                "field": field,
                "comment": "请补充",
            }
        ],
        note="请补充后再交",
        until=until or AT + timedelta(days=1),
        actor=played.actor(by),
        at=AT,
    )


def test_a_return_opens_the_named_fields_alone(ready, played):
    season.submit(ready)
    first, second = played.call.programme.sections[:2]
    made = give_back(ready, played, section=first.key, field=first.fields[0].key)
    assert made.status == "returned"
    may = {"at": LATER, "section": first.key}
    services.must_be_writable(made, fields=[first.fields[0].key], **may)
    refused("not-returned", services.must_be_writable, made, fields=[first.fields[1].key], **may)
    refused(
        "not-returned", services.must_be_writable, made, at=LATER, section=second.key, fields=["x"]
    )


def test_a_correction_is_a_new_version_and_closes_the_return(ready, played):
    season.submit(ready)
    made = give_back(ready, played)
    section = made.sections.get(key=played.call.programme.sections[0].key)
    assert section.version
    version = season.submit(made, key="two", at=LATER)
    made = Application.objects.get(pk=ready.pk)
    assert (made.status, version.number) == ("submitted", 2)
    assert (made.correction_until, made.returned_fields, made.returned_from) == (None, [], "")


def test_what_was_recommended_stays_recommended_after_its_correction(played):
    season.file(played, "甲一")
    played.clock(3)
    season.recommend(played)
    made = give_back(played.again(0), played, until=AT + timedelta(days=5))
    assert made.returned_from == "recommended"
    season.submit(made, key="two")
    assert played.again(0).status == "recommended"


@pytest.mark.parametrize(
    ("by", "days", "status"),
    [("office", 60, 200), ("office", 61, 422), ("operator", 12, 200), ("operator", 13, 422)],
)
def test_a_return_ends_inside_the_limits_of_whoever_returns(ready, played, by, days, status):
    season.submit(ready)
    until = AT + timedelta(days=days)
    if status == 200:
        assert give_back(ready, played, by=by, until=until).correction_until == until
    else:
        with pytest.raises(Refusal, match="修改截止时间") as said:
            give_back(ready, played, by=by, until=until)
        assert (said.value.code, said.value.status) == ("bad-until", 422)


def test_a_return_without_a_named_field_or_with_an_unknown_section_is_refused(ready, played):
    season.submit(ready)
    more = {"note": "", "until": LATER, "actor": played.actor("office"), "at": AT}
    refused("no-fields", services.return_for_correction, ready, fields=[], **more)
    refused(
        "unknown-section",
        services.return_for_correction,
        ready,
        fields=[{"section": "nothing", "field": "", "comment": ""}],
        **more,
    )


def test_a_stranger_cannot_return(ready, played):
    season.submit(ready)
    for by in ("neighbour", "admin", "rival", "auditor"):
        with pytest.raises(Refusal) as said:
            give_back(ready, played, by=by)
        assert said.value.code == "not-yours"
    assert Application.objects.get(pk=ready.pk).status == "submitted"


# Withdrawing, checking -------------------------------------------------------------------------


def test_a_withdrawn_filing_frees_the_units_limit_and_stays_withdrawn(ready, played):
    season.submit(ready)
    services.withdraw(ready, reason="方案调整", actor=admin(played), at=LATER)
    made = Application.objects.get(pk=ready.pk)
    assert made.status == "withdrawn"
    refused("wrong-status", season.submit, made, key="two")
    assert create(played, title="另一个项目").pk


def test_only_its_own_unit_withdraws(ready, played):
    season.submit(ready)
    for by in ("rival", "viewer", "operator", "office"):
        refused("not-yours", services.withdraw, ready, reason="", actor=played.actor(by), at=LATER)


def test_not_accepting_needs_a_reason_that_says_something(played):
    season.play(played, to="recommended", names=("甲一",))
    played.clock(13)
    more = {"actor": played.actor("office"), "at": AT}
    refused("reason-short", services.not_accept, played.again(0), reason="不行", **more)
    services.not_accept(played.again(0), reason="材料与指南方向不符", **more)
    assert played.again(0).status == "not_accepted"
    assert Message.objects.filter(kind="not_accept", body__contains="材料与指南方向不符").exists()


def test_a_move_that_the_programme_does_not_have_is_refused(played):
    season.file(played, "甲一")
    with pytest.raises(Refusal, match="没有") as said:
        services.move(played.again(0), "revoke", actor=played.actor("office"), at=AT)
    assert said.value.code == "no-such-move"


def test_of_two_people_who_act_on_the_same_page_the_second_meets_the_new_status(played):
    season.play(played, to="recommended", names=("甲一",))
    played.clock(13)
    one, other = played.again(0), played.again(0)
    services.accept(one, actor=played.actor("office"), at=AT)
    said = refused("wrong-status", services.accept, other, actor=played.actor("chief"), at=AT)
    assert "形式审查通过" in said.message
    assert Entry.objects.filter(action="applications.accept").count() == 1


def test_the_cast_is_what_the_tests_think(played):
    assert world.actor(played.cast.people["admin"]).role == Role.UNIT_ADMIN
