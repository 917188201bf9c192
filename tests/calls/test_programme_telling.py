"""Whoever pastes a file reads its faults by line and key, in Chinese, with a way out."""

import re

import pytest

from calls import programme as programmes
from calls.programme import ProgrammeError, lines, telling
from calls.programme.differences import Kind, between
from calls.programme.outline import unverified
from tests.calls.test_programme_faults import CASES, SMALL

LETTERS = re.compile(r"[A-Za-z]{3,}(?: [a-z]{2,}){2,}")


def faults(text):
    with pytest.raises(ProgrammeError) as caught:
        programmes.read_text(text, name="sent.toml")
    return telling.told(caught.value.problems, text)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[2]}: {case[3]}"[:60])
def test_each_fault_is_told_in_chinese_at_its_line(case):
    before, after, where, said = case
    text = SMALL.replace(before, after)
    found = faults(text)
    assert found
    for one in found:
        assert re.search(r"[\u4e00-\u9fff]", one.words), one
        assert not LETTERS.search(one.words), f"English on the page: {one.words}"
        assert one.way_out
    if where != "file":
        assert any(where in one.key for one in found), [one.key for one in found]
    if said not in ("Field required", "has no [publicity]", "has no quota rows"):
        assert found[0].line, found


def test_the_line_is_that_of_the_key_in_tables_arrays_and_inline_tables():
    text = (
        'a = 1\n# note [x]\n[t]\nb = "x # ] }"\n[[q]]\nc = [1,\n  2]\n[[q]]\n'
        "d = [\n  { k = 1, s = '''\n]]\n''' },\n  { k = 2 },\n]\n\"e f\".g = 3\n"
    )
    found = lines.of_text(text)
    assert lines.line_of("t.b", found) == 4
    assert lines.line_of("q.0.c.1", found) == 7
    assert lines.line_of("q.1.d.0.k", found) == 10
    assert lines.line_of("q.1.d.1.k", found) == 13
    assert found[("q", 1, "e f", "g")] == 15
    assert lines.line_of("q.1.missing", found) == 8
    assert lines.line_of("nowhere", found) is None


@pytest.mark.parametrize("code", sorted(programmes.catalogue()))
def test_the_walk_over_a_shipped_file_finds_every_key(code):
    path = programmes.catalogue()[code]
    text = path.read_text("utf-8")
    found = lines.of_text(text)

    def check(place, value):
        if isinstance(value, dict):
            for key, held in value.items():
                check((*place, key), held)
        elif isinstance(value, list):
            for index, held in enumerate(value):
                check((*place, index), held)
        if place:
            assert place in found, place
            key = next((part for part in reversed(place) if isinstance(part, str)), "")
            if not isinstance(place[-1], int):
                assert key in text.split("\n")[found[place] - 1], place

    check((), programmes.reading.load(path))


def test_a_fault_behind_an_include_is_named_where_it_stands_in_the_text():
    text = SMALL.replace(
        "[[sections]]",
        '[[sections]]\ninclude = "common/unit.toml"\n\n[[sections]]\ncolour = "red"',
        1,
    )
    found = faults(text)
    told = next(one for one in found if "colour" in one.key)
    assert text.split("\n")[told.line - 1].startswith("colour")


def test_a_text_that_is_read_gives_the_same_programme_as_its_file():
    for path in programmes.catalogue().values():
        if path.parent == programmes.CATALOGUE:
            text = path.read_text("utf-8")
            assert programmes.read_text(text, name=path.name) == programmes.read(path)


def test_differences_name_what_was_added_removed_and_changed():
    old = programmes.to_rules(programmes.read_text(SMALL, name="x"))
    text = SMALL.replace("limit = 5", "limit = 7").replace('title = "东', 'title = "新东')
    new = programmes.to_rules(programmes.read_text(text, name="x"))
    found = {one.path: one for one in between(old, new)}
    limit = next(one for path, one in found.items() if path.endswith(".limit"))
    assert (limit.kind, limit.before, limit.after) == (Kind.CHANGED, "5", "7")
    assert limit.part == "推荐名额"
    assert between(old, old) == []
    fewer = {**old, "attachments": [], "note": "新的说明"}
    kinds = {(one.path.partition("[")[0], one.kind) for one in between(old, fewer)}
    assert ("attachments", Kind.REMOVED) in kinds
    assert any(path == "note" for path, _ in kinds)


def test_an_entry_moved_in_its_list_is_one_change_and_not_many():
    rules = programmes.to_rules(programmes.read(programmes.catalogue()["2018-jiebang"]))
    turned = {**rules, "directions": list(reversed(rules["directions"]))}
    found = between(rules, turned)
    assert [one.title for one in found] == ["方向 次序"]


def test_what_is_unverified_is_listed():
    said = unverified(programmes.read(programmes.catalogue()["2021-jiebang"]))
    assert "方向没有列全，可由表格补录" in said
    assert "申报书、汇总表等文书样式未核实" in said
