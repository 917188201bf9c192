"""The committed faces: whole, enough, and the only ones used."""

import hashlib
import tomllib

import pytest

from documents import rendering, typography
from documents.errors import UnrenderableDocument
from documents.kinds import KINDS
from tests.documents import drawing, samples
from tests.documents.test_pages import SAMPLES

ALLOWED = {"JB-Serif-SC", "JB-Serif-SC-Bold", "JB-Sans-SC", "JB-Rare", "JB-Mono"}
FACES = tomllib.loads((rendering.FONTS / "FONTS.toml").read_text("utf-8"))["face"]


@pytest.mark.parametrize("face", FACES, ids=lambda face: face["file"])
def test_each_face_is_the_one_that_was_made_and_has_its_licence(face):
    data = (rendering.FONTS / face["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == face["sha256"]
    licence = (rendering.FONTS / face["licence_file"]).read_text("utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence


def test_every_committed_face_is_listed():
    files = {path.name for path in rendering.FONTS.glob("*.ttf")}
    assert files == {face["file"] for face in FACES}


@pytest.mark.parametrize("kind", KINDS)
def test_documents_use_the_committed_faces_and_no_others(kind):
    assert drawing.fonts(drawing.draw(kind, SAMPLES[kind]())) <= ALLOWED


def test_the_body_face_draws_all_of_gb2312_and_the_full_face_all_of_gbk():
    def characters(encoding):
        for high in range(0x81, 0xFF):
            for low in range(0x40, 0xFF):
                try:
                    c = bytes([high, low]).decode(encoding)
                except UnicodeDecodeError:
                    continue
                if "\u4e00" <= c <= "\u9fa5":
                    yield c

    body, full = typography.coverage(typography.BODY), typography.coverage(typography.RARE)
    assert all(ord(c) in body for c in characters("gb2312"))
    gbk = set(characters("gbk"))
    assert len(gbk) == 20902
    assert all(ord(c) in full for c in gbk)


def test_every_character_of_the_templates_can_be_drawn():
    words = "".join(path.read_text("utf-8") for path in sorted(rendering.TEMPLATES.glob("*.html")))
    assert typography.unprintable(words) == []


def test_a_name_with_a_rare_character_is_set_whole_in_the_full_face():
    assert typography.rare("陈旻玥") == '<span class="rare">陈旻玥</span>'
    assert typography.rare("赵一例") == "赵一例"
    assert "陈旻玥" in "".join(drawing.texts(drawing.form()))


def test_a_character_that_no_face_has_is_printed_as_another_form_and_named():
    snapshot = samples.application_form(rare_name="吴\U00020bb7堃")
    assert typography.unprintable(snapshot) == ["\U00020bb7"]
    pages = drawing.texts(drawing.draw("application_form", snapshot))
    assert "吴吉堃" in "".join(pages)
    assert "U+20BB7印作“吉”" in pages[-1]
    assert "印作" not in "".join(drawing.texts(drawing.form()))


def test_a_letter_with_a_character_that_no_face_has_is_refused_by_name_before_drawing():
    letter = {**samples.notice(), "signed_by": "示例\U00020bb7厅"}
    with pytest.raises(UnrenderableDocument, match="U\\+20BB7"):
        drawing.draw("notice", letter)


@pytest.mark.parametrize(
    ("character", "form"),
    [
        ("\U00020bb7", "吉"),
        ("\ufa11", "﨑" if 0xFA11 in typography.coverage(typography.RARE) else "〓"),
        ("\U0002f800", "丽"),
        ("\ue81e", "\u9fb4"),
        ("\U0001f600", "〓"),
        ("\ue000", "〓"),
        ("\u200d", ""),
        ("\x07", ""),
    ],
)
def test_what_stands_for_a_character_can_be_printed(character, form):
    found = typography.stand_in(character)
    assert found == form
    assert typography.unprintable(found) == []


def test_a_snapshot_that_can_be_printed_is_left_as_it_is():
    snapshot = samples.application_form()
    assert typography.replaced(snapshot) == (snapshot, {})


def test_no_page_holds_an_empty_box():
    """Glyph 0 is what a face draws for a character that it lacks."""
    import io

    from pypdf import PdfReader

    for page in PdfReader(io.BytesIO(drawing.form())).pages:
        for font in page["/Resources"]["/Font"].values():
            mapping = font.get_object()["/ToUnicode"].get_object().get_data().decode("latin-1")
            assert "<0000>" not in mapping.split("beginbfchar")[-1].split(">")[0]


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        ("1200", "万元", "1200\u00a0万元"),
        ("40.8", "%", "40.8%"),
        ("-20~65", "℃", "−20至65℃"),
        ("", "万元", "—"),
        (None, "", "—"),
        ("≥ 70", "dB", "≥ 70\u00a0dB"),
    ],
)
def test_quantities(value, unit, shown):
    assert typography.qty(value, unit) == shown


def test_the_ending_of_a_unit_does_not_break_and_markup_stays_text():
    assert typography.unit_name("示例芯片有限公司") == '示例芯片<span class="nw">有限公司</span>'
    assert typography.unit_name("<b>示例</b>大学") == "&lt;b&gt;示例&lt;/b&gt;大学"
