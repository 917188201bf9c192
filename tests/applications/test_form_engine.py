"""From a request to kept answers, and what is wrong in them. No database."""

import random

import pytest
from django.http import QueryDict

from applications.content import answers, checking
from calls.programme import Section

SECTION = Section.model_validate(
    {
        "key": "demo",
        "title": "示例",
        "fields": [
            {
                "key": "summary",
                "label": "摘要",
                "type": "longtext",
                "required": True,
                "max_chars": 10,
            },
            {"key": "staff", "label": "职工数", "type": "integer", "required": True, "unit": "人"},
            {"key": "research", "label": "研发人员数", "type": "integer", "unit": "人"},
            {"key": "own", "label": "自筹", "type": "money", "unit": "万元", "decimals": 2},
            {"key": "public", "label": "财政", "type": "money", "unit": "万元", "decimals": 2},
            {"key": "total", "label": "总投资", "type": "money", "unit": "万元", "decimals": 2},
            {
                "key": "sum",
                "label": "合计",
                "type": "computed",
                "unit": "万元",
                "formula": {"sum": ["own", "public"]},
            },
            {"key": "starts", "label": "开始", "type": "date"},
            {"key": "ends", "label": "结束", "type": "date"},
            {"key": "joint", "label": "联合体", "type": "boolean"},
            {
                "key": "partners",
                "label": "合作单位",
                "type": "rows",
                "required": True,
                "max_rows": 2,
                "show_if": {"field": "joint", "equals": True},
                "columns": [
                    {"key": "name", "label": "名称", "type": "text", "required": True},
                    {"key": "code", "label": "代码", "type": "uscc", "required": True},
                    {"key": "share", "label": "份额", "type": "percent", "decimals": 0},
                ],
            },
            {
                "key": "finance",
                "label": "经营",
                "type": "year_table",
                "required": True,
                "years": [2019, 2020],
                "columns": [
                    {"key": "revenue", "label": "营收", "type": "money", "required": True},
                    {"key": "rd", "label": "研发投入", "type": "money", "required": True},
                    {
                        "key": "share",
                        "label": "占比",
                        "type": "computed",
                        "unit": "%",
                        "formula": {"ratio": ["rd", "revenue"]},
                    },
                ],
            },
            {
                "key": "marks",
                "label": "资质",
                "type": "multichoice",
                "choices": [{"key": "a", "title": "甲"}, {"key": "b", "title": "乙"}],
            },
        ],
        "rules": [
            {
                "rule": "not_greater",
                "left": "research",
                "right": "staff",
                "message": "不能多于职工数",
            },
            {
                "rule": "equals_sum",
                "total": "total",
                "parts": ["own", "public"],
                "message": "应等于之和",
            },
            {"rule": "date_order", "left": "starts", "right": "ends", "message": "结束早于开始"},
            {
                "rule": "not_greater",
                "left": "finance.rd",
                "right": "finance.revenue",
                "message": "不能多于营收",
            },
            {"rule": "rows_sum", "left": "partners.share", "value": 100, "message": "合计应为 100"},
        ],
    }
)


def posted(**values):
    query = QueryDict(mutable=True)
    for name, value in values.items():
        query.setlist(name.replace("__", "-"), value if isinstance(value, list) else [value])
    return query


def problems(data):
    return checking.check(SECTION, data, answers={"demo": data})


def told(data):
    return {problem.name: problem.message for problem in problems(data)}


def test_what_cannot_be_read_is_kept_as_typed_beside_the_data():
    data = answers.read(SECTION, posted(staff="四百人", research="１６８", own="12,480万元"))
    assert data["research"] == 168
    assert "staff" not in data
    assert data["_raw"] == {"staff": "四百人", "own": "12,480万元"}
    assert "四百人" in told(data)["staff"]
    assert "万元" in told(data)["own"]


def test_a_text_that_is_too_long_is_kept_whole_and_the_excess_named():
    data = answers.read(SECTION, posted(summary="字 " * 13))
    assert data["summary"].count("字") == 13
    assert told(data)["summary"] == "超出 3 字，最多 10 字"


def test_a_missing_answer_is_missing_and_not_wrong():
    found = {problem.name: problem for problem in problems({})}
    assert found["summary"].missing
    assert str(found["staff"]) == "职工数：请填写"


def test_computed_values_are_computed_anew_and_never_taken_from_the_request():
    data = answers.read(
        SECTION,
        posted(
            own="1,000",
            public="234.5",
            sum="9",
            finance__2020__revenue="300",
            finance__2020__rd="50",
            finance__2020__share="99",
        ),
    )
    assert data["sum"] == "1234.50"
    assert data["finance"]["2020"]["share"] == "16.67"


def test_rules_between_fields_lead_to_the_field_that_breaks_them():
    data = answers.read(
        SECTION,
        posted(
            staff="10",
            research="11",
            own="1",
            public="2",
            total="4",
            starts="2021-05-01",
            ends="2021-04-30",
            finance__2019__revenue="1",
            finance__2019__rd="2",
        ),
    )
    found = told(data)
    assert found["research"] == "不能多于职工数"
    assert found["total"] == "应等于之和"
    assert found["starts"] == "结束早于开始"
    assert found["finance-2019-rd"] == "不能多于营收"


def test_a_rule_with_an_empty_side_is_not_judged():
    assert "research" not in told(answers.read(SECTION, posted(research="11")))


def test_conditional_rows_are_asked_only_when_their_condition_holds():
    assert not any(name.startswith("partners") for name in told(answers.read(SECTION, posted())))
    data = answers.read(SECTION, posted(joint="true"))
    assert told(data)["partners-0-name"] == "请至少填写 1 行"


def test_rows_keep_their_places_for_autosave_and_close_up_when_saved():
    sent = posted(
        joint="true", partners__0__name="", partners__2__name="示例大学", partners__2__code="1"
    )
    kept = answers.read(SECTION, sent)
    assert kept["partners"] == [{}, {"name": "示例大学"}]
    assert kept["_raw"] == {"partners-1-code": "1"}
    closed = answers.read(SECTION, sent, compact=True)
    assert closed["partners"] == [{"name": "示例大学"}]
    assert told(closed)["partners-0-code"].startswith("统一社会信用代码应为 18 位")


def test_too_many_rows_are_kept_and_named():
    sent = {f"partners__{n}__name": "示例" for n in range(4)}
    data = answers.read(SECTION, posted(joint="true", **sent))
    assert len(data["partners"]) == 4
    assert "请删去 2 行" in told(data)["partners-0-name"]


def test_a_deleted_row_is_gone():
    data = answers.read(
        SECTION,
        posted(partners__0__name="甲", partners__0__delete="1", partners__1__name="乙"),
        compact=True,
    )
    assert data["partners"] == [{"name": "乙"}]


def test_choices_that_do_not_exist_are_not_kept():
    data = answers.read(SECTION, posted(marks=["a", "x", "a"]))
    assert data["marks"] == ["a"]


def test_the_tally_counts_required_inputs_cell_by_cell():
    data = answers.read(SECTION, posted(summary="短", finance__2019__revenue="1"))
    tally = checking.tally(SECTION, data, answers={})
    assert (tally.done, tally.asked, tally.touched) == (2, 6, True)


@pytest.mark.parametrize("seed", range(40))
def test_damaged_requests_and_damaged_drafts_never_break(seed):
    dice = random.Random(seed)
    names = [
        "summary",
        "staff",
        "own",
        "total",
        "starts",
        "joint",
        "marks",
        "finance-2019-rd",
        "finance-2020-revenue",
        "partners-0-name",
        "partners-9999-code",
        "partners-1-share",
        "nobody",
        "_raw",
        "sum",
        "partners",
        "finance",
    ]
    texts = [
        "",
        " ",
        "true",
        "12",
        "-1",
        "９",
        "2021-13-40",
        "\x00",
        "x" * 3000,
        "<b>",
        "甲",
        "1e9",
    ]
    query = QueryDict(mutable=True)
    for name in dice.sample(names, dice.randrange(1, len(names))):
        query.setlist(name, [dice.choice(texts) for _ in range(dice.randrange(1, 3))])
    checking.check(SECTION, answers.read(SECTION, query), answers={})
    junk = [None, "x", 3, [], ["x"], {}, {"2019": 3}, {"2020": {"rd": "?"}}, [{"name": 4}], True]
    damaged = {name: dice.choice(junk) for name in names}
    checking.check(SECTION, damaged, answers={"demo": damaged})
    answers.with_computed(SECTION, damaged)
