"""The shipped files say what their sources say, clause by clause."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from calls import calendar
from calls import programme as programmes
from calls.programme import Programme, RecommenderKind, Step

CATALOGUE = programmes.catalogue()
READ = {code: programmes.read(path) for code, path in CATALOGUE.items()}
MINISTRY = ("2018-ronghe", "2018-jiebang", "2021-jiebang")
every = pytest.mark.parametrize("programme", READ.values(), ids=READ.keys())


def quota(programme: Programme, kind: str) -> tuple[int | None, bool, bool] | None:
    rows = programme.quotas_for(kind)
    if not rows:
        return None
    (row,) = rows
    return row.limit, row.soft, row.counts_in_region


def test_six_programmes_are_shipped() -> None:
    assert set(CATALOGUE) == {
        *MINISTRY,
        "changsha-platform",
        "chengdu-special-policy",
        "wuhan-claims",
    }


@every
def test_a_file_is_named_after_its_code(programme: Programme) -> None:
    assert CATALOGUE[programme.code].stem == programme.code


@every
def test_a_programme_survives_the_copy_into_a_call(programme: Programme) -> None:
    rules = json.loads(json.dumps(programmes.to_rules(programme)))
    assert programmes.from_rules(rules) == programme


@every
def test_every_rule_names_its_clause(programme: Programme) -> None:
    for part in (*programme.quota, *programme.caps, *programme.tiers):
        assert part.source, part
    for direction in programme.directions:
        assert direction.source, direction.key
        assert all(indicator.source for indicator in direction.indicators), direction.key
    if programme.publicity:
        assert programme.publicity.source
    for applicants_rule in ("per_applicant", "exclude_winners", "legal_person", "regions"):
        if getattr(programme.applicants, applicants_rule):
            assert applicants_rule in programme.applicants.sources
    for name in ("filing_until", "recommendation_until", "scan_until", "paper_until"):
        if getattr(programme.dates, name):
            assert name in programme.dates.sources


@every
def test_what_no_source_states_is_marked_unverified(programme: Programme) -> None:
    assert not programme.templates_verified
    if programme.review:
        assert not programme.review.verified
    assert not any(section.verified for section in programme.sections)


@every
def test_number_prefixes_differ(programme: Programme) -> None:
    others = [p.number_prefix for p in READ.values() if p is not programme]
    assert programme.number_prefix not in others


def test_the_quotas_of_2021_are_those_of_the_notice() -> None:
    programme = READ["2021-jiebang"]
    assert {kind: quota(programme, kind) for kind in RecommenderKind} == {
        "province": (15, True, True),
        "industry_body": (15, True, True),
        "separate_city": (5, True, True),
        "central_group": (3, True, False),
        "ministry_body": (3, True, False),
        "corps": None,
        "city": None,
        "district": None,
    }
    assert {row.source for row in programme.quota} == {"工信厅科函〔2021〕231号 三（二）"}


def test_the_rules_of_2021_are_those_of_the_notice() -> None:
    programme = READ["2021-jiebang"]
    assert programme.number_prefix == "JB-2021"
    assert programme.title == "2021年人工智能产业创新任务揭榜挂帅"
    assert programme.dates.filing_until == dt.date(2021, 11, 15)
    assert programme.dates.recommendation_until == dt.date(2021, 11, 30)
    assert programme.applicants.per_applicant == 3
    assert programme.applicants.exclude_winners
    assert programme.applicants.legal_person
    caps = {cap.tier: (cap.scope, cap.limit, cap.soft) for cap in programme.caps}
    assert caps == {"finalist": ("direction", 5, True), "winner": ("direction", 3, True)}
    assert programme.task is not None
    assert programme.task.months == 24
    assert programme.publicity is None
    assert not programme.has(Step.PUBLICITY)
    assert programme.levels == ()


def test_2021_ships_the_six_known_directions_and_no_figure() -> None:
    programme = READ["2021-jiebang"]
    assert [direction.title for direction in programme.directions] == [
        "高性能云端人工智能芯片",
        "高性能边缘端/终端计算人工智能芯片",
        "智能传感器",
        "终端人工智能推断框架",
        "机器翻译系统",
        "人工智能训练资源库",
    ]
    assert not programme.directions_complete
    assert [choice.title for choice in programme.classes] == ["未注明"]
    assert not any(direction.indicators for direction in programme.directions)


def test_the_rules_of_2018_ronghe_are_those_of_the_notice() -> None:
    programme = READ["2018-ronghe"]
    assert {kind: quota(programme, kind) for kind in RecommenderKind} == {
        "province": (15, True, True),
        "separate_city": (15, True, True),
        "corps": (15, True, True),
        "central_group": (3, True, True),
        "ministry_body": None,
        "industry_body": None,
        "city": None,
        "district": None,
    }
    assert programme.applicants.per_applicant == 1
    assert programme.dates.filing_until == dt.date(2018, 5, 31)
    assert programme.dates.recommendation_until == dt.date(2018, 6, 30)
    assert calendar.weekend_or_holiday(dt.date(2018, 6, 30)) == "星期六"
    assert programme.dates.review_until == dt.date(2018, 8, 31)
    assert programme.dates.announcement_by == dt.date(2018, 10, 31)
    copies = {document.kind: document.copies for document in programme.documents}
    assert (copies["form"], copies["sheet"]) == (1, 1)
    assert [direction.number for direction in programme.directions] == list(range(1, 10))
    assert [choice.title for choice in programme.classes] == [
        "智能产品类",
        "行业应用类",
        "支撑体系类",
    ]
    assert programme.caps == ()
    assert programme.has(Step.LIBRARY)


def test_2018_jiebang_has_seventeen_directions_split_unverified() -> None:
    programme = READ["2018-jiebang"]
    assert [direction.number for direction in programme.directions] == list(range(1, 18))
    assert not any(direction.verified for direction in programme.directions)
    subfields = {d.key: [s.title for s in d.subfields] for d in programme.directions if d.subfields}
    assert subfields == {
        "manufacturing": ["智能工业机器人", "智能控制装备", "智能检测装备", "智能物流装备"]
    }
    assert {cap.tier: (cap.scope, cap.limit) for cap in programme.caps} == {
        "finalist": ("subfield", 5),
        "winner": ("subfield", 3),
    }
    assert quota(programme, "corps") == (None, False, True)
    assert programme.applicants.per_applicant is None


@pytest.mark.parametrize(
    ("direction", "key", "reference"),
    [
        ("drone", "gimbal", "≤ 0.005 度"),
        ("drone", "sensing", "360 度"),
        ("drone", "no_fly", "是"),
        ("medical_imaging", "detection", "> 95 %"),
        ("medical_imaging", "false_negative", "< 1 %"),
        ("medical_imaging", "false_positive", "< 5 %"),
        ("identification", "detection", "> 97 %"),
        ("identification", "accuracy", "> 90 %"),
        ("speech", "chinese", "≥ 96 %"),
        ("speech", "far_field", "> 92 %"),
        ("speech", "intent", "> 90 %"),
        ("translation", "zh_en", "> 85 %"),
        ("translation", "en_zh", "> 85 %"),
        ("sensor", "snr", "≥ 70 dB"),
        ("sensor", "overload", "≥ 135 dB"),
        ("sensor", "pressure", "≤ 100 Pa"),
        ("sensor", "noise", "≤ 0.6 Pa"),
        ("sensor", "magnetic", "≤ 1 pT"),
        ("chip", "cloud", "≥ 128 TFLOPS"),
        ("chip", "cloud_efficiency", "> 1 TFLOPS/W"),
        ("chip", "edge_efficiency", "> 1 TOPS/W"),
        ("manufacturing", "additive", "> 450 cm³/h"),
        ("manufacturing", "endurance", "> 240 h"),
        ("manufacturing", "vision", "≥ 90 %"),
        ("manufacturing", "logistics", "≥ 10 个"),
        ("service_robot", "home", "≥ 量产"),
        ("service_robot", "rescue", "≥ 样机"),
        ("connected_car", "autonomy", "HA"),
    ],
)
def test_a_reference_figure_is_that_of_the_action_plan(
    direction: str, key: str, reference: str
) -> None:
    found = READ["2018-jiebang"].direction(direction)
    assert found is not None
    assert next(i.reference for i in found.indicators if i.key == key) == reference


def test_goals_of_the_country_are_never_held_against_an_applicant() -> None:
    national = {
        (direction.key, indicator.key)
        for direction in READ["2018-jiebang"].directions
        for indicator in direction.indicators
        if indicator.scope == "national"
    }
    assert national == {
        ("smart_home", "television"),
        ("network", "regions"),
        ("network", "companies"),
        ("service_robot", "sites"),
    }


@pytest.mark.parametrize("code", MINISTRY)
def test_the_full_form_follows_the_known_pattern(code: str) -> None:
    programme = READ[code]
    keys = {section.key for section in programme.sections}
    assert keys >= {"unit", "operation", "project", "technology", "team", "property", "benefit"}
    fields = {(section.key, field.key): field for section, field in programme.fields()}
    assert fields["unit", "introduction"].max_chars == 800
    assert fields["project", "summary"].max_chars == 500
    assert fields["technology", "solution"].max_chars == 3000
    assert fields["technology", "innovations"].max_rows == 5
    assert fields["team", "members"].max_rows == 15
    assert fields["consortium", "partners"].max_rows == 4
    assert programme.title_max_chars == 30
    assert {attachment.key for attachment in programme.attachments} >= {
        "licence",
        "audit",
        "rights",
        "test_report",
        "contract",
        "users",
    }
    assert {attachment.max_mb for attachment in programme.attachments} == {20}
    assert ("indicators" in keys) == (code != "2018-ronghe")


def test_changsha_goes_from_application_to_recognition() -> None:
    programme = READ["changsha-platform"]
    assert [programme.step_title(step) for step in programme.steps] == [
        "申请",
        "受理",
        "评审",
        "考察",
        "审定",
        "公示",
        "行文下达",
        "签订建设任务书",
        "平台建设",
        "验收",
        "认定授牌",
    ]
    assert programme.quota == ()
    assert programme.publicity is not None
    assert programme.publicity.working_days == 5
    assert len(programme.directions) == 18
    (cap,) = programme.caps
    assert (cap.tier, cap.scope, cap.limit, cap.soft) == ("winner", "direction", 1, True)
    assert programme.task is not None
    assert (programme.task.months, programme.task.acceptance_within_months) == (12, 1)
    winner = programme.tier("winner")
    assert winner is not None
    assert winner.amount == Decimal(100)


def test_chengdu_decides_sums_after_an_audit_and_publishes_at_least_three_days() -> None:
    programme = READ["chengdu-special-policy"]
    assert programme.decision is not None
    assert programme.decision.amount
    assert programme.publicity is not None
    assert (programme.publicity.working_days, programme.publicity.at_least) == (3, True)
    assert programme.step_title("site_visit") == "专项审计"
    assert quota(programme, "district") == (None, False, True)
    grants = {d.key: (d.grant.rate, d.grant.ceiling) for d in programme.directions if d.grant}
    assert grants["fusion"] == (20, 300)
    assert grants["service_platform"] == (30, 300)
    assert grants["association"] == (None, 50)
    assert grants["contest"] == (50, 100)


def test_wuhan_has_no_review_no_directions_no_limit_and_a_sum_per_case() -> None:
    programme = READ["wuhan-claims"]
    assert not programme.has(Step.REVIEW)
    assert programme.review is None
    assert programme.directions == ()
    assert programme.caps == ()
    assert quota(programme, "district") == (None, False, True)
    assert programme.recommendation is not None
    assert programme.recommendation.visit
    assert programme.decision is not None
    assert programme.decision.amount
    assert programme.publicity is not None
    assert programme.publicity.working_days is None


@every
def test_no_file_carries_a_phone_number_an_address_or_an_account(programme: Programme) -> None:
    text = CATALOGUE[programme.code].read_text("utf-8")
    for word in ("http", "@", "账号", "密码", "QQ", "电话："):
        assert word not in text
