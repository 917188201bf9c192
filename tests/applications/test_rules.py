"""Rules between fields, declared in a programme's file and held against kept answers."""

import pytest

from applications.content import checking
from calls import programme as programmes
from calls.programme import Section

FIELDS = [
    {"key": "joint", "label": "联合", "type": "boolean"},
    {"key": "own", "label": "自筹", "type": "money", "unit": "万元"},
    {"key": "public", "label": "财政", "type": "money", "unit": "万元"},
    {"key": "total", "label": "总投资", "type": "money", "unit": "万元"},
    {"key": "starts", "label": "开始", "type": "month"},
    {"key": "ends", "label": "结束", "type": "date"},
    {"key": "lead", "label": "牵头份额", "type": "percent"},
    {"key": "phone", "label": "电话", "type": "phone"},
    {"key": "mail", "label": "邮箱", "type": "email"},
    {
        "key": "share",
        "label": "占比",
        "type": "computed",
        "maximum": 50,
        "unit": "%",
        "formula": {"ratio": ["public", "total"]},
    },
    {
        "key": "rows",
        "label": "明细",
        "type": "rows",
        "max_rows": 9,
        "columns": [
            {"key": "number", "label": "编号", "type": "text"},
            {"key": "part", "label": "份额", "type": "percent"},
            {"key": "most", "label": "上限", "type": "percent"},
            {
                "key": "state",
                "label": "状态",
                "type": "choice",
                "choices": [{"key": "done", "title": "完成"}, {"key": "open", "title": "进行"}],
            },
            {"key": "date", "label": "日期", "type": "date"},
        ],
    },
    {
        "key": "years",
        "label": "三年",
        "type": "year_table",
        "years": [2019, 2020],
        "columns": [
            {"key": "ai", "label": "其中", "type": "money"},
            {"key": "all", "label": "收入", "type": "money"},
        ],
    },
]
SAYS = {"message": "不合规则"}
JOINT = {"field": "joint", "equals": True}


def problems(data: dict, *rules: dict) -> list[str]:
    section = Section.model_validate(
        {"key": "s", "title": "节", "fields": FIELDS, "rules": [SAYS | rule for rule in rules]}
    )
    return [f"{one.name}:{one}" for one in checking.check(section, data, answers={}) if one.joint]


NOT_GREATER = {"rule": "not_greater", "left": "public", "right": "total"}
HALF = NOT_GREATER | {"percent": 50, "source": "示例函 二（三）"}
IN_ROW = {"rule": "not_greater", "left": "rows.part", "right": "rows.most"}
IN_YEAR = {"rule": "not_greater", "left": "years.ai", "right": "years.all"}
SUM = {"rule": "equals_sum", "total": "total", "parts": ["own", "public"]}
SUM_OF_ROWS = {"rule": "equals_sum", "total": "total", "parts": ["own", "rows.part"]}
HUNDRED = {"rule": "sum_is", "parts": ["lead", "rows.part"], "value": 100, "when": JOINT}
ROWS_SUM = {"rule": "rows_sum", "left": "rows.part", "value": 100}
ORDER = {"rule": "date_order", "left": "starts", "right": "ends"}
WHEN = {
    "rule": "required_when",
    "left": "rows.date",
    "when": {"field": "rows.state", "equals": "done"},
}
WHEN_JOINT = {"rule": "required_when", "left": "lead", "when": JOINT}
ONE_OF = {"rule": "one_of", "parts": ["phone", "mail"]}
UNIQUE = {"rule": "unique", "left": "rows.number"}


@pytest.mark.parametrize(
    ("rule", "data", "names"),
    [
        (NOT_GREATER, {"public": "5", "total": "5.00"}, []),
        (NOT_GREATER, {"public": "5.01", "total": "5.00"}, ["public"]),
        (NOT_GREATER, {"public": "5"}, []),
        (HALF, {"public": "5", "total": "10"}, []),
        (HALF, {"public": "5.01", "total": "10"}, ["public"]),
        (
            IN_ROW,
            {"rows": [{"part": "3", "most": "3"}, {"part": "4", "most": "3"}]},
            ["rows-1-part"],
        ),
        (IN_YEAR, {"years": {"2020": {"ai": "2", "all": "1"}}}, ["years-2020-ai"]),
        (SUM, {"own": "1", "public": "2", "total": "3.00"}, []),
        (SUM, {"own": "1", "public": "2", "total": "4"}, ["total"]),
        (SUM, {"own": "1", "total": "1"}, []),
        (SUM, {"total": "1"}, []),
        (SUM_OF_ROWS, {"own": "1", "total": "6", "rows": [{"part": "2"}, {"part": "3"}]}, []),
        (
            SUM_OF_ROWS,
            {"own": "1", "total": "7", "rows": [{"part": "2"}, {"part": "3"}]},
            ["total"],
        ),
        (HUNDRED, {"joint": True, "lead": "60", "rows": [{"part": "40"}]}, []),
        (
            HUNDRED,
            {"joint": True, "lead": "60", "rows": [{"part": "30"}, {"part": "20"}]},
            ["lead"],
        ),
        (HUNDRED, {"joint": False, "lead": "60", "rows": [{"part": "30"}]}, []),
        (HUNDRED, {"joint": True, "lead": "60"}, []),
        (ROWS_SUM, {"rows": [{"part": "40"}, {"part": "60"}]}, []),
        (ROWS_SUM, {"rows": [{"part": "40"}, {"part": "61"}]}, ["rows-0-part"]),
        (ORDER, {"starts": "2021-03", "ends": "2021-03-01"}, []),
        (ORDER, {"starts": "2021-04", "ends": "2021-03-31"}, ["starts"]),
        (WHEN, {"rows": [{"state": "open"}, {"state": "done", "date": "2021-01-01"}]}, []),
        (WHEN, {"rows": [{"state": "open"}, {}, {"state": "done"}]}, ["rows-2-date"]),
        (WHEN_JOINT, {"joint": True}, ["lead"]),
        (WHEN_JOINT, {"joint": False}, []),
        (WHEN_JOINT, {}, []),
        (ONE_OF, {}, ["phone"]),
        (ONE_OF, {"mail": "a@example.org"}, []),
        (
            UNIQUE,
            {"rows": [{"number": "ZL 1"}, {"number": "zl１"}, {"number": "2"}]},
            ["rows-1-number"],
        ),
        (UNIQUE, {"rows": [{"number": ""}, {"number": ""}, {}]}, []),
    ],
)
def test_a_rule_is_broken_where_it_says(rule: dict, data: dict, names: list[str]) -> None:
    assert [one.partition(":")[0] for one in problems(data, rule)] == names


def test_the_clause_stands_behind_the_message() -> None:
    told = problems({"public": "9", "total": "10"}, HALF)
    assert told == ["public:财政：不合规则（示例函 二（三））"]


def test_the_row_is_named_for_people() -> None:
    rows = {"rows": [{"number": "1"}, {"number": "1"}]}
    assert problems(rows, UNIQUE) == ["rows-1-number:明细 第 2 行 编号：不合规则"]


@pytest.mark.parametrize("rule", [NOT_GREATER, SUM, HUNDRED, ROWS_SUM, ORDER, WHEN, UNIQUE, ONE_OF])
@pytest.mark.parametrize(
    "damaged",
    [[], {}, "x", 7, None, True, [None], [[]], [{"part": {}}], {"2020": []}, {"x": {"ai": []}}],
)
def test_damaged_answers_break_no_rule_loudly(rule: dict, damaged: object) -> None:
    names = ("own", "public", "total", "starts", "ends", "lead", "rows", "years", "joint", "phone")
    problems(dict.fromkeys(names, damaged), rule)


def test_the_limit_of_a_computed_field_holds() -> None:
    section = Section.model_validate({"key": "s", "title": "节", "fields": FIELDS})
    data = {"public": "51", "total": "100", "share": "51.00"}
    told = [str(one) for one in checking.check(section, data, answers={})]
    assert told == ["占比：不能大于 50 %"]


@pytest.mark.parametrize("code", sorted(programmes.catalogue()))
def test_every_shipped_rule_speaks_of_fields_that_are_there(code: str) -> None:
    programme = programmes.read(programmes.catalogue()[code])
    for section in programme.sections:
        for rule in section.rules:
            assert rule.message.strip() and rule.references()


def test_the_shares_of_a_shipped_consortium_add_up_to_a_hundred() -> None:
    programme = programmes.read(programmes.catalogue()["2021-jiebang"])
    section = programme.section("consortium")
    assert section is not None
    row = {"name": "示例大学", "code": "9144030071526726XG", "share": "40", "work": "试验"}
    for lead, wrong in (("60", False), ("50", True)):
        data = {"joint": True, "lead_share": lead, "partners": [row]}
        told = [str(one) for one in checking.check(section, data, answers={}) if one.joint]
        assert bool(told) is wrong


def test_a_section_under_a_condition_is_silent_until_it_holds() -> None:
    section = Section.model_validate(
        {
            "key": "s",
            "title": "节",
            "condition": {"field": "other.joint", "equals": True},
            "fields": [{"key": "a", "label": "甲", "type": "text", "required": True}],
        }
    )
    for joint, asked in ((True, ["请填写"]), (False, []), (None, [])):
        found = checking.check(section, {}, answers={"other": {"joint": joint}})
        assert [one.message for one in found] == asked
