"""Directions and indicators from a sheet: faults by cell, all or nothing, two people once open."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from calls import (
    changes,
    directing,
    directionbook,
    directionfile,
    directionrows,
    services,
    standing,
)
from calls import programme as programmes
from calls.models import Call, CallChange, Indicator, RulesVersion
from calls.programme import Direction, IndicatorKind, IndicatorScope
from core.errors import Refusal
from documents.workbook import Page, of_pages
from tests.calls.test_programme_faults import SMALL
from tests.world import AT

BACKEND = "django.contrib.auth.backends.ModelBackend"
BASE = programmes.read_text(SMALL, name="small.toml")
D, ROW = directionbook.DIRECTION_COLUMNS, directionbook.INDICATOR_COLUMNS


def line(columns, **cells):
    """One row: the cells by their columns, the others empty."""
    assert set(cells) <= set(columns)
    return [cells.get(column, "") for column in columns]


def book(directions, indicators=(), *, heads=(D, ROW), names=("方向", "指标")):
    pages = zip(names, heads, (directions, indicators), strict=True)
    return of_pages(
        [Page(name, "", [(one, 12) for one in head], rows) for name, head, rows in pages]
    )


def read(directions, indicators=(), *, known=BASE):
    return directionfile.read(book(directions, indicators), "方向.xlsx", known=known)


CHIP = line(
    D, 方向名称="神经网络芯片", 类别="核心基础", 细分领域="云端；终端", 依据="指南 三", 已核实="是"
)
POWER = line(
    ROW,
    方向名称="神经网络芯片",
    指标名称="能效",
    关系="≥",
    参考值="1.5",
    单位="TOPS/W",
    细分领域="终端",
)


def with_directions():
    every = (programmes.read(path) for path in programmes.catalogue().values())
    return [one for one in every if one.directions]


@pytest.mark.parametrize("programme", with_directions(), ids=lambda one: one.code)
def test_what_is_exported_is_imported_the_same(programme):
    data = directionbook.workbook(programme.directions, classes=programme.classes)
    sheet = directionfile.read(data, "方向.xlsx", known=programme)
    assert sheet.wrong == ()
    assert sheet.directions == programme.directions
    assert sheet.classes == programme.classes


def test_a_new_direction_gets_a_class_keys_and_indicators():
    sheet = read([CHIP], [POWER])
    assert sheet.wrong == ()
    (made,) = sheet.directions
    assert [one.title for one in sheet.classes if one.key == made.class_key] == ["核心基础"]
    assert [one.title for one in made.subfields] == ["云端", "终端"]
    (one,) = made.indicators
    assert (one.reference, one.better, one.verified) == ("≥ 1.5 TOPS/W", "higher", False)
    assert one.subfield == made.subfields[1].key
    assert made.verified and made.source == "指南 三"


def test_kinds_of_indicators_and_what_is_left_empty():
    sheet = read(
        [CHIP],
        [
            line(
                ROW,
                方向名称="神经网络芯片",
                指标名称="支持 CNN",
                类型="是否",
                关系="=",
                参考值="是",
            ),
            line(
                ROW,
                方向名称="神经网络芯片",
                指标名称="成熟度",
                类型="成熟度",
                关系="≥",
                参考值="量产",
            ),
            line(
                ROW,
                方向名称="神经网络芯片",
                指标名称="等级",
                类型="等级",
                等级="低;中;高",
                关系=">=",
                参考值="中",
                范围="全国目标",
            ),
            line(ROW, 方向名称="神经网络芯片", 指标名称="说明", 类型="文字"),
        ],
    )
    assert sheet.wrong == ()
    truth, mature, level, text = sheet.directions[0].indicators
    assert (truth.reference, mature.levels[1], text.reference) == ("是", "量产", "")
    assert (level.kind, level.scope) == (IndicatorKind.LEVEL, IndicatorScope.NATIONAL)


FAULTS = {
    "no name": ([line(D, 类别="甲")], [], ("方向", 2, "方向名称", "请填写")),
    "twice": ([CHIP, CHIP], [], ("方向", 3, "方向名称", "与前面的行重复")),
    "bad key": ([line(D, 方向名称="甲", 代号="甲一")], [], ("方向", 2, "代号", "小写字母开头")),
    "key twice": (
        [line(D, 方向名称="甲", 代号="a"), line(D, 方向名称="乙", 代号="a")],
        [],
        ("方向", 3, "代号", "已经用过"),
    ),
    "odd truth": ([line(D, 方向名称="甲", 已核实="对")], [], ("方向", 2, "已核实", "应为 是、否")),
    "too long": ([line(D, 方向名称="长" * 121)], [], ("方向", 2, "方向名称", "超过 120 字")),
    "unknown direction": (
        [CHIP],
        [line(ROW, 方向名称="没有", 指标名称="甲")],
        ("指标", 2, "方向名称", "没有这个方向"),
    ),
    "odd kind": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 类型="数")],
        ("指标", 2, "类型", "应为 数值"),
    ),
    "no number": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 关系="≥", 参考值="很多")],
        ("指标", 2, "参考值", "不是数"),
    ),
    "huge number": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 关系="≥", 参考值="1e999999")],
        ("指标", 2, "参考值", "不是数"),
    ),
    "value alone": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 参考值="5")],
        ("指标", 2, "关系", "要么都填"),
    ),
    "operator alone": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 关系="≥")],
        ("指标", 2, "参考值", "要么都填"),
    ),
    "odd level": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 类型="成熟度", 关系="≥", 参考值="梦想")],
        ("指标", 2, "参考值", "应为等级之一"),
    ),
    "levels missing": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 类型="等级", 关系="≥", 参考值="高")],
        ("指标", 2, "等级", "从低到高"),
    ),
    "unknown sub-field": (
        [CHIP],
        [line(ROW, 方向名称="神经网络芯片", 指标名称="甲", 细分领域="边缘")],
        ("指标", 2, "细分领域", "没有这个细分领域"),
    ),
    "name twice": ([CHIP], [POWER, POWER], ("指标", 3, "指标名称", "已有同名指标")),
}


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_a_fault_is_named_by_page_row_and_column(name):
    directions, indicators, (page, row, column, words) = FAULTS[name]
    found = [
        one
        for one in read(directions, indicators).wrong
        if (one.page, one.row, one.column) == (page, row, column) and words in one.message
    ]
    assert found, read(directions, indicators).wrong


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (book([], heads=(("甲",), ROW)), "wrong-template"),
        (book([CHIP], names=("方向", "别的")), "wrong-template"),
        (book([]), "empty-sheet"),
        (b"PK\x03\x04" * 30, "damaged-file"),
        (b"", "empty-file"),
    ],
    ids=["other head", "other page", "no rows", "damaged", "empty"],
)
def test_what_is_no_such_workbook_is_refused(data, code):
    with pytest.raises(Refusal) as refused:
        directionfile.read(data, "方向.xlsx", known=BASE)
    assert refused.value.code == code


# A call in preparation ---------------------------------------------------------------------------


@pytest.fixture
def draft(cast):
    return services.create(BASE, code="draft", actor=cast.actor("office"), at=AT)


@pytest.fixture
def office(cast):
    client = Client()
    client.force_login(cast.people["office"], backend=BACKEND)
    return client


def upload(data):
    return SimpleUploadedFile("方向.xlsx", data)


def preview(office, call, data, **more):
    address = reverse("office:directions_import", args=[call.code])
    typed = {"sheet": upload(data), "act": "preview", "complete": "on", **more}
    return office.post(address, typed)


def apply(office, call, answer):
    address = reverse("office:directions_import", args=[call.code])
    return office.post(address, {"payload": answer.context["payload"], "act": "apply"})


def full(call, *, more=()):
    """The call's own directions with further ones, as a workbook."""
    known = standing.directions(call)
    return directionbook.workbook([*known, *more], classes=call.programme.classes)


NEW = Direction.model_validate(
    {
        "key": "brand_new",
        "title": "示例补录方向",
        "indicators": [
            {"key": "bleu", "name": "准确率", "operator": "gt", "value": "85", "unit": "%"}
        ],
    }
)


def test_a_preview_writes_nothing_and_its_whole_is_applied(office, draft, cast):
    answer = preview(office, draft, full(draft, more=[NEW]))
    text = answer.content.decode()
    assert answer.status_code == 200 and "示例补录方向" in text and "尚未保存" in text
    assert RulesVersion.objects.filter(call=draft).count() == 1
    assert apply(office, draft, answer).url == reverse("office:call", args=["draft"])
    draft.refresh_from_db()
    draft.__dict__.pop("programme", None)
    assert draft.programme.directions[-1] == NEW.model_copy(update={"verified": True})
    version = RulesVersion.objects.filter(call=draft).first()
    assert (version.number, version.origin, version.name) == (2, "sheet", "方向.xlsx")
    assert version.made_by == cast.people["office"]
    again = apply(office, draft, answer)
    assert again.status_code == 409 and "预览之后方向又有改动" in again.content.decode()


def test_a_sheet_with_a_fault_imports_nothing_and_names_its_cells(office, draft):
    answer = preview(office, draft, book([CHIP, CHIP], [POWER]))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "没有导入任何一行" in text and "与前面的行重复" in text and "payload" not in text
    assert RulesVersion.objects.filter(call=draft).count() == 1


def test_the_same_directions_again_are_no_change(office, draft):
    answer = preview(office, draft, full(draft))
    assert answer.status_code == 422 and "没有需要保存的改动" in answer.content.decode()


def test_a_preview_of_another_call_or_a_forged_one_is_refused(office, draft, cast):
    answer = preview(office, draft, full(draft, more=[NEW]))
    other = services.create(BASE, code="other", actor=cast.actor("office"), at=AT)
    assert apply(office, other, answer).status_code == 409
    address = reverse("office:directions_import", args=["draft"])
    assert office.post(address, {"payload": "x", "act": "apply"}).status_code == 422
    assert RulesVersion.objects.filter(call=other).count() == 1


def test_export_and_template_have_the_same_columns(office, draft):
    from documents import sheets

    for name in ("directions_export", "directions_template"):
        data = office.get(reverse(f"office:{name}", args=["draft"])).content
        pages = sheets.read(data, "x.xlsx", most_rows=500, most_columns=40)
        heads = {
            title: tuple(cell.text for cell in rows[0][1] if cell) for title, rows in pages.items()
        }
        assert (heads["方向"], heads["指标"]) == (D, ROW)
        assert (len(pages["方向"]) > 1) == (name == "directions_export")


def test_a_direction_added_by_hand_before_opening_is_in_the_sheet_and_opens_with_it(
    office, draft, cast
):
    directionrows.add_direction(
        draft, key="byhand", title="手工补录", class_title="", actor=cast.actor("office"), at=AT
    )
    page = office.get(reverse("office:call", args=["draft"])).content.decode()
    assert "手工补录" in page and draft.programme.directions[0].title in page
    answer = preview(office, draft, full(draft, more=[NEW]))
    assert "手工补录" in answer.content.decode()
    apply(office, draft, answer)
    assert not draft.directions.exists(), "it stands in the rules now"
    draft = Call.objects.get(pk=draft.pk)
    services.open_call(draft, actor=cast.actor("chief"), at=AT)
    titles = [one.title for one in draft.directions.all()]
    assert titles == [one.title for one in draft.programme.directions]
    assert titles[-2:] == ["手工补录", "示例补录方向"]


def test_a_direction_added_by_hand_that_a_new_file_has_too_does_not_stop_the_opening(draft, cast):
    first = draft.programme.directions[0]
    directionrows.add_direction(
        draft, key=first.key, title="同代号", class_title="", actor=cast.actor("office"), at=AT
    )
    services.open_call(draft, actor=cast.actor("chief"), at=AT)
    assert draft.directions.get(key=first.key).title == first.title


# An open call ------------------------------------------------------------------------------------


def test_an_open_call_takes_only_new_directions_by_two_people(office, cast):
    call = cast.call
    before = call.directions.count()
    answer = preview(office, call, full(call, more=[NEW]), reason="指南补充的方向")
    assert "新增方向“示例补录方向”，指标 1 项" in answer.content.decode()
    apply(office, call, answer)
    assert call.directions.count() == before
    change = CallChange.objects.get(call=call, kind="directions")
    with pytest.raises(Refusal, match="不能自己批准"):
        changes.decide(change, approve=True, actor=cast.actor("office"), at=AT)
    changes.decide(change, approve=True, actor=cast.actor("chief"), at=AT)
    made = call.directions.get(key="brand_new")
    assert [one.key for one in made.subfields.all()] == ["all"]
    assert Indicator.objects.get(direction=made).spec.reference == "> 85 %"
    assert Entry.objects.filter(action="calls.decide_change").exists()


def test_an_open_call_s_directions_cannot_be_changed_by_a_sheet(office, cast):
    call = cast.call
    first = standing.directions(call)[0]
    changed = first.model_copy(update={"title": "改了名的方向"})
    data = directionbook.workbook([changed, NEW], classes=call.programme.classes)
    answer = preview(office, call, data, reason="指南补充的方向")
    assert answer.status_code == 422 and "已有的方向不能改动" in answer.content.decode()
    with pytest.raises(Refusal, match="已有的方向不能改动"):
        directing.propose(
            call, [changed], classes=(), reason="改个名字", actor=cast.actor("office"), at=AT
        )


def test_a_direction_added_meanwhile_stops_the_approval_and_nothing_is_half_done(cast):
    call = cast.call
    directing.propose(
        call,
        [NEW.model_copy(update={"key": "first", "title": "先"}), NEW],
        classes=(),
        reason="指南补充的方向",
        actor=cast.actor("office"),
        at=AT,
    )
    directionrows.add_direction(
        call, key="brand_new", title="抢先", class_title="", actor=cast.actor("office"), at=AT
    )
    change = CallChange.objects.get(kind="directions")
    with pytest.raises(Refusal, match="在提出变更后已被添加"):
        changes.decide(change, approve=True, actor=cast.actor("chief"), at=AT)
    change.refresh_from_db()
    assert change.state == "proposed" and not call.directions.filter(key="first").exists()
