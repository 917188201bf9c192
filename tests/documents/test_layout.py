"""What the pages compute from a snapshot."""

import pytest

from documents import layout
from tests.documents import samples


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("关于公布名单的公告", ["关于公布名单的公告"]),
        ("示例省厅关于报送\n推荐项目的函", ["示例省厅关于报送", "推荐项目的函"]),
        (
            "新疆示例建设兵团工业和信息化管理局关于报送人工智能揭榜推荐项目的函",
            ["新疆示例建设兵团工业和信息化管理局", "关于报送人工智能揭榜推荐项目的函"],
        ),
        (
            "关于公布2021年人工智能产业创新任务揭榜挂帅入围单位名单",
            ["关于公布2021年人工智能产业", "创新任务揭榜挂帅入围单位名单"],
        ),
    ],
)
def test_titles_break_by_sense_and_never_overflow(title, lines):
    assert layout.title_lines(title) == lines
    assert all(len(line) <= layout.TITLE_WIDTH for line in lines)


@pytest.mark.parametrize(
    ("total", "limit", "soft", "line"),
    [
        (3, 15, True, "共3项／限额15项（原则上）。"),
        (3, 15, False, "共3项／限额15项。"),
        (40, None, False, "共40项／无限额。"),
    ],
)
def test_the_quota_in_one_line(total, limit, soft, line):
    assert layout.quota_line(total=total, limit=limit, soft=soft) == line


def test_counts_by_class_and_what_is_over_are_computed():
    made = layout.summary_sheet(samples.summary_sheet(17))
    assert made["classes"] == [{"name": "未注明", "count": 17}]
    assert made["over"] == 2
    assert layout.summary_sheet(samples.summary_sheet(17, limit=None))["over"] == 0


def test_an_excess_that_was_not_granted_is_not_called_approved():
    sheet = samples.summary_sheet(17)
    assert layout.summary_sheet(sheet)["approved"]
    assert not layout.summary_sheet(sheet | {"granted": 1})["approved"]


def test_column_widths_always_fill_the_text():
    for named in ([], [30], [30, 200], [10.5] * 4):
        columns = [{"label": str(n), "width_mm": width} for n, width in enumerate(named)]
        columns += [{"label": "a"}, {"label": "b"}]
        made = layout.table(columns, [["x"] * len(columns)])
        assert sum(float(c["width_mm"]) for c in made["columns"]) == pytest.approx(156, abs=0.1)


def test_a_row_that_does_not_fit_its_columns_is_a_defect():
    with pytest.raises(ValueError, match="zip"):
        layout.table([{"label": "a"}], [["x", "y"]])


def test_short_fields_share_a_line_and_long_ones_take_it_whole():
    block = {
        "kind": "fields",
        "rows": [
            {"label": "规模", "value": "中型"},
            {"label": "简介", "value": "长" * 40},
            {"label": "职工", "value": "412", "unit": "人"},
            {"label": "代码", "value": "91990100MADEM0110B"},
        ],
    }
    lines = [
        [field["label"] for field in line["fields"]] for line in layout._fields(block)["lines"]
    ]
    assert lines == [["规模"], ["简介"], ["职工", "代码"]]
