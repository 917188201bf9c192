"""What the template tags say, to people."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template import TemplateSyntaxError, engines

from core.templatetags import jiebang

CHINA = ZoneInfo("Asia/Shanghai")
END = datetime(2021, 11, 16, tzinfo=CHINA)


def rendered(source: str, **context) -> str:
    return engines["django"].from_string("{% load jiebang %}" + source).render(context)


def test_an_exclusive_midnight_is_shown_as_the_last_second_of_the_day_before():
    assert jiebang.deadline(END) == "2021年11月15日 23:59:59"
    assert jiebang.deadline_weekday(END) == "2021年11月15日 星期一 23:59:59"


def test_an_end_within_a_day_is_shown_as_it_is():
    assert jiebang.deadline(END.replace(hour=18)) == "2021年11月16日 18:00:00"


def test_a_moment_is_never_moved():
    assert jiebang.moment(END) == "2021年11月16日 00:00:00"


def test_an_instant_of_another_zone_is_shown_in_chinese_time():
    utc = datetime(2021, 11, 15, 16, 0, tzinfo=ZoneInfo("UTC"))
    assert jiebang.moment(utc) == "2021年11月16日 00:00:00"


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (timedelta(days=2), "calm"),
        (timedelta(days=1, microseconds=1), "calm"),
        (timedelta(days=1), "last"),
        (timedelta(microseconds=1), "last"),
        (timedelta(0), "closed"),
        (timedelta(days=-3), "closed"),
    ],
)
def test_the_clock_is_calm_then_last_then_closed(left, state):
    html = rendered("{% clock until=end label='申报截止' %}", end=END, arrived_at=END - left)
    assert f'data-state="{state}"' in html


def test_the_clock_goes_by_a_moved_clock_where_one_is_given():
    html = rendered(
        "{% clock until=end label='申报截止' now=moved %}",
        end=END,
        arrived_at=END - timedelta(days=30),
        moved=END - timedelta(hours=2, minutes=33, seconds=14),
    )
    assert "最后 24 小时" in html
    assert "<b>2</b><span>小时</span><b>33</b>" in html


def test_every_application_status_has_a_mark_and_a_word():
    for status in [
        "DRAFT",
        "SUBMITTED",
        "RETURNED",
        "RECOMMENDED",
        "ACCEPTED",
        "NOT_ACCEPTED",
        "IN_REVIEW",
        "FINALIST",
        "NOT_SELECTED",
        "WITHDRAWN",
        "LAPSED",
    ]:
        shape, word = jiebang.STATES[status]
        assert shape in jiebang.SHAPES
        assert word
        assert word in rendered("{% status value %}", value=status)


def test_an_unknown_status_is_a_defect_and_not_an_empty_place():
    with pytest.raises(TemplateSyntaxError):
        rendered("{% status value %}", value="NEVER_HEARD_OF")


def test_words_of_a_mark_are_escaped():
    assert "<b>" not in rendered("{% mark 'wait' words %}", words="<b>待批</b>")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("6850", "6,850.00"),
        (Decimal("0.5"), "0.50"),
        ("1,234.567", "1,234.57"),
        ("", ""),
        (None, ""),
    ],
)
def test_amounts_have_separators_and_two_decimals(value, shown):
    assert jiebang.wan(value) == shown


def test_a_code_is_grouped_and_a_phone_masked():
    assert jiebang.uscc_group("91430000MA00DEMO0X") == "91430000 MA00 DEMO 0X"
    assert jiebang.mask_phone("00012345678") == "000****5678"
    assert jiebang.mask_phone("12345") == "*****"
    assert jiebang.fingerprint("7d10e2b496af5c38", 12) == "7d10 e2b4 96af"


@pytest.mark.parametrize(
    ("n", "words"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (37, "三十七")]
)
def test_sections_are_numbered_in_chinese(n, words):
    assert jiebang.cn_number(n) == words


@pytest.mark.parametrize(("size", "words"), [(0, "0 字节"), (1536, "1.5 KB"), (4404019, "4.2 MB")])
def test_file_sizes_are_said_shortly(size, words):
    assert jiebang.filesize_zh(size) == words


def test_a_quota_of_fifteen_is_fifteen_cells():
    html = rendered("{% slots used=12 limit=15 pending=1 %}")
    assert html.count("<i") == 15
    assert html.count("is-used") == 12
    assert html.count("is-pend") == 1
    assert "已用 12，待批 1，共 15" in html


def test_what_is_over_the_quota_is_shown_beside_it():
    html = rendered("{% slots used=16 limit=15 %}")
    assert html.count("is-used") == 15
    assert html.count("is-over") == 1
    assert "超出 1" in html


def test_a_large_quota_is_figures_and_a_bar():
    html = rendered("{% slots used=100 limit=640 %}")
    assert "<i" not in html
    assert "<progress" in html


def test_no_limit_is_said_in_words():
    assert "不限名额" in rendered("{% slots used=3 limit=none %}", none=None)


def test_a_query_keeps_the_filters_and_changes_the_page(rf):
    request = rf.get("/", {"direction": "智能传感器", "page": "1"})
    html = rendered("{% query page=2 %}", request=request)
    assert "page=2" in html
    assert "direction=" in html
    assert "page=1" not in html


@pytest.mark.parametrize(
    ("text", "n"), [("面向 工业\n听诊", 6), ("　", 0), ("a b", 2), ("", 0), (None, 0)]
)
def test_length_in_characters_leaves_out_white_space(text, n):
    assert jiebang.chars(text) == n


class Sample(forms.Form):
    title = forms.CharField(
        label="项目名称",
        help_text="不写单位名称",
        widget=forms.TextInput(attrs={"data-max-chars": "30"}),
    )
    funds = forms.DecimalField(
        label="自筹资金", widget=forms.TextInput(attrs={"data-unit": "万元"})
    )
    kind = forms.ChoiceField(
        label="类型", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect
    )
    agree = forms.BooleanField(label="本单位承诺")


def page_of(form) -> str:
    return rendered("{% load crispy_forms_filters %}{{ form|crispy }}", form=form)


def test_a_field_shows_label_need_help_unit_and_counter():
    html = page_of(Sample())
    assert 'for="id_title">项目名称 <span class="jb-req">必填' in html
    assert 'id="id_title_helptext">不写单位名称' in html
    assert '<span class="input-group-text">万元</span>' in html
    assert 'data-counts="id_title"' in html
    assert "0 / 30 字" in html
    assert 'class="form-control jb-num"' in html
    assert 'inputmode="decimal"' in html
    assert 'aria-describedby="id_title_helptext id_title_count"' in html


def test_an_error_stands_in_the_summary_and_at_the_field_in_the_same_words():
    form = Sample({"title": "x", "funds": "abc", "kind": "a"})
    html = page_of(form)
    assert "有 2 处需要修改" in html
    for name, label in (("funds", "自筹资金"), ("agree", "本单位承诺")):
        words = form.errors[name][0]
        assert f'<a href="#id_{name}">{label}：{words}</a>' in html
        assert f'<p class="invalid-feedback jb-shown">{words}</p>' in html
    assert 'aria-invalid="true"' in html
    assert 'role="alert"' in html


def test_an_untouched_form_has_no_summary():
    assert "需要修改" not in page_of(Sample())


def test_the_summary_leads_to_a_group_of_choices_by_its_box():
    form = Sample({"title": "x", "funds": "1", "agree": "on"})
    assert [m[2] for m in jiebang.mistakes(form)] == ["div_id_kind"]
    assert 'id="div_id_kind"' in page_of(form)


def test_a_message_of_each_level_has_its_own_note():
    assert jiebang.note_class(SimpleNamespace(level=40)) == "jb-note-bad"
    assert jiebang.note_class(SimpleNamespace(level=25)) == "jb-note-ok"
