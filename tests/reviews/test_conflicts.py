import random

import pytest

from reviews import conflicts
from reviews.conflicts import ApplicationFacts, ExpertFacts, Rule, Unit

CODE_A, CODE_B = "914403001922038216", "9144030071526726XG"
APPLICANT = Unit("示例声学科技有限公司", CODE_A)
PARTNER = Unit("示例大学", CODE_B)
ME = conflicts.person_hash("钱示例", "000-1234 5678")


def application(**changes) -> ApplicationFacts:
    facts = {"applicant": APPLICANT, "partners": (PARTNER,), "region": "440300"}
    return ApplicationFacts(**(facts | changes))


def expert(**changes) -> ExpertFacts:
    facts = {"employer": Unit("示例研究院"), "person": ME, "region": "110000"}
    return ExpertFacts(**(facts | changes))


def rules(found) -> list[Rule]:
    return [reason.rule for reason in found]


def test_a_stranger_may_review():
    assert conflicts.find(expert(), application(), by_region=True) == []


def test_the_same_code_is_a_conflict_however_it_is_typed():
    mine = expert(employer=Unit("另一名称", "９１４４０３００１９２２０３８２１６ "))
    found = conflicts.find(mine, application())
    assert rules(found) == [Rule.EMPLOYER]
    assert found[0].message == "现任职于申报单位（示例声学科技有限公司）"


def test_without_a_code_the_name_decides():
    assert rules(conflicts.find(expert(employer=Unit("示例声学科技 有限公司")), application())) == [
        Rule.EMPLOYER
    ]


def test_two_units_of_one_name_and_different_codes_are_two_units():
    other = Unit("示例声学科技有限公司", CODE_B)
    assert conflicts.find(expert(employer=other), application(partners=())) == []


def test_the_partner_counts_like_the_lead():
    assert rules(conflicts.find(expert(employer=Unit("x", CODE_B)), application())) == [
        Rule.PARTNER
    ]


@pytest.mark.parametrize("code", [CODE_A, CODE_B])
def test_a_past_employer_is_a_conflict(code):
    mine = expert(past_employers=(Unit("旧单位", code),))
    assert rules(conflicts.find(mine, application())) == [Rule.PAST_EMPLOYER]


def test_the_same_person_needs_the_same_name_and_phone():
    same = frozenset({conflicts.person_hash("钱 示例", "（０００）12345678")})
    assert rules(conflicts.find(expert(), application(people=same))) == [Rule.PERSON]
    namesake = frozenset({conflicts.person_hash("钱示例", "000-99999999")})
    assert conflicts.find(expert(), application(people=namesake)) == []


@pytest.mark.parametrize(("name", "phone"), [("", "000-1"), ("钱示例", ""), ("钱示例", "无")])
def test_half_a_person_is_nobody(name, phone):
    assert conflicts.person_hash(name, phone) == ""
    nobody = expert(person=conflicts.person_hash(name, phone))
    assert conflicts.find(nobody, application(people=frozenset({""}))) == []


def test_the_region_counts_only_when_switched_on():
    mine = expert(region="440100")
    assert conflicts.find(mine, application()) == []
    assert rules(conflicts.find(mine, application(), by_region=True)) == [Rule.REGION]
    assert conflicts.find(expert(region=""), application(region=""), by_region=True) == []


def test_several_reasons_are_all_named():
    mine = expert(employer=APPLICANT, past_employers=(PARTNER,), region="440100")
    found = conflicts.find(mine, application(), by_region=True)
    assert rules(found) == [Rule.EMPLOYER, Rule.PAST_EMPLOYER, Rule.REGION]
    assert conflicts.sentence(found).count("；") == 2


# All pairs at once --------------------------------------------------------------------------------

NAMES = (
    "示例声学科技有限公司",
    "示例大学",
    "示例 大学",
    "示例研究院",
    "Example Ｌab",
    "示例集团",
    "",
)
CODES = (CODE_A, CODE_B, "９１４４０３００１９２２０３８２１６", "91110108MA01EXAMP2", "", "", "")
PEOPLE = tuple(conflicts.person_hash(name, "000-12345678") for name in "赵钱孙李周吴")
REGIONS = ("440300", "440100", "110000", "", "4403", "abcdef")


def drawn_world(draw: random.Random):
    """Few names, codes, people and regions, so that many pairs share something; odd ones too."""

    def unit() -> Unit:
        others = draw.sample(NAMES + CODES, draw.randrange(3)) if draw.random() < 0.3 else ()
        return Unit(draw.choice(NAMES), draw.choice(CODES), frozenset(others))

    def units(most: int) -> tuple[Unit, ...]:
        return tuple(unit() for _ in range(draw.randrange(most + 1)))

    experts = {
        key: ExpertFacts(unit(), units(2), draw.choice((*PEOPLE, "", "")), draw.choice(REGIONS))
        for key in draw.sample(range(1000), draw.randrange(9))
    }
    applications = {
        key: ApplicationFacts(
            unit(),
            units(3),
            frozenset(draw.sample(PEOPLE, draw.randrange(3))),
            draw.choice(REGIONS),
        )
        for key in draw.sample(range(1000), draw.randrange(9))
    }
    return experts, applications


@pytest.mark.parametrize("by_region", [False, True])
def test_all_pairs_at_once_say_what_each_pair_says(by_region):
    met = 0
    for seed in range(400):
        experts, applications = drawn_world(random.Random(seed))
        plain = {
            (expert, application): reasons
            for expert, mine in experts.items()
            for application, theirs in applications.items()
            if (reasons := conflicts.find(mine, theirs, by_region=by_region))
        }
        assert conflicts.find_all(experts, applications, by_region=by_region) == plain, seed
        met += len(plain)
    assert met > 1000


def test_units_that_are_one_share_a_mark_and_a_shared_mark_is_not_enough():
    draw = random.Random(1)
    same = 0
    for _ in range(2000):
        one, other = (
            Unit(draw.choice(NAMES), draw.choice(CODES), frozenset(draw.sample(CODES + NAMES, 1)))
            for _ in range(2)
        )
        if one.same(other):
            same += 1
            assert one.marks() & other.marks()
    assert same > 100
    apart = (Unit("示例大学", CODE_A), Unit("示例大学", CODE_B))
    assert apart[0].marks() & apart[1].marks() and not apart[0].same(apart[1])
