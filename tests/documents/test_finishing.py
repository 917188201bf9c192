"""Markup, page codes and objects of a paper: quicker ways, held against the usual ones."""

import hashlib
import io
import re
from xml.etree.ElementTree import Element

import pydyf
import pytest
import tinyhtml5
import zxingcpp
from pypdf import PdfReader

from documents import finishing, markup
from documents.kinds import KINDS
from tests.benchmarks import naive, papers
from tests.documents import drawing, samples, samples_review

SAMPLES = {
    **{name: getattr(samples, name) for name in vars(samples) if name in KINDS},
    **{name: getattr(samples_review, name) for name in vars(samples_review) if name in KINDS},
}
ROWS = {"summary_sheet": 15, "panel_minutes": 12, "panel_signatures": 12}


def snapshot(kind):
    return SAMPLES[kind](*([ROWS[kind]] if kind in ROWS else []))


def flat(element: Element, depth: int = 0) -> list[tuple[int, str, dict[str, str], str]]:
    """Every element but ``tbody``, which browsers add, with its texts, without white space."""
    here = [element.text, *(child.tail for child in element)]
    text = re.sub(r"\s+", "", "".join(part or "" for part in here))
    below = depth if element.tag == "tbody" else depth + 1
    kept = [] if element.tag == "tbody" else [(depth, element.tag, dict(element.attrib), text)]
    return kept + [line for child in element for line in flat(child, below)]


def test_there_are_samples_of_many_papers():
    assert len(SAMPLES) >= 12


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_paper_is_read_as_a_browser_would_read_it(kind):
    html = drawing.html_of(kind, snapshot(kind))
    browsers = tinyhtml5.parse(html, namespace_html_elements=False)
    assert flat(markup.tree(html)) == flat(browsers)


@pytest.mark.parametrize(
    "html", ["<p>x", "<p><b>x</p></b>", "</p>", "<table><tr><td>x</tr></table>"]
)
def test_what_is_not_closed_is_told(html):
    with pytest.raises(ValueError, match="close"):
        markup.tree(f"<html><body>{html}</body></html>")


def test_what_people_wrote_stays_text():
    page = markup.tree("<html><body><p>&lt;b&gt;甲&amp;乙&#x27;</p><br/><br></body></html>")
    assert page[0][0].text == "<b>甲&乙'"
    assert [one.tag for one in page[0]] == ["p", "br", "br"]


@pytest.mark.parametrize("kind", ["summary_sheet", "application_form"])
def test_the_code_of_each_page_names_it_and_measures_25_mm(kind):
    data = drawing.draw(kind, snapshot(kind))
    for number, page in enumerate(drawing.pictures(data, 254), 1):  # a pixel is a tenth of a mm
        found = zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
        assert [one.text for one in found] == [
            f"HTTPS://JIEBANG.EXAMPLE/V/{drawing.CODE}/{number}".upper()
        ]
        place = found[0].position
        right = 180 if page.width > page.height else 260
        assert abs(place.top_left.y - 70) <= 3
        assert abs(place.bottom_right.y - 320) <= 3
        assert abs(place.top_right.x - (page.width - right)) <= 3
        assert abs(place.top_left.x - (page.width - right - 250)) <= 3


def test_the_paper_that_ours_is_measured_beside_has_the_same_codes_in_the_same_place():
    order = papers.order_of("summary_sheet", snapshot("summary_sheet"), "sheet")
    drawn, data = naive.draw(order)
    assert len(drawn.pages) == order["pages"] > 1
    ours = drawing.draw("summary_sheet", snapshot("summary_sheet"))
    pairs = zip(drawing.pictures(data, 254), drawing.pictures(ours, 254), strict=True)
    for theirs, mine in pairs:
        (code,), (wanted,) = (
            zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)
            for page in (theirs, mine)
        )
        assert code.text == wanted.text
        for corner in ("top_left", "bottom_right"):
            here, there = getattr(code.position, corner), getattr(wanted.position, corner)
            assert abs(here.x - there.x) <= 3
            assert abs(here.y - there.y) <= 3


def test_a_draft_has_no_code_on_its_pages():
    data = drawing.draw("summary_sheet", snapshot("summary_sheet"), draft=True)
    for page in drawing.pictures(data, 150):
        assert not zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.QRCode)


def test_each_object_becomes_bytes_once_and_the_file_says_what_it_said(monkeypatch):
    asked = []
    plain = pydyf.Dictionary.data.fget

    def count(self):
        asked.append(id(self))
        return plain(self)

    monkeypatch.setattr(pydyf.Dictionary, "data", property(count))
    quick = drawing.draw("receipt", snapshot("receipt"))
    once = len(asked)
    monkeypatch.setattr(finishing, "serialise", lambda file: None)
    asked.clear()
    usual = drawing.draw("receipt", snapshot("receipt"))
    assert len(asked) > 1.5 * once
    assert digests(quick) == digests(usual)


def digests(data):
    """Each page's content, unpacked, and how many objects the file has."""
    reader = PdfReader(io.BytesIO(data))
    streams = [page.get_contents().get_data() for page in reader.pages]
    return [hashlib.sha256(one).hexdigest() for one in streams], len(reader.xref)
