"""The result page of a scan: pictures of the pages with what was found on them."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageDraw

from core.errors import Refusal
from documents import scancards, scanfiles
from documents import scans as reading
from recommenders import services
from recommenders.models import SealedScan
from tests.recommenders import scene
from tests.recommenders.test_round_trip import SOON, as_file, drawn

pytestmark = pytest.mark.django_db

BACKEND = "django.contrib.auth.backends.ModelBackend"
MM = 150 / 25.4


def stamped(page):
    """Red ink where the ring for the wet seal stands."""
    pen = ImageDraw.Draw(page)
    x, y = page.width - 45 * MM, 90 * MM
    pen.ellipse(
        (x - 20 * MM, y - 20 * MM, x + 20 * MM, y + 20 * MM), outline=(200, 16, 46), width=9
    )
    return page


@pytest.fixture
def sealed_pages(cast):
    scene.recommend(cast, *scene.filings(cast, 2))
    return [stamped(page) for page in drawn(scene.confirm_list(cast))]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_boxes_lie_on_code_and_seal_however_the_page_lies(cast, sealed_pages, turn):
    page = sealed_pages[0].rotate(turn, expand=True)
    read = as_file([page])
    (place,) = read.places
    left, top, right, bottom = place["box"]
    inside = page.crop(
        (
            int(left * page.width),
            int(top * page.height),
            int(right * page.width),
            int(bottom * page.height),
        )
    )
    assert min(inside.size) / max(inside.size) > 0.9, "a code is square"
    dark = sum(inside.convert("L").histogram()[:128]) / (inside.width * inside.height)
    assert 0.3 < dark < 0.7, "and about half of it is dark"
    left, top, right, bottom = place["red"]
    assert (right - left) * page.width == pytest.approx(40 * MM, rel=0.1)
    assert (bottom - top) * page.height == pytest.approx(40 * MM, rel=0.1)
    red = page.getpixel((int((left + 0.002) * page.width), int((top + bottom) / 2 * page.height)))
    assert red[0] - red[2] > 60


def test_the_page_shows_pictures_with_boxes_and_the_hint(client, cast, sealed_pages):
    out = io.BytesIO()
    sealed_pages[0].save(out, "JPEG", quality=80)
    client.force_login(cast.people["operator"], backend=BACKEND)
    file = SimpleUploadedFile("第一页.jpg", out.getvalue(), "image/jpeg")
    where = reverse("recommenders:upload_scan", args=[cast.call.code])
    assert client.post(where, {"pages": file}).status_code == 302
    scan = SealedScan.objects.get()
    assert scan.state == "matched", scan.result
    page = client.get(reverse("recommenders:scan", args=[cast.call.code])).content.decode()
    assert page.count('<rect class="jb-found"') == 2
    assert "仅提示，不作盖章证明" in page
    source = re.search(r'<img src="([^"?]+)\?w=640"', page)[1]
    picture = client.get(f"{source}?w=640")
    assert picture["Content-Type"] == "image/webp"
    assert Image.open(io.BytesIO(picture.content)).width == 640
    original = client.get(reverse("recommenders:scan_file", args=[scan.public_id, 1]))
    assert original.content == out.getvalue(), "kept byte for byte"
    client.force_login(cast.people["neighbour"], backend=BACKEND)
    assert client.get(source).status_code == 404


def test_what_does_not_belong_is_shown_too(cast, sealed_pages):
    blank = Image.new("RGB", sealed_pages[0].size, "white")
    files = [as_file([sealed_pages[0], sealed_pages[0], blank])]
    scan = services.receive_scan(scene.ranked(cast), files, actor=cast.actor("operator"), at=SOON)
    cards = scancards.cards(scan.result)
    assert [one["state"] for one in cards] == ["matched", "duplicate", "unreadable"]
    assert [(one["file"], one["page"]) for one in cards] == [(1, 1), (1, 2), (1, 3)]
    assert "重复" in cards[1]["note"]


def test_results_of_before_have_no_pictures_and_still_show(cast, sealed_pages):
    files = [as_file(sealed_pages)]
    scan = services.receive_scan(scene.ranked(cast), files, actor=cast.actor("operator"), at=SOON)
    del scan.result["places"]
    assert [one["marks"] for one in scancards.cards(scan.result)] == [[]]


def test_reading_ends_in_time_and_says_which_pages_were_left(monkeypatch):
    from tests.documents import drawing

    answers = reading.read_codes(drawing.scan(drawing.sheet(16)), "application/pdf", seconds=-1)
    assert [(one.late, one.code) for one in answers] == [(True, None)] * 2


def test_too_many_or_too_slow_files_are_refused_in_words(monkeypatch):
    read = scanfiles.Uploaded(b"x", "a.pdf", "application/pdf", [(None, None)])
    monkeypatch.setattr(scanfiles, "read_upload", lambda *args, **more: read)
    monkeypatch.setattr(reading, "MOST_PAGES", 2)
    with pytest.raises(Refusal) as caught:
        scanfiles.read_uploads([(b"x", "a.pdf")] * 3)
    assert caught.value.code == "too-many-files"
    monkeypatch.setattr(reading, "SECONDS", 0.5)
    with pytest.raises(Refusal) as caught:
        scanfiles.read_uploads([(b"x", "a.pdf")])
    assert caught.value.code == "too-slow" and "灰度" in caught.value.message


def test_a_photograph_turned_by_its_camera_is_read_upright(sealed_pages):
    """EXIF says how a phone lay; picture and boxes follow it alike."""
    page = sealed_pages[0].rotate(90, expand=True)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter to stand upright
    out = io.BytesIO()
    page.save(out, "JPEG", quality=85, exif=exif)
    (place,) = services.read_upload(out.getvalue(), "照片.jpg").places
    left, _, _, bottom = place["box"]
    assert left > 0.8 and bottom < 0.2, "the code stands in the upper right corner"
