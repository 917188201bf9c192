"""What differs between two frozen contents."""

import time

import pytest

from applications import differences
from applications.differences import between, pieces, shortened
from tests import season
from tests.applications.filling import url
from tests.applications.test_pages_submission import signed_in
from tests.applications.test_similarity import prose, write


def frozen(*blocks, attachments=(), **more) -> dict:
    return {
        "title": "项目",
        "class": "类",
        "direction": "方向",
        "subfield": "",
        "organisation": {"name": "示例公司"},
        "recommender": {"name": "示例省厅"},
        "sections": [{"key": "part", "title": "部分", "blocks": list(blocks)}],
        "attachments": list(attachments),
        **more,
    }


def text(words: str, key: str = "text") -> dict:
    return {"kind": "text", "key": key, "label": "说明", "text": words}


def table(*rows) -> dict:
    columns = [{"label": "姓名"}, {"label": "分工"}]
    return {"kind": "table", "key": "rows", "label": "成员", "columns": columns, "rows": list(rows)}


def file(name: str, sha: str, key: str = "proof") -> dict:
    return {"key": key, "kind": "证明", "name": name, "pages": 2, "sha256": sha * 64}


def told(left, right) -> list[tuple[str, str, str]]:
    return [(c.label, c.before, c.after) for part in between(left, right) for c in part.changes]


def test_the_same_contents_have_no_changes():
    one = frozen(text("甲"), table(["赵", "测试"]), attachments=[file("a.pdf", "1")])
    assert between(one, one) == []


def test_basics_and_figures_are_told_with_their_units():
    row = {"key": "sum", "label": "总投资", "value": "10", "unit": "万元"}
    left = frozen({"kind": "fields", "rows": [row]})
    right = frozen({"kind": "fields", "rows": [{**row, "value": "12"}]}, title="新项目")
    assert told(left, right) == [
        ("项目名称", "项目", "新项目"),
        ("总投资", "10 万元", "12 万元"),
    ]


def test_a_row_put_in_front_is_one_new_row_and_not_every_row_changed():
    left = frozen(table(["赵", "测试"], ["钱", "设计"]))
    right = frozen(table(["孙", "统筹"], ["赵", "测试"], ["钱", "封装"]))
    assert told(left, right) == [
        ("成员：第 1 行，新增", "", "姓名 孙；分工 统筹"),
        ("成员：第 3 行", "姓名 钱；分工 设计", "姓名 钱；分工 封装"),
    ]


def test_a_file_of_the_same_name_with_other_bytes_is_another_file():
    left = frozen(attachments=[file("a.pdf", "1"), file("旧名.pdf", "3")])
    right = frozen(attachments=[file("a.pdf", "2"), file("新名.pdf", "3")])
    labels = [label for label, _, _ in told(left, right)]
    assert labels == ["证明，移除", "证明，改名", "证明，新增"]


def test_a_section_that_is_no_longer_asked_is_told_as_removed():
    left = frozen(text("曾经填写"))
    assert told(left, frozen() | {"sections": []}) == [("说明", "曾经填写", "")]


def test_long_texts_are_compared_by_characters_and_words_stay_whole():
    before, after = "功耗降至 12.5 W，精度较高。其余不变。", "功耗降至 9.8 W，精度很高。其余不变。"
    left, right = pieces(before, after)
    assert [text for kind, text in left if kind == "old"] == ["12.5", "较"]
    assert [text for kind, text in right if kind == "new"] == ["9.8", "很"]
    assert "".join(text for _, text in left) == before
    assert "".join(text for _, text in right) == after


def test_a_sentence_written_anew_is_shown_whole_and_not_in_crumbs():
    kept = "保留的句子。"
    left, right = pieces(f"原来的说法完全是这样。{kept}", f"另写一段毫不相干之内容！{kept}")
    assert [text for kind, text in left if kind == "old"] == ["原来的说法完全是这样。"]
    assert [text for kind, text in right if kind == "new"] == ["另写一段毫不相干之内容！"]


def test_long_unchanged_stretches_are_left_out_with_their_length():
    same = prose("s", 400)
    left, _ = pieces(same + "旧。" + same, same + "新。" + same)
    short = shortened(left)
    gaps = [text for kind, text in short if kind == "gap"]
    assert len(gaps) == 2 and "字相同" in gaps[0]
    assert sum(len(text) for _, text in short) < 300


def test_two_texts_of_three_thousand_characters_are_compared_quickly():
    one, two = prose("one", 3000).replace("。", "，"), prose("two", 3000).replace("。", "，")
    started = time.perf_counter()
    pieces(one, two)
    pieces(one, one[:1500] + two[1500:])
    assert time.perf_counter() - started < 8


@pytest.mark.django_db
def test_the_page_compares_any_two_versions_and_the_draft():
    played = season.begin()
    made = season.draft(played, "比较", unit=played.cast.company, user=played.cast.people["admin"])
    write(made, "第一版的方案。" + prose("x", 200), key="k1")
    write(made, "第二版的方案。" + prose("x", 200), key="k2")
    client = signed_in(played.cast, "admin")
    page = client.get(url("compare", made), {"a": "1", "b": "2"}).content.decode()
    assert "<del>一</del>" in page and "<ins>二</ins>" in page and "有 1 处不同" in page
    assert "字相同" in page
    same = client.get(url("compare", made), {"a": "2", "b": "draft"}).content.decode()
    assert "内容相同" in same
    back = client.get(url("compare", made), {"a": "draft", "b": "1"}).content.decode()
    assert "<del>二</del>" in back
    for wrong in ({"a": "9"}, {"a": "x"}, {"b": "-1"}):
        assert client.get(url("compare", made), wrong).status_code == 404


def test_a_change_knows_its_section_and_field():
    (part,) = between(frozen(text("甲", key="aim")), frozen(text("乙", key="aim")))
    assert (part.key, part.changes[0].section, part.changes[0].field) == ("part", "part", "aim")
    assert differences.BASICS == "basics"
