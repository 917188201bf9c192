"""What differs between two versions of a list."""

from recommenders import difference


def row(application, title, organisation="示例科技（甲）有限公司", **more):
    return {"application": application, "title": title, "organisation": organisation} | more


def test_the_same_list_has_no_difference():
    rows = [row(1, "甲"), row(2, "乙")]
    assert difference.between(rows, [dict(one) for one in rows]) == []


def test_a_changed_title_is_one_cell_with_the_changed_characters_marked():
    found = difference.between([row(7, "高精度压力传感器件")], [row(7, "高精度压力传感器阵列")])
    assert [(d.rank, d.column) for d in found] == [(1, "项目名称")]
    shown = found[0].as_dict()
    assert shown["paper"] == [("same", "高精度压力传感器"), ("del", "件")]
    assert shown["system"] == [("same", "高精度压力传感器"), ("ins", "阵列")]


def test_another_project_on_the_line_is_the_whole_line_with_where_both_went():
    old = [row(1, "甲"), row(2, "乙")]
    new = [row(2, "乙"), row(3, "丙")]
    found = difference.between(old, new)
    assert [d.column for d in found] == ["整行", "整行"]
    assert found[0].hint == "纸面上的项目已不在名单中；系统中的项目原为第 2 位"
    assert found[1].hint == "纸面上的项目现为第 1 位；系统中的项目为新列入"


def test_a_shorter_list_shows_the_line_that_is_gone():
    found = difference.between([row(1, "甲"), row(2, "乙")], [row(1, "甲")])
    assert [(d.rank, d.system) for d in found] == [(2, "")]
    assert difference.summary(found) == "与当前名单有 1 行不同"


def test_a_resubmitted_form_shows_as_another_version():
    found = difference.between(
        [row(1, "甲", fingerprint="a" * 64)], [row(1, "甲", fingerprint="b" * 64)]
    )
    assert [(d.column, d.paper, d.system) for d in found] == [("申报书版本", "a" * 8, "b" * 8)]
