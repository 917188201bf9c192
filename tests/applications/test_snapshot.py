"""The frozen contents: canonical, complete, without what was hidden or unreadable. No database."""

import json
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from applications import snapshot
from applications.material import File, Material, Row, Unit
from calls.programme import Indicator
from documents import layout, typography
from documents.fingerprints import fingerprint
from tests import world

SPEC = Indicator(
    key="snr", name="声学信噪比", operator="ge", value=Decimal(70), unit="dB", better="higher"
)


@pytest.fixture
def material() -> Material:
    programme = world.programme()
    file = File("f1", "test_report", "检测报告.pdf", "0" * 64, 1000, "application/pdf", 16)
    return Material(
        programme=programme,
        call_code="x",
        call_title=programme.title,
        title="低噪声声学传感器",
        organisation=Unit(
            "示例科技（甲）有限公司", "914403001922038216", "enterprise", "企业", "430100"
        ),
        recommender=Unit("示例省工业和信息化厅"),
        direction="智能传感器",
        direction_key="sensor",
        class_title="未注明",
        subfield="整个方向",
        sections={
            "unit": {
                "contact_name": "王示例",
                "contact_phone": "000-00000000",
                "founded": "2013-06-18",
                "region": "430100",
                "nature": "private",
                "_raw": {"capital": "八千万"},
            },
            "operation": {"finance": {"2020": {"revenue": "12480.00", "research": "2140.00"}}},
            "technology": {"innovations": [{"text": "第一"}, {}, {"text": "第二"}]},
            "consortium": {"joint": False, "partners": [{"name": "藏起来的单位"}]},
        },
        rows=[Row(SPEC, "声学信噪比", "dB", "68", "74", "消声室", file, 7)],
        files=[file, replace(file, id="f2", key="agreement", name="协议.pdf")],
    )


def test_the_same_material_has_the_same_fingerprint_and_a_changed_one_another(material):
    first = snapshot.build(material)
    assert fingerprint(first) == fingerprint(snapshot.build(material))
    assert fingerprint(first) != fingerprint(snapshot.build(replace(material, title="别的")))
    assert json.loads(json.dumps(first, ensure_ascii=False)) == first


def test_hidden_and_unreadable_answers_stay_out(material):
    text = json.dumps(snapshot.build(material), ensure_ascii=False)
    assert "藏起来的单位" not in text
    assert "八千万" not in text
    assert "协议.pdf" not in text


def test_computed_shares_and_comparisons_are_frozen(material):
    frozen = snapshot.build(material)
    assert frozen["answers"]["operation"]["finance"]["2020"]["research_share"] == "17.15"
    row = frozen["indicators"][0]
    assert (row["standing"], row["comparison"]) == ("over", "超过 4")
    assert row["evidence"] == "检测报告.pdf 第7页"


def test_the_printed_blocks_say_it_in_words(material):
    frozen = snapshot.build(material)
    unit = next(part for part in frozen["sections"] if part["key"] == "unit")
    words = {
        row["key"]: row["value"]
        for block in unit["blocks"]
        if block["kind"] == "fields"
        for row in block["rows"]
    }
    assert words["founded"] == "2013年6月18日"
    assert words["nature"] == "民营企业"
    assert words["region"] == "湖南省长沙市（430100）"
    technology = next(part for part in frozen["sections"] if part["key"] == "technology")
    innovations = next(b for b in technology["blocks"] if b["key"] == "innovations")
    assert innovations["text"] == "1. 第一\n2. 第二"
    assert frozen["contact"] == {"name": "王示例", "phone": "000-00000000"}


def test_blind_fields_are_marked_for_whoever_hides_them(material):
    unit = next(p for p in snapshot.build(material)["sections"] if p["key"] == "unit")
    rows = {r["key"]: r for b in unit["blocks"] if b["kind"] == "fields" for r in b["rows"]}
    assert rows["name"]["blind"] and not rows["founded"]["blind"]


def test_form_draft_and_receipt_fit_the_layouts(material):
    frozen = snapshot.build(material)
    call = SimpleNamespace(
        rehearsal=True,
        filing_until=world.AT,
        recommendation_until=world.AT,
        steps=material.programme.steps,
    )
    application = SimpleNamespace(number="JB-2021-000001", call=call, correction_until=None)
    version = SimpleNamespace(
        number=1, arrived_at=world.AT, fingerprint=fingerprint(frozen), submitted_by_name="王示例"
    )
    form = snapshot.form(frozen, application=application, version=version)
    assert form["number"] == "JB-2021-000001"
    assert form["submitted_at"].endswith("+08:00")
    assert form["content_fingerprint"] == version.fingerprint
    receipt = snapshot.receipt(frozen, application=application, version=version)
    assert (receipt["attachments_count"], receipt["attachments_pages"]) == (1, 16)
    draft = snapshot.draft(frozen, demo=True)
    assert "content_fingerprint" not in draft
    for template, one in (
        ("documents/application_form.html", form),
        ("documents/application_form.html", draft),
        ("documents/receipt.html", receipt),
    ):
        assert layout.prepare(template, one)
        assert typography.unprintable(one) == []


def test_an_exclusive_midnight_is_said_as_the_last_second():
    from datetime import datetime

    end = datetime.fromisoformat("2021-11-16T00:00:00+08:00")
    assert snapshot.last_moment(end) == "2021年11月15日 23:59:59"
