"""PAdES on real sheets: signed, judged, tampered with, followed by more bytes, stamped."""

import io

import pypdfium2
import pytest
from pypdf import PdfReader

from documents import demoseal, layout, signing
from tests.documents import drawing, sealed


def judge(data: bytes, *, roots=None) -> signing.Judged:
    (found,) = signing.judge(data, roots=[sealed.root()] if roots is None else roots)
    return found


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_a_sheet_is_signed_as_pades_and_judged_whole(kind):
    found = judge(sealed.signed(kind=kind))
    assert (found.intact, found.whole, found.trusted) == (True, True, True)
    assert sealed.UNIT in found.subject
    assert found.stamped == ""
    field = PdfReader(io.BytesIO(sealed.signed(kind=kind))).get_fields()["UnitSeal"]
    assert field["/V"]["/SubFilter"] == "/ETSI.CAdES.detached"
    assert field["/V"]["/Reason"] == "JB-2021-HZ-0099 第3版"


def test_the_signed_file_begins_with_the_bytes_of_the_sheet():
    assert sealed.signed().startswith(sealed.sheet())


def test_a_chain_to_no_trusted_root_is_not_trusted_but_whole():
    other = sealed.authority("另一示例机构")[0].public_bytes(sealed.Encoding.PEM).decode()
    for roots in ([], [other]):
        found = judge(sealed.signed(), roots=roots)
        assert (found.intact, found.whole, found.trusted) == (True, True, False)


@pytest.mark.parametrize("where", [0.3, 0.6, 0.9])
def test_one_changed_byte_breaks_the_signature(where):
    data = bytearray(sealed.signed())
    data[int(len(sealed.sheet()) * where)] ^= 1
    try:
        found = judge(bytes(data))
    except (signing.Unusable, ValueError):
        return
    assert not found.intact and not found.trusted


def test_what_is_appended_after_signing_is_seen():
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    writer = IncrementalPdfFileWriter(io.BytesIO(sealed.signed()))
    page = writer.root["/Pages"]["/Kids"][0].get_object()
    from pyhanko.pdf_utils import generic

    page["/Rotate"] = generic.NumberObject(180)
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    found = judge(out.getvalue())
    assert not found.whole


def test_signing_works_beside_a_running_event_loop():
    import asyncio

    async def inside() -> bytes:
        return sealed.sign(sealed.sheet())

    assert judge(asyncio.run(inside())).intact


def test_a_plain_pdf_has_no_signature_and_rubbish_is_refused():
    assert signing.judge(sealed.sheet()) == ()
    for data in (b"%PDF-1.7 nothing", b"", b"\x00" * 100):
        with pytest.raises(signing.Unusable):
            signing.judge(data)


@pytest.mark.parametrize("mm", [50, 45, 42, 38])
def test_the_seal_lies_over_name_and_date_in_its_true_size(mm):
    """国发〔1999〕25号: in its diameter; upright, in the middle over the unit's name and date."""
    data = sealed.signed(3, mm)
    document = pypdfium2.PdfDocument(data)
    document.init_forms()
    page = document[len(document) - 1].render(scale=2).to_pil().convert("RGB")
    reds = [
        (x, y)
        for y in range(page.height)
        for x in range(page.width)
        if (pixel := page.getpixel((x, y)))[0] - max(pixel[1:]) > 60
    ]
    left, right = min(x for x, _ in reds) / 2, max(x for x, _ in reds) / 2
    top, bottom = min(y for _, y in reds) / 2, max(y for _, y in reds) / 2
    assert (right - left) / 72 * 25.4 == pytest.approx(mm, abs=1.5)
    assert (bottom - top) / 72 * 25.4 == pytest.approx(mm, abs=1.5)
    text = document[len(document) - 1].get_textpage()
    height = document[len(document) - 1].get_height()
    inside = text.get_text_bounded(left, height - bottom, right, height - top)
    assert sealed.UNIT in inside and "2021年11月29日" in inside
    searched = text.search(sealed.UNIT)
    boxes = []
    while (hit := searched.get_next()) is not None:
        boxes.append(text.get_charbox(hit[0])[0:1] + text.get_charbox(hit[0] + hit[1] - 1)[2:3])
    middle = (left + right) / 2
    assert min(abs((a + b) / 2 - middle) for a, b in boxes) < 3


def test_without_a_signature_there_is_no_seal_on_the_page():
    page = drawing.pictures(sealed.sheet(), 60)[-1]
    assert all(r - max(g, b) < 60 for r, g, b in page.get_flattened_data())
    assert "电子签章处" in drawing.texts(sealed.sheet())[-1]


def test_a_page_without_the_place_is_not_signed():
    with pytest.raises(signing.Unusable) as caught:
        sealed.sign(drawing.sheet(1))
    assert caught.value.reason == "no-place"


def test_a_wrong_passphrase_opens_nothing_and_is_in_no_message():
    with pytest.raises(signing.Unusable) as caught:
        signing.open_key(sealed.key_file(), "QXWRONG9Z")
    assert caught.value.reason == "passphrase"
    assert "QXWRONG9Z" not in str(caught.value) + repr(caught.value)
    opened = sealed.opened()
    assert "key" not in repr(opened).lower().replace("openedkey", "")


def test_a_timestamp_makes_it_b_t():
    found = judge(sealed.sign(sealed.sheet(), stamper=sealed.stamper()))
    assert found.intact and found.whole
    assert found.stamped.startswith(sealed.NOW.isoformat()[:16])


def test_demonstration_certificates_say_so_everywhere():
    by = demoseal.authority(at=sealed.NOW)
    data, passphrase = demoseal.key_file(by=by, at=sealed.NOW)
    opened = signing.open_key(data, passphrase)
    said = signing.describe(opened.chain[0])
    assert "演示" in said.subject and "不具法律效力" in said.issuer
    assert sealed.UNIT not in said.subject, "it names no organ"
    assert said.strong and said.may_sign
    assert len(passphrase) >= 20


def test_the_demonstration_seal_is_a_plain_ring():
    from PIL import Image

    image = Image.open(io.BytesIO(demoseal.picture()))
    assert image.mode == "RGBA" and image.size == (900, 900)
    middle = image.crop((250, 330, 650, 780))
    assert middle.getextrema()[3] == (0, 0), "no star, no emblem: nothing in the middle"


def test_the_box_follows_the_diameters_of_the_rule():
    assert [layout.box_mm(mm) for mm in (38, 42, 45, 50)] == [42, 42, 45, 50]
