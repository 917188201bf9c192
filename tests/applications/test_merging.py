"""Joining two people's versions of a section: cell by cell where it is clear, else a clash."""

import pytest

from applications.content import merging
from calls.programme import Section

SECTION = Section.model_validate(
    {
        "key": "team",
        "title": "团队",
        "fields": [
            {"key": "summary", "label": "简介", "type": "longtext"},
            {"key": "site", "label": "网址", "type": "text"},
            {
                "key": "people",
                "label": "成员",
                "type": "rows",
                "columns": [
                    {"key": "name", "label": "姓名", "type": "text"},
                    {"key": "age", "label": "年龄", "type": "integer"},
                    {"key": "duty", "label": "分工", "type": "text"},
                ],
            },
            {
                "key": "finance",
                "label": "经营",
                "type": "year_table",
                "years": [2019, 2020],
                "columns": [{"key": "revenue", "label": "收入", "type": "money"}],
            },
            {"key": "indicators", "label": "指标", "type": "indicators"},
        ],
    }
)
A, B, C = ({"name": name, "age": 30, "duty": "研发"} for name in "甲乙丙")


def join(base, mine, theirs, whole=()):
    bases = {asked.key: base for asked in SECTION.fields}
    found = merging.join(SECTION, bases=bases, mine=mine, theirs=theirs, whole=whole)
    return found.data, [asked.key for asked in found.clashes], found.both


def people(*rows, raw=None):
    return {"people": list(rows), **({"_raw": raw} if raw else {})}


def test_different_fields_are_joined():
    data, clashes, _ = join({}, {"summary": "我"}, {"site": "你"})
    assert data == {"summary": "我", "site": "你"}
    assert clashes == []


def test_a_field_both_changed_to_the_same_is_no_clash():
    assert join({"summary": "旧"}, {"summary": "新"}, {"summary": "新"})[1] == []


def test_a_field_both_changed_differently_is_a_clash_and_keeps_ones_own_here():
    data, clashes, _ = join({"summary": "旧"}, {"summary": "我"}, {"summary": "你"})
    assert clashes == ["summary"]
    assert data == {"summary": "我"}


def test_a_field_that_one_emptied_and_the_other_changed_is_a_clash():
    assert join({"summary": "旧"}, {}, {"summary": "你"})[1] == ["summary"]


def test_unreadable_text_belongs_to_its_field():
    base = {"finance": {"2019": {"revenue": "1"}}}
    mine = {**base, "_raw": {"finance-2020-revenue": "一百"}}
    theirs = {"finance": {"2019": {"revenue": "2"}}}
    data, clashes, _ = join(base, mine, theirs)
    assert clashes == []
    assert data == {"finance": {"2019": {"revenue": "2"}}, "_raw": {"finance-2020-revenue": "一百"}}


def test_cells_of_different_rows_are_joined():
    data, clashes, _ = join(
        people(A, B), people({**A, "age": 31}, B), people(A, {**B, "duty": "测试"})
    )
    assert clashes == []
    assert data == people({**A, "age": 31}, {**B, "duty": "测试"})


def test_different_cells_of_one_row_are_joined():
    data, clashes, _ = join(people(A), people({**A, "age": 31}), people({**A, "duty": "测试"}))
    assert (data, clashes) == (people({**A, "age": 31, "duty": "测试"}), [])


def test_one_cell_changed_twice_is_a_clash_of_the_table():
    assert join(people(A), people({**A, "age": 31}), people({**A, "age": 32}))[1] == ["people"]


def test_a_row_that_one_person_added_is_joined_with_a_cell_of_the_other():
    data, clashes, _ = join(people(A), people(A, B), people({**A, "age": 31}))
    assert (data, clashes) == (people({**A, "age": 31}, B), [])


def test_rows_that_both_added_are_a_clash_with_both_offered():
    _, clashes, both = join(people(A), people(A, B), people(A, C))
    assert clashes == ["people"]
    assert both["people"][0] == [A, C, B]


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (people(B, C), people(A, {**B, "age": 31}, C)),  # one row removed, another changed
        (people(B, C, {"name": "丁"}), people(A, {**B, "age": 31}, C)),  # removed and added
        (people(A, {**B, "age": 31}, C), people(A, C, {"name": "丁"})),
    ],
)
def test_a_removed_row_and_a_changed_one_are_never_joined_by_place(mine, theirs):
    assert join(people(A, B, C), mine, theirs)[1] == ["people"]


def test_a_removed_row_alone_is_taken():
    assert join(people(A, B), people(A, B), people(B))[0] == people(B)


def test_a_table_with_a_row_marked_for_removal_is_not_joined_cell_by_cell():
    mine, theirs = people({**A, "age": 31}, B), people(A, {**B, "age": 32})
    assert join(people(A, B), mine, theirs, whole={"people"})[1] == ["people"]


def test_figures_of_different_years_are_joined():
    data, clashes, _ = join(
        {"finance": {"2019": {"revenue": "1"}}},
        {"finance": {"2019": {"revenue": "5"}}},
        {"finance": {"2019": {"revenue": "1"}, "2020": {"revenue": "2"}}},
    )
    assert clashes == []
    assert data == {"finance": {"2019": {"revenue": "5"}, "2020": {"revenue": "2"}}}


def cells(**more):
    return dict.fromkeys(merging.INDICATOR_COLUMNS, "") | more


def table(reference, *own):
    return {"indicators": {"ref": reference, "own": list(own)}}


def test_indicator_cells_are_joined_by_indicator():
    base = table({"snr": cells(current="68"), "aop": cells()})
    mine = table({"snr": cells(current="68", target="74"), "aop": cells()})
    theirs = table({"snr": cells(current="68"), "aop": cells(current="132")})
    data, clashes, _ = join(base, mine, theirs)
    assert clashes == []
    assert data == table({"snr": cells(current="68", target="74"), "aop": cells(current="132")})


def test_an_untouched_indicator_table_is_no_change():
    theirs = table({"snr": cells(current="68")})
    data, clashes, _ = join({}, {**table({"snr": cells()}), "summary": "我"}, theirs)
    assert (data, clashes) == ({**theirs, "summary": "我"}, [])
