"""Which filings stand in each other's way, over leads and partners."""

import dataclasses

import pytest

from applications import exclusivity, overlaps, services
from applications.models import Application, Participation, Version
from applications.overlaps import Filing, Party, Won
from audit.models import Entry
from calls.models import Winner
from core.errors import Refusal
from tests import season, world
from tests.applications import consortium
from tests.applications.consortium import company, draft, submit, with_partners
from tests.world import AT

A, B, C = (Party(world.uscc(n), f"示例{n}号公司") for n in (501, 502, 503))
SECRET = "对手的秘密项目"


def lead(party: Party) -> Party:
    return dataclasses.replace(party, lead=True)


def filing(pk: int, first: Party, *partners: Party, **more) -> Filing:
    return Filing(
        pk,
        (lead(first), *partners),
        **{
            "title": SECRET,
            "number": f"SL-{pk:06d}",
            "status": "已提交",
            "direction": "sensor",
            "recommender": 1,
            "recommender_name": "示例省厅",
            **more,
        },
    )


def own(first: Party, *partners: Party, **more) -> Filing:
    return filing(1, first, *partners, **{"title": "本单位的项目", "number": "", **more})


def judged(mine: Filing, *others: Filing, won=(), kin=None, **rules):
    return overlaps.clashes(consortium.programme(**rules), mine, others, won=won, kin=kin)


def codes(found) -> list[str]:
    return [clash.code for clash in found]


# The rules, without a database ----------------------------------------------------------------


def test_a_limit_counts_leads_alone_unless_the_programme_counts_partners():
    others = [filing(2, B, A), filing(3, A)]
    assert codes(judged(own(A), *others, per_applicant=2)) == []
    assert codes(judged(own(A), *others, per_applicant=2, count_partners=True)) == ["limit-reached"]
    assert codes(judged(own(A), *others, per_applicant=1)) == ["limit-reached"]
    assert codes(judged(own(A), *others, per_applicant=None)) == []


def test_a_partner_at_its_limit_stands_in_the_way_and_the_way_out_is_named():
    (found,) = judged(
        own(A, C), filing(2, C), filing(3, B, C), per_applicant=2, count_partners=True
    )
    assert found.code == "limit-reached" and found.party == C
    assert "示例503号公司" in found.words and "请更换合作单位" in found.way_out
    assert found.rule


def test_a_unit_of_a_consortium_may_not_also_file_in_the_same_direction():
    rules = {"exclusive_in_direction": True, "per_applicant": None}
    assert codes(judged(own(A, B), filing(2, B), **rules)) == ["same-direction"]
    assert codes(judged(own(B), filing(2, A, B), **rules)) == ["same-direction"]
    assert codes(judged(own(A, B), filing(2, C, B), **rules)) == ["same-direction"]
    assert judged(own(A), filing(2, A), **rules) == []
    assert judged(own(A, B), filing(2, B, direction="chip"), **rules) == []
    assert judged(own(A, B), filing(2, B), per_applicant=None) == []


def test_the_words_for_applicants_hold_nothing_of_the_rival_filing():
    rules = {
        "exclusive_in_direction": True,
        "once_per_project": True,
        "count_partners": True,
        "per_applicant": 1,
    }
    rival = filing(77, C, B, recommender=2, recommender_name="示例邻省厅", text=PROJECT)
    found = judged(own(A, B, title=SECRET, text=PROJECT), rival, **rules)
    assert set(codes(found)) == {"limit-reached", "same-direction", "same-project"}
    for clash in found:
        said = str(clash) + clash.rule
        for hidden in (SECRET, "SL-000077", C.name, C.code, "示例邻省厅"):
            assert hidden not in said, (clash.code, hidden)
        assert B.name in said
        assert "SL-000077" in clash.staff and C.name in clash.staff


def test_ones_own_other_filing_is_named_to_the_applicant():
    (found,) = judged(own(A, B), filing(5, A, title="本单位另一项"), exclusive_in_direction=True)
    assert "本单位另一项" in found.words and "SL-000005" in found.words


PROJECT = "围绕低噪声声学传感器开展系统攻关，完成芯片、封装与校准算法的一体化设计，" * 3
OTHER = "面向港口作业场景研制多机协同调度平台，打通岸桥与水平运输的数据链路，" * 3


def test_the_same_project_through_another_recommender_is_found_by_title_or_text():
    rules = {"once_per_project": True, "per_applicant": None}
    by_title = filing(2, A, title="低噪声声学传感器研制", recommender=2, text=OTHER)
    mine = own(A, title="低噪声 声学传感器研制", text=PROJECT)
    assert codes(judged(mine, by_title, **rules)) == ["same-project"]
    by_text = filing(2, A, title="完全不同的名称", recommender=2, text="新增一句。" + PROJECT)
    assert codes(judged(mine, by_text, **rules)) == ["same-project"]
    another = filing(2, A, title="完全不同的名称", recommender=2, text=OTHER)
    assert judged(mine, another, **rules) == []
    same_way = dataclasses.replace(by_title, recommender=1)
    assert judged(mine, same_way, **rules) == []
    strangers = dataclasses.replace(by_title, parties=(lead(C),))
    assert judged(mine, strangers, **rules) == []


def test_where_the_programme_does_not_forbid_it_the_same_project_is_only_a_note_to_staff():
    twin = filing(2, A, title="低噪声声学传感器研制", recommender=2)
    (found,) = judged(own(A, title="低噪声声学传感器研制"), twin, per_applicant=None)
    assert not found.hard


def test_a_winner_is_the_same_project_of_the_same_unit_under_any_of_its_codes():
    former = world.uscc(599)
    won = [Won("低噪声声学传感器", "示例上一轮", former, "示例旧名公司")]
    mine = own(A, title="低噪声、声学传感器")
    assert judged(mine, won=won, exclude_winners=True) == []
    found = judged(mine, won=won, exclude_winners=True, kin={A.code: {A.code, former}})
    assert codes(found) == ["won-before"] and "示例上一轮" in found[0].words
    as_partner = own(B, A, title="低噪声声学传感器")
    kin = {A.code: {A.code, former}}
    assert codes(judged(as_partner, won=won, exclude_winners=True, kin=kin)) == ["won-before"]
    assert judged(own(B, title="低噪声声学传感器"), won=won, exclude_winners=True, kin=kin) == []


def test_a_winner_without_a_code_is_known_by_its_name():
    won = [Won("示例项目", "示例上一轮", "", "示例 501号公司")]
    assert codes(judged(own(A, title="示例项目"), won=won)) == ["won-before"]


def test_partners_that_are_the_lead_itself_listed_twice_or_too_many_block_submission():
    spec = consortium.programme(max_partners=2)
    rows = [{"name": one.name, "code": one.code} for one in (A, B, B, C)]
    section = spec.section("consortium")
    answers = {"consortium": {"joint": True, "partners": rows}}
    found = overlaps.problems(section, spec, answers, lead_code=A.code)
    assert [(one.name, one.message[:4]) for one in found] == [
        ("partners-0-code", "就是申报"),
        ("partners-2-code", "列了两次"),
        ("partners-3-code", "超出合作"),
    ]
    assert "示例规则 二（三）" in found[2].message
    hidden = {"consortium": {"joint": False, "partners": rows}}
    assert overlaps.problems(section, spec, hidden, lead_code=A.code) == []


# Through the services ------------------------------------------------------------------------


pytestmark = pytest.mark.django_db


@pytest.fixture
def played(db):
    return season.begin(
        consortium.programme(
            exclusive_in_direction=True, count_partners=True, per_applicant=2, once_per_project=True
        )
    )


def refused(code, act, *args, **kwargs) -> Refusal:
    before = (Version.objects.count(), Entry.objects.count(), Participation.objects.count())
    with pytest.raises(Refusal) as found:
        act(*args, **kwargs)
    assert found.value.code == code, found.value
    now = (Version.objects.count(), Entry.objects.count(), Participation.objects.count())
    assert now == before
    return found.value


def test_a_partner_that_filed_alone_in_the_direction_is_refused_with_the_clause(played):
    partner = company(701, "示例伙伴有限公司")
    alone = draft(played, "独报", unit=partner, user=world.person(partner, "unit_admin", "独示例"))
    submit(alone)
    joint = draft(played, "联报", partner)
    said = refused("same-direction", submit, joint)
    assert "示例伙伴有限公司" in said.message and said.rule == "示例规则 二（一）"
    assert alone.title not in str(said)
    with_partners(joint)
    assert submit(joint).number == 1


def test_drafts_of_others_stand_in_nobodys_way(played):
    partner = company(702, "示例伙伴有限公司")
    draft(played, "只是草稿", partner)
    own_filing = draft(
        played, "独报", unit=partner, user=world.person(partner, "unit_admin", "独示例")
    )
    assert submit(own_filing).number == 1


def test_withdrawing_frees_the_partner_and_taking_part_again_is_judged_anew(played):
    partner = company(703, "示例伙伴有限公司")
    person = world.person(partner, "unit_admin", "独示例")
    joint = draft(played, "联报", partner)
    submit(joint)
    alone = draft(played, "独报", unit=partner, user=person)
    refused("same-direction", submit, alone)
    actor = world.actor(joint.created_by)
    services.withdraw(joint, reason="联合体解散", actor=actor, at=AT)
    assert submit(alone).number == 1
    joint.refresh_from_db()
    for act in ("submit", "correct"):
        with pytest.raises(Refusal):
            services.move(joint, act, actor=actor, at=AT)
    again = draft(played, "又联报", partner)
    refused("same-direction", submit, again)


def test_adding_a_partner_on_submitting_again_is_judged_too(played):
    partner = company(704, "示例伙伴有限公司")
    alone = draft(played, "独报", unit=partner, user=world.person(partner, "unit_admin", "独示例"))
    submit(alone)
    joint = draft(played, "联报")
    submit(joint)
    with_partners(joint, partner)
    refused("same-direction", submit, joint, key="k2")
    joint.refresh_from_db()
    assert joint.version_number == 1
    assert {row.lead for row in joint.participations.all()} == {True}


def test_taking_part_in_others_filings_counts_when_one_more_is_started(played):
    partner = company(705, "示例伙伴有限公司")
    person = world.person(partner, "unit_admin", "独示例")
    directions = list(played.call.directions.all())
    for number, name in enumerate(("联一", "联二")):
        joint = draft(played, name, partner)
        Application.objects.filter(pk=joint.pk).update(direction=directions[number])
        joint.refresh_from_db()
        submit(joint)
    said = refused("limit-reached", season.draft, played, "第三项", unit=partner, user=person)
    assert "2 项" in said.message


def test_a_project_that_won_under_the_unit_s_name_is_refused_at_submission(played):
    made = draft(played, "前优")
    Winner.objects.create(
        round_title="示例上一轮", title=made.title, organisation_name=made.organisation.name
    )
    said = refused("won-before", submit, made)
    assert "示例上一轮" in said.message and said.rule


def test_a_unit_without_a_code_has_not_won_what_others_without_one_won(played):
    made = draft(played, "一项")
    Winner.objects.create(round_title="示例上一轮", title="别家的项目", organisation_name="别家")
    own = filing(made.pk, A)
    assert exclusivity._won(made.call, {"", A.code}, own) == []
    assert not Winner.objects.filter(exclusivity.won_by(["", A.code])).exists()


def test_staff_are_told_which_filing_clashes_and_may_not_recommend_it(played):
    unit = company(706, "示例双投有限公司")
    person = world.person(unit, "unit_admin", "双示例")
    here = draft(played, "一投", unit=unit, user=person, title="低噪声声学传感器研制")
    submit(here)
    there = draft(
        played,
        "二投",
        unit=unit,
        user=person,
        title="低噪声声学传感器研制",
        recommender=played.cast.other_province,
    )
    refused("same-project", submit, there)
    # Both came in before the rule was switched on.
    rules = dict(played.call.rules)
    rules["applicants"] = {**rules["applicants"], "once_per_project": False}
    type(played.call).objects.filter(pk=played.call.pk).update(rules=rules)
    there = Application.objects.get(pk=there.pk)
    submit(there)
    (found,) = exclusivity.clashes(Application.objects.get(pk=here.pk))
    assert not found.hard and found.other == there.pk
    assert played.cast.other_province.name in found.staff
    exclusivity.must_be_clear(Application.objects.get(pk=here.pk))
    rules["applicants"]["once_per_project"] = True
    type(played.call).objects.filter(pk=played.call.pk).update(rules=rules)
    with pytest.raises(Refusal) as said:
        exclusivity.must_be_clear(Application.objects.get(pk=here.pk))
    assert said.value.code == "same-project" and said.value.rule == "示例规则 二（二）"
