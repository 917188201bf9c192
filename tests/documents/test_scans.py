"""Scans of our own pages, of others' pages, and of nothing."""

import io

import pytest
from PIL import Image, ImageChops, ImageDraw

from core.errors import Refusal
from documents import sandbox, scans
from tests.documents import drawing

PDF = "application/pdf"


def read(data: bytes, media_type: str = PDF) -> list[tuple[str | None, int | None]]:
    return [(page.code, page.page) for page in scans.read_codes(data, media_type)]


SHEET = [(drawing.CODE, 1), (drawing.CODE, 2)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270, 7])
def test_pages_are_read_however_they_lie(turn):
    assert read(drawing.scan(drawing.sheet(16), turn=turn)) == SHEET


@pytest.mark.parametrize("dpi", [100, 300, 600])
def test_pages_are_read_from_100_to_600_dpi(dpi):
    assert read(drawing.scan(drawing.sheet(16), dpi=dpi)) == SHEET


def test_the_file_as_it_was_made_is_read_too():
    assert read(drawing.sheet(16)) == SHEET


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_photograph_of_one_page_is_read(form, media_type):
    out = io.BytesIO()
    drawing.pictures(drawing.sheet(16), 150)[1].save(out, form)
    assert read(out.getvalue(), media_type) == [(drawing.CODE, 2)]


def test_a_page_that_is_not_ours_and_a_blank_page_say_nothing():
    import segno

    foreign = io.BytesIO()
    segno.make("https://example.org/v/7K3M9Q2TXD/1?x").save(foreign, kind="png", scale=6, border=8)
    page = Image.new("RGB", (1240, 1754), "white")
    page.paste(Image.open(foreign).convert("RGB"), (200, 200))
    out = io.BytesIO()
    page.save(out, "PDF", save_all=True, append_images=[Image.new("RGB", (1240, 1754), "white")])
    first, second = scans.read_codes(out.getvalue(), PDF)
    assert (first.code, first.page, first.others) == (None, None, 1)
    assert (second.code, second.page, second.others) == (None, None, 0)


def test_a_code_under_a_red_seal_is_read_in_the_red_channel():
    """Seal ink darkens white paper and leaves black black; in the red channel it vanishes."""
    page = drawing.pictures(drawing.sheet(16), 200)[0]
    ink = Image.new("RGB", page.size, "white")
    pen = ImageDraw.Draw(ink)
    right = page.width - int(18 / 25.4 * 200)
    for offset in range(0, 220, 14):
        pen.line((right - 220, 20 + offset, right + 20, 30 + offset), fill=(235, 20, 20), width=7)
    page = ImageChops.multiply(page, ink)
    assert sandbox.decode(page.convert("L").point(lambda grey: 0 if grey < 160 else 255)) == []
    out = io.BytesIO()
    page.save(out, "PNG")
    assert read(out.getvalue(), "image/png") == [(drawing.CODE, 1)]


def test_red_ink_in_the_seal_place_is_noticed_and_the_printed_seal_is_not():
    plain = scans.read_codes(drawing.scan(drawing.sheet(16), grey=False), PDF)
    assert [page.red_ink for page in plain] == [False, False]
    printed = scans.read_codes(drawing.scan(drawing.sheet(16, 15, True), grey=False), PDF)
    assert [page.red_ink for page in printed] == [False, False]

    pages = drawing.pictures(drawing.sheet(16, 15, True), 150)
    last = pages[-1]
    mm = 150 / 25.4
    centre = (last.width - 45 * mm, 130 * mm)
    ImageDraw.Draw(last).ellipse(
        (centre[0] - 20 * mm, centre[1] - 20 * mm, centre[0] + 20 * mm, centre[1] + 20 * mm),
        outline=(200, 16, 46),
        width=8,
    )
    for turn in (0, 180):
        out = io.BytesIO()
        last.rotate(turn, expand=True).save(out, "PNG")
        (stamped,) = scans.read_codes(out.getvalue(), "image/png")
        assert stamped.red_ink


def test_a_scan_behind_a_password_is_refused_in_words():
    with pytest.raises(Refusal) as refused:
        scans.read_codes(drawing.encrypted(drawing.sheet(1)), PDF, name="扫描件.pdf")
    assert refused.value.code == "encrypted-file"
    assert "扫描件.pdf" in refused.value.message
    assert "密码" in refused.value.message


@pytest.mark.parametrize("data", [b"%PDF-1.7 nothing", b"%PDF-1.4\n" + b"\x00" * 5000])
def test_a_damaged_scan_is_refused_in_words(data):
    with pytest.raises(Refusal) as refused:
        scans.read_codes(data, PDF)
    assert refused.value.code == "damaged-file"


def test_too_many_pages_are_refused(monkeypatch):
    monkeypatch.setattr(scans, "MOST_PAGES", 1)
    with pytest.raises(Refusal) as refused:
        scans.read_codes(drawing.sheet(16), PDF)
    assert refused.value.code == "too-many-pages"
