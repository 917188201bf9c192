"""Texts of our own with every kind of damage; nothing of a real compendium."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.parsing import Unreadable, markers, parse, repairs
from policies.parsing.tree import heading_of


@pytest.fixture
def found(text):
    return parse(text)


def node(found, order, path):
    policy = next(one for one in found.policies if one.order == order)
    return next(one for one in policy.root.walk() if one.path == path)


def test_zones_and_policies_come_from_the_contents(found):
    assert found.zones == ["天津国家示例创新发展试验区", "杭州国家示例创新发展试验区"]
    assert [(p.order, p.zone[:2]) for p in found.policies] == [
        (1, "天津"),
        (2, "天津"),
        (3, "杭州"),
    ]


def test_a_title_without_a_body_is_reported(found):
    assert found.missing == ["示例城没有正文的政策"]


def test_every_line_of_the_body_lands_in_exactly_one_node(found, text):
    landed = Counter(n for p in found.policies for one in p.root.walk() for n in one.lines)
    first = text.splitlines().index("示例市支持智能产品的若干措施") + 1
    body = [n for n, line in enumerate(text.splitlines(), 1) if n >= first and line.strip()]
    assert landed == Counter(body)
    assert found.body_lines == len(body)


def test_no_word_is_lost_or_invented(found, text):
    """Letter by letter: what stands in the nodes is what stands in the lines."""
    lines = text.splitlines()
    for policy in found.policies:
        for one in policy.root.walk():
            said = one.label + one.heading + one.text
            held = "".join(lines[n - 1] for n in sorted(one.lines)).replace(" and ", "和")
            assert _letters(said) == _letters(held), one.path or policy.title


def _letters(text):
    return Counter(c for c in text if c.isalnum())


def test_levels_nest(found):
    paths = [one.path for one in found.policies[0].root.walk()]
    assert paths == [
        "0",
        "b1",
        "b1-k1",
        "b1-k2",
        "b1-k2-x1",
        "b1-k2-x1-j1",
        "b1-k2-x1-j2",
        "b2",
        "b2-k1",
        "b2-k1-l1",
        "b2-k1-l1-x1",
        "b2-k1-l1-x2",
        "b2-k2",
    ]


def test_articles_are_linked_by_their_number_in_the_policy_and_not_the_chapter(found):
    kinds = [(one.kind, one.path) for one in found.policies[1].root.walk()]
    assert [path for kind, path in kinds if kind == "article"] == ["t1", "t2", "t3"]
    assert [path for kind, path in kinds if kind == "chapter"] == ["z1", "z2"]
    assert [path for kind, path in kinds if kind == "section"] == ["t3-k1", "t3-k2"]


def test_a_paragraph_cut_by_a_page_is_put_together(found):
    assert "按照项目投入的20%给予" in node(found, 1, "b1-k2").text
    assert "主要从事智能产品研发的企业" in node(found, 2, "t2").text


def test_a_title_over_two_lines_is_found(found):
    assert found.policies[1].root.heading == "示例市培育智能企业实施细则（2020-2022年）"


def test_a_box_keeps_its_items_and_ends_where_the_outer_count_goes_on(found):
    box = node(found, 1, "b2-k1-l1")
    assert [child.heading for child in box.children] == ["通用算力", "智能算力"]
    assert node(found, 1, "b2-k2").heading == "推广首台（套）产品"


def test_after_a_box_the_outer_items_go_on():
    text = _one("一、甲", "1. 外一", "专栏 1 乙", "1. 内一", "2. 内二", "2. 外二")
    paths = [one.path for one in parse(text).policies[0].root.walk()]
    assert paths == ["0", "b1", "b1-x1", "b1-x1-l1", "b1-x1-l1-x1", "b1-x1-l1-x2", "b1-x2"]


def test_a_table_keeps_rows_and_cells_with_its_caption(found):
    table = node(found, 3, "b1-g1")
    assert table.heading == "表 1 主要指标"
    assert [row.split("\t") for row in table.text.split("\n")] == [
        ["类别", "指标", "2025年"],
        ["产业", "核心产业产值", "50"],
        ["", "企业数", "8"],
    ]


def test_what_belongs_nowhere_is_named_and_kept(found, text):
    lines = text.splitlines()
    assert [lines[n - 1] for n in found.unplaced] == [
        "2018",
        "【更多示例可扫描下方图形】",
        "（示例网）",
    ]


def test_repairs_are_counted_by_rule(found):
    counts = found.counts()
    assert {
        "跨页断开",
        "英文连词",
        "文号括号",
        "重复标点",
        "半角标点",
        "半角括号",
        "多余空格",
    } <= set(counts)
    assert counts["跨页断开"] == 2


def test_keys_survive_another_order_and_other_brackets(text, found):
    other = text.replace("（2020-2022年） 12", "(2020—2022 年)..... 99")
    assert [p.key for p in parse(other).policies] == [p.key for p in found.policies]


@pytest.mark.parametrize(
    "text, why",
    [
        ("随便一段文字", "目录"),
        ("目录\n- 1. 没有试验区的政策", "前没有试验区"),
        ("目录\n一、甲试验区\n- 1. 乙\n正文里没有标题", "没有找到"),
        ("", "目录"),
    ],
)
def test_what_is_no_compendium_says_why(text, why):
    with pytest.raises(Unreadable, match=why):
        parse(text)


@pytest.mark.parametrize(
    "before, after",
    [
        ("支持企业,高校", "支持企业，高校"),
        ("比例为1:1,共3,000元", "比例为1:1，共3,000元"),
        ("企业 and 高校", "企业和高校"),
        ("Research and Development", "Research and Development"),
        ("示发„2021“31号", "示发〔2021〕31号"),
        ("示发[2019] 5号", "示发〔2019〕5号"),
        ("支持。。", "支持。"),
        ("引强。，引进", "引强。引进"),
        ("智 能 产品", "智能产品"),
        ("到 2025 年", "到 2025 年"),
        ("推广(首台)产品", "推广（首台）产品"),
        ("芯片(GPU)等", "芯片（GPU）等"),
        ("f(x) = y", "f(x) = y"),
        ("<u>智慧</u>", "智慧"),
        ('"双百工程"企业', "“双百工程”企业"),
    ],
)
def test_each_repair(before, after):
    assert repairs.mend(before)[0] == after


@given(st.text(alphabet='甲乙丙，。（）():;, 12ab“”"《》〔〕[]号年and', max_size=60))
def test_mending_twice_changes_nothing_more_and_keeps_every_letter(text):
    once, _ = repairs.mend(text)
    again, _ = repairs.mend(once)
    if "and" not in text:
        assert _letters(once) == _letters(text)
    assert _letters(again) == _letters(once)


@pytest.mark.parametrize(
    "line, kind, number",
    [
        ("第十二章 总则", "chapter", 12),
        ("第四十二条本细则", "article", 42),
        ("十一、支持", "part", 11),
        ("（十二）强化", "section", 12),
        ("(二) 强化", "section", 2),
        ("12. 强化", "item", 12),
        ("1、书面申请", "item", 1),
        ("（3）强化", "subitem", 3),
        ("专栏 10 基础", "box", 10),
        ("专栏一：培育", "box", 1),
        ("- (一) 服务", "section", 1),
    ],
)
def test_markers(line, kind, number):
    found = markers.find(line)
    assert (found.kind, found.number) == (kind, number)


@pytest.mark.parametrize(
    "line", ["3.5 亿元", "三次产业", "2018", "第二条政策另有规定", "20 个以上", "一一对应"]
)
def test_what_only_looks_like_a_marker(line):
    assert markers.find(line) is None


def test_a_promise_of_money_is_no_heading():
    assert heading_of("对企业给予最高 50 万元支持。另行规定。")[0] == ""
    assert heading_of("支持企业。给予支持。") == ("支持企业", "给予支持。")
    assert heading_of("支持对象") == ("支持对象", "")


def _one(*lines):
    return "\n".join(["目录", "一、示例试验区", "- 1. 示例政策", "示例政策", *lines])
