"""Renames and mergers: one person proposes, another one confirms; what follows for filing."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import units
from applications import exclusivity
from applications import services as applications
from applications.workflow import Status
from audit.models import Entry
from calls.models import Winner
from core.errors import Refusal
from notifications.models import Message
from outcomes import publicly
from outcomes.models import Publication
from reviews.conflicts import ApplicationFacts, ExpertFacts, Unit, find
from tests import world
from tests.world import AT
from units import services
from units.models import Change

pytestmark = pytest.mark.django_db
TODAY = timezone.localtime(AT).date()


@pytest.fixture
def cast():
    return world.build()


def refused(why, act, *args, **kwargs):
    with pytest.raises(Refusal) as told:
        act(*args, **kwargs)
    assert told.value.code == why


def propose(cast, **more):
    return services.propose_rename(
        cast.company,
        **{
            "name": "示例新名科技有限公司",
            "day": TODAY - timedelta(days=5),
            "reason": "变更登记通知书〔2021〕1号",
            "actor": cast.actor("office"),
            "at": AT,
            **more,
        },
    )


def merger(cast):
    return services.propose_merge(
        cast.rival,
        into=cast.company,
        reason="合并公告〔2021〕2号",
        actor=cast.actor("office"),
        at=AT,
    )


def confirm(cast, change, *, by="chief", yes=True):
    return services.decide(change, confirm=yes, actor=cast.actor(by), at=AT, note="材料不齐")


def test_a_rename_takes_two_people(cast):
    change = propose(cast)
    cast.company.refresh_from_db()
    assert cast.company.name == "示例科技（甲）有限公司"
    refused("two-people", confirm, cast, change, by="office")
    assert Change.objects.get().state == "proposed"
    confirm(cast, change)
    cast.company.refresh_from_db()
    assert cast.company.name == "示例新名科技有限公司"
    told = Message.objects.filter(kind="renamed").values_list("user__name", flat=True)
    assert set(told) == {"王示例", "李示例", "陈示例"}
    actions = Entry.objects.filter(subject=f"accounts.organisation:{cast.company.pk}")
    assert list(actions.order_by("pk").values_list("action", flat=True))[-3:] == [
        "units.propose_rename",
        "units.decide_rename",
        "accounts.rename",
    ]


def test_a_refused_proposal_changes_nothing_and_makes_room(cast):
    change = propose(cast)
    refused("one-open", propose, cast, name="示例又一名有限公司")
    confirm(cast, change, yes=False)
    cast.company.refresh_from_db()
    assert cast.company.name == "示例科技（甲）有限公司"
    assert Change.objects.get().note == "材料不齐"
    refused("decided", confirm, cast, change)
    propose(cast)


def test_a_confirmation_that_can_no_longer_be_changes_nothing(cast):
    change = propose(cast)
    units.merge(cast.company, into=cast.rival, actor=world.SYSTEM, at=AT)
    refused("unit-merged", confirm, cast, change)
    assert Change.objects.get().state == "proposed"
    assert not Message.objects.filter(kind="renamed").exists()


def test_a_proposal_says_its_basis(cast):
    refused("reason-short", propose, cast, reason="更名")
    assert not Change.objects.exists()


def test_a_filed_version_keeps_the_name_of_its_day(cast):
    before = cast.company.name
    confirm(cast, propose(cast))
    cast.company.refresh_from_db()
    assert cast.company.name_on(TODAY - timedelta(days=6)) == before
    assert cast.company.name_on(TODAY) == "示例新名科技有限公司"


def test_after_a_merger_the_people_are_told_and_cannot_file(cast):
    confirm(cast, merger(cast))
    letter = Message.objects.get(user=cast.people["rival"], kind="merged")
    assert cast.company.name in letter.subject + letter.body
    assert Message.objects.filter(user=cast.people["admin"], kind="took_in").exists()
    cast.rival.refresh_from_db()
    refused("unit-merged", world.draft, cast, unit=cast.rival, by="rival")


def test_a_draft_of_a_merged_unit_cannot_be_submitted(cast):
    draft = world.draft(cast, unit=cast.rival, by="rival", title="智能语音交互")
    confirm(cast, merger(cast))
    refused("unit-merged", applications.submit, draft, key="k", actor=cast.actor("rival"), at=AT)
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_merged_units_share_limit_and_winners(cast):
    world.draft(cast, unit=cast.rival, by="rival", title="智能语音交互")
    assert exclusivity.filed_by(cast.company, cast.call) == 1
    Winner.objects.create(
        round_title="第一批",
        title="声学传感器阵列",
        organisation_code=cast.rival.code,
        organisation_name=cast.rival.name,
    )
    confirm(cast, merger(cast))
    cast.company.refresh_from_db()
    assert exclusivity.filed_by(cast.company, cast.call) == 2
    refused("won-before", world.draft, cast, title="声学传感器 阵列")


def test_a_published_list_shows_the_present_name_with_the_former_one(cast):
    before = cast.company.name
    row = {"application": cast.application.pk, "title": "声学", "organisation": before}
    other = {**row, "organisation": "示例另一名有限公司"}
    publication = Publication(rows=[row, other])
    assert [one["organisation"] for one in publicly.present_rows(publication)] == [
        before,
        "示例另一名有限公司",
    ]
    confirm(cast, propose(cast))
    assert [one["organisation"] for one in publicly.present_rows(publication)] == [
        f"示例新名科技有限公司（曾用名：{before}）",
        "示例另一名有限公司",
    ]
    assert publication.public_rows[0]["organisation"] == before


def test_an_expert_of_a_merged_unit_is_kept_from_the_whole_of_it(cast):
    confirm(cast, merger(cast))
    marks = units.other_marks([cast.company.code, ""])
    facts = ApplicationFacts(applicant=Unit(cast.company.name, cast.company.code))
    by_code = ExpertFacts(employer=Unit("任意写法", cast.rival.code))
    by_name = ExpertFacts(employer=Unit("示例智语(乙)有限公司"))
    for expert in (by_code, by_name):
        assert not find(expert, facts)
        assert find(expert, facts.with_marks(marks))
    stranger = ExpertFacts(employer=Unit("示例无关有限公司", world.uscc(50)))
    assert not find(stranger, facts.with_marks(marks))


def test_an_expert_who_wrote_the_former_name_is_found(cast):
    before = cast.company.name
    confirm(cast, propose(cast))
    cast.company.refresh_from_db()
    marks = units.other_marks([cast.company.code])
    facts = ApplicationFacts(applicant=Unit(cast.company.name, cast.company.code))
    assert find(ExpertFacts(employer=Unit(before)), facts.with_marks(marks))


def test_units_that_never_changed_cost_one_query(cast, django_assert_num_queries):
    codes = [cast.company.code, cast.rival.code, world.uscc(51)]
    with django_assert_num_queries(1):
        assert units.kin_of_codes(codes) == {code: {code} for code in codes}
    with django_assert_num_queries(1):
        assert units.other_marks(codes) == {}
