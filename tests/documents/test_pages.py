"""What stands on the pages of the documents."""

import logging
import time

import pytest
import zxingcpp

from documents import rendering
from documents.errors import UnrenderableDocument
from documents.kinds import KINDS
from tests.documents import drawing, samples, samples_review

SAMPLES = {
    "summary_sheet": lambda: samples.summary_sheet(16, seal=True),
    "application_form": samples.application_form,
    "receipt": samples.receipt,
    "cover_letter": samples.cover_letter,
    "result_letter": samples.result_letter,
    "notice": samples.notice,
    "certificate": samples.certificate,
    "task_report": samples.task_report,
    "task_book": samples.task_book,
    "task_letter": samples.dispatch,
    "test_report": samples.test_report,
    "score_sheet": samples_review.score_sheet,
    "panel_minutes": samples_review.panel_minutes,
    "panel_signatures": samples_review.panel_signatures,
    "visit_report": samples_review.visit_report,
}

QR = zxingcpp.BarcodeFormat.QRCode


@pytest.mark.parametrize(("rows", "pages"), [(1, 1), (15, 2), (16, 2), (40, 4), (60, 6)])
def test_a_summary_sheet_has_as_many_pages_as_its_rows_need(rows, pages):
    assert rendering.page_count(drawing.sheet(rows)) == pages


@pytest.mark.parametrize("rows", [1, 16, 60])
def test_every_row_stands_on_one_page_only_and_in_order(rows):
    pages = drawing.texts(drawing.sheet(rows))
    places = []
    for rank in range(1, rows + 1):
        on = [n for n, text in enumerate(pages) if f"91990100MADEM{rank:04d}X" in text]
        assert len(on) == 1
        places += on
    assert places == sorted(places)


@pytest.mark.parametrize("rows", [16, 40, 60])
def test_the_foot_stands_on_the_last_page_and_never_without_rows(rows):
    pages = drawing.texts(drawing.sheet(rows))
    assert [n for n, text in enumerate(pages) if "填表人" in text] == [len(pages) - 1]
    assert "盖章处" in pages[-1]
    assert pages[-1].count("91990100MADEM") >= 2


def test_every_page_repeats_the_head_of_the_table_and_can_be_recognised_alone():
    pages = drawing.texts(drawing.sheet(60))
    for number, text in enumerate(pages, start=1):
        assert "统一社会信用代码" in text
        assert "JB-2021-HZ-0099" in text
        assert "7K3M-9Q2T-XD" in text
        assert f"第{number}页/共{len(pages)}页" in text
        assert samples.FINGERPRINT[:32] in text


@pytest.mark.parametrize("make", [lambda: drawing.sheet(40), drawing.form])
def test_the_code_of_every_page_says_its_own_page_at_150_dpi(make):
    for number, page in enumerate(drawing.pictures(make(), 150), start=1):
        found = zxingcpp.read_barcodes(page, formats=QR)
        assert [code.text for code in found] == [f"HTTPS://JIEBANG.EXAMPLE/V/7K3M9Q2TXD/{number}"]


@pytest.mark.parametrize("pages", [1, 30])
def test_there_is_a_code_for_every_page_however_long_the_text(pages):
    form = samples.application_form()
    form["sections"] = [
        {
            "key": str(n),
            "title": "部分",
            "blocks": [{"kind": "text", "label": "文", "text": "字\n" * 17 * pages}],
        }
        for n in range(2)
    ]
    data = drawing.draw("application_form", form)
    drawn = rendering.page_count(data)
    assert pages < drawn
    last = zxingcpp.read_barcodes(drawing.pictures(data, 150)[-1], formats=QR)
    assert [code.text.rpartition("/")[2] for code in last] == [str(drawn)]


def test_minutes_repeat_the_head_of_their_table_and_name_code_and_page_on_each():
    pages = drawing.texts(drawing.draw("panel_minutes", samples_review.panel_minutes(40)))
    assert len(pages) > 4
    for number, text in enumerate(pages, start=1):
        assert "JB-2021-HY-0001" in text and f"第{number}页/共{len(pages)}页" in text
    table = [text for text in pages if "会议意见" in text]
    assert len(table) > 1 and all("网评得分" in text for text in table)
    assert "组长签字" in pages[-1]


def test_a_signature_sheet_has_a_row_to_sign_for_each_member():
    pages = drawing.texts(drawing.draw("panel_signatures", samples_review.panel_signatures(30)))
    assert len(pages) == 3 and all("本人签字" in text for text in pages[:2])
    assert sum(text.count("08:52") for text in pages) == 30
    assert "监督人" in pages[-1]


def test_the_quota_is_said_in_one_line():
    assert "共16项／限额15项（原则上）。超出的1项" in drawing.texts(drawing.sheet(16))[-1]
    assert "共16项／无限额。" in drawing.texts(drawing.sheet(16, None))[-1]


def test_a_registered_seal_stands_beside_the_place_for_wet_ink():
    page = drawing.texts(drawing.sheet(16, 15, True))[-1]
    assert page.count("示例省工业和信息化厅") >= 3
    assert "盖章处" in page
    assert "演示印章" in page
    with_seal = drawing.pictures(drawing.sheet(16, 15, True), 60)[-1]
    without = drawing.pictures(drawing.sheet(16), 60)[-1]
    assert _red(with_seal) > 200
    assert _red(without) == 0


def _red(page):
    return sum(1 for r, g, b in page.get_flattened_data() if r - max(g, b) > 60)


def test_an_unknown_seal_image_stops_the_document():
    snapshot = samples.summary_sheet(2) | {"seal": {"sha256": "f" * 64, "mm": 45}}
    with pytest.raises(UnrenderableDocument):
        drawing.draw("summary_sheet", snapshot)


def test_a_registered_seal_image_is_drawn_in_its_true_size():
    from io import BytesIO

    from PIL import Image

    picture = BytesIO()
    Image.new("RGB", (90, 90), (255, 0, 0)).save(picture, "PNG")
    snapshot = samples.summary_sheet(2) | {"seal": {"sha256": "e" * 64, "mm": 40}}
    data = drawing.draw("summary_sheet", snapshot, seals={"e" * 64: picture.getvalue()})
    page = drawing.pictures(data, 72)[-1]
    reds = [
        x
        for x in range(page.width)
        for y in range(page.height)
        if page.getpixel((x, y))[0] - page.getpixel((x, y))[2] > 60
    ]
    assert 38 < (max(reds) - min(reds) + 1) / 72 * 25.4 < 42


@pytest.mark.parametrize(
    "name",
    ["示例市局", "示例省工业和信息化厅", "新疆示例建设兵团工业和信息化管理局", "示例" * 12],
)
def test_a_letter_stays_on_one_page_with_the_shortest_and_the_longest_name(name):
    data = drawing.draw("cover_letter", samples.cover_letter(name))
    assert rendering.page_count(data) == 1
    assert drawing.texts(data)[0].count(name) >= 3


def test_a_notice_carries_its_list_as_an_annex():
    pages = drawing.texts(drawing.draw("notice", samples.notice(30)))
    assert "公示时间为2022年8月5日至8月11日（5个工作日）" in pages[0]
    assert "揭榜入围单位名单" in pages[1]
    assert any("30" in text for text in pages[1:])


def test_a_receipt_shows_number_instant_and_the_whole_fingerprint():
    (page,) = drawing.texts(drawing.draw("receipt", samples.receipt()))
    assert "JB-2021-000123" in page
    assert "2021年11月14日20:31:07" in page
    assert samples.FINGERPRINT in page


def test_a_form_lists_its_parts_with_their_pages_and_holds_every_answer():
    pages = drawing.texts(drawing.form())
    whole = "".join(pages)
    assert "一、申报单位基本情况" in pages[1]
    for words in ("8,000.00万元", "40.8%", "陈旻玥", "指南未公开", "自定义", "超过", "15.7%"):
        assert words in whole
    for file in samples.application_form()["attachments"]:
        assert file["sha256"] in whole
    for number, text in enumerate(pages, start=1):
        assert "JB-2021-000123" in text
        assert f"第{number}页/共{len(pages)}页" in text


def test_a_draft_says_so_and_carries_neither_code_nor_fingerprint_nor_seal_place():
    data = drawing.draw("application_form", samples.application_form(), draft=True)
    for page, text in zip(drawing.pictures(data, 100), drawing.texts(data), strict=True):
        assert "草稿" in text
        assert "盖章处" not in text
        assert "核验码7K3M" not in text
        assert samples.FINGERPRINT[:32] not in text
        assert not zxingcpp.read_barcodes(page)


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_twice_gives_equal_bytes(kind):
    snapshot = SAMPLES[kind]()
    assert drawing.draw(kind, snapshot) == drawing.draw(kind, snapshot)


def test_other_content_gives_other_bytes():
    assert drawing.sheet(15) != drawing.sheet(16)


@pytest.mark.parametrize("kind", KINDS)
def test_the_renderer_has_nothing_to_complain_about(kind, caplog):
    with caplog.at_level(logging.WARNING, logger="weasyprint"):
        drawing.draw(kind, SAMPLES[kind]())
    assert [record.getMessage() for record in caplog.records] == []


def test_a_long_cell_costs_time_in_proportion_to_its_length():
    def seconds(length: int) -> float:
        snapshot = samples.summary_sheet(3)
        snapshot["rows"][1]["title"] = "项目名称很长" * (length // 6)
        started = time.process_time()
        drawing.draw("summary_sheet", snapshot)
        return time.process_time() - started

    seconds(60)
    short, long = seconds(500), seconds(4000)
    assert long < short * 8 + 0.5


def test_text_of_an_applicant_is_text_and_never_markup():
    snapshot = samples.summary_sheet(2)
    snapshot["rows"][0]["title"] = "<img src=file:///etc/passwd><b>粗</b>{{ code }}"
    page = drawing.texts(drawing.draw("summary_sheet", snapshot))[0]
    assert "<imgsrc=file:///etc/passwd><b>粗</b>{{code}}" in page


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/x.css",
        "https://example.org/x.png",
        "ftp://example.org/x",
        "data:text/plain,x",
        "../../portal/settings.py",
        "../fonts/scripts/subset_fonts.py",
        "file://elsewhere/paper.css",
        "seal:" + "0" * 64,
    ],
)
def test_the_fetcher_refuses_everything_that_is_not_ours(url):
    fetcher = rendering._engine().fetcher
    absolute = url if ":" in url else f"{rendering.PAPER.as_uri()}/{url}"
    with pytest.raises(ValueError, match="may not load"):
        fetcher().fetch(absolute)


def test_a_link_out_of_the_folder_is_followed_and_refused(tmp_path, monkeypatch):
    (tmp_path / "secret.txt").write_text("secret")
    folder = tmp_path / "paper"
    folder.mkdir()
    (folder / "link.css").symlink_to(tmp_path / "secret.txt")
    monkeypatch.setattr(rendering, "PAPER", folder)
    with pytest.raises(ValueError, match="may not load"):
        rendering.own_asset((folder / "link.css").as_uri())


def test_the_fetcher_serves_our_style_sheet():
    assert rendering.own_asset(f"{rendering.PAPER.as_uri()}/paper.css").name == "paper.css"


def test_nothing_is_missing_for_drawing_here():
    assert rendering.ready() == ""


@pytest.mark.parametrize("members", [1, 3, 6])
def test_a_report_of_a_visit_names_all_that_was_signed(members):
    snapshot = samples_review.visit_report(members)
    whole = "".join(drawing.texts(drawing.draw("visit_report", snapshot)))
    for words in ("整改后复查", "2022年1月28日", "36人", "未达到0.7", "超过0.8", "未核实"):
        assert words in whole
    for one in snapshot["signatures"]:
        assert whole.count(one["name"]) >= 2
    for one in snapshot["photos"]:
        assert one["sha256"] in whole


def test_a_report_with_sixty_photographs_is_bounded_and_shows_each_of_them():
    drawn = samples_review.photographs(59)
    named = [*drawn, ""]
    paper = drawing.draw("visit_report", samples_review.visit_report(3, named), pictures=drawn)
    whole = "".join(drawing.texts(paper))
    assert "第60份不能显示" in whole and "七、现场照片" in whole
    assert all(one in paper for one in drawn.values()), "byte for byte those that were given"
    assert len(paper) < 1_000_000 + sum(map(len, drawn.values()))
    assert len(drawing.texts(paper)) <= 18


def test_a_report_prints_no_picture_that_was_not_given():
    with pytest.raises((UnrenderableDocument, ValueError)):
        drawing.draw("visit_report", samples_review.visit_report(3, ["0" * 64]))


def test_a_report_from_before_pictures_were_printed_is_as_it_was():
    whole = "".join(drawing.texts(drawing.draw("visit_report", samples_review.visit_report())))
    assert "现场照片清单" in whole and "七、现场照片" not in whole
