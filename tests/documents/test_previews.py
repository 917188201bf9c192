"""Pictures of pages: drawn outside our process, kept under the hash, bounded."""

import io
import os

import pytest
from PIL import Image

from core.errors import Refusal
from documents import foreign, previews, services
from tests.applications import filling
from tests.documents import drawing
from tests.world import AT

pytestmark = pytest.mark.django_db


def kept(data: bytes, media_type: str = "application/pdf"):
    return services.store(data, media_type=media_type, at=AT)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refused(blob, page: int, **options) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        previews.page_image(blob, page, **options)
    return refusal.value


def test_a_page_is_drawn_in_the_width_asked_for_or_the_next_larger_one():
    blob = kept(drawing.sheet(16))
    picture = opened(previews.page_image(blob, 2, width=600))
    assert (picture.format, picture.width) == ("WEBP", 640)
    assert len(picture.convert("L").getcolors(256)) > 20  # something is written on it
    assert opened(previews.page_image(blob, 1, width=9999)).width == previews.WIDTHS[-1]


@pytest.mark.parametrize(("form", "media_type"), [("JPEG", "image/jpeg"), ("PNG", "image/png")])
def test_a_picture_is_its_only_page_and_never_enlarged(form, media_type):
    out = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(out, form)
    blob = kept(out.getvalue(), media_type)
    assert opened(previews.page_image(blob, 1)).size == (300, 200)
    assert refused(blob, 2).code == "no-such-page"


def test_a_photograph_taken_sideways_stands_upright():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (300, 200), "red").save(out, "JPEG", exif=exif)
    assert opened(previews.page_image(kept(out.getvalue(), "image/jpeg"), 1)).size == (200, 300)


def test_what_was_drawn_is_kept_and_not_drawn_again(monkeypatch):
    blob = kept(drawing.sheet(1))
    first = previews.page_image(blob, 1)
    monkeypatch.setattr(foreign, "ask", None)
    assert previews.page_image(blob, 1) == first


def test_a_dozen_thumbnails_are_drawn_by_one_child(monkeypatch):
    asked = []
    real = foreign.ask
    monkeypatch.setattr(
        foreign, "ask", lambda *args, **more: asked.append(args[0]) or real(*args, **more)
    )
    blob = kept(filling.pdf(14))
    for page in range(1, 15):
        previews.page_image(blob, page, width=160)
    assert len(asked) == 2


def test_pages_that_do_not_exist_and_kinds_without_pages_are_refused():
    blob = kept(drawing.sheet(1))
    for page in (0, 2, 10**6):
        assert refused(blob, page).code == "no-such-page"
    assert refused(kept(b"PK\x03\x04", "application/zip"), 1).code == "no-preview"


def test_a_page_that_kills_the_child_is_refused_and_not_tried_again(monkeypatch, tmp_path):
    dying = tmp_path / "sandbox.py"
    dying.write_text("import os; os.kill(os.getpid(), 11)")
    monkeypatch.setattr(foreign, "SANDBOX", dying)
    blob = kept(drawing.sheet(1))
    assert refused(blob, 1).code == "no-preview"
    monkeypatch.setattr(foreign, "ask", None)
    assert refused(blob, 1).code == "no-preview"


def test_a_machine_too_busy_to_answer_is_tried_again(monkeypatch):
    blob = kept(drawing.sheet(1))
    monkeypatch.setattr(previews, "SECONDS", 0.01)
    assert refused(blob, 1).status == 503
    monkeypatch.setattr(previews, "SECONDS", 45)
    assert previews.page_image(blob, 1)


def test_nobody_waits_for_ever_for_a_child(monkeypatch):
    monkeypatch.setattr(previews, "PATIENCE", 0.01)
    blob = kept(drawing.sheet(1))
    for _ in range(previews.CHILDREN):
        previews._children.acquire()
    try:
        assert refused(blob, 1).code == "preview-busy"
    finally:
        for _ in range(previews.CHILDREN):
            previews._children.release()


def test_a_page_of_absurd_size_is_drawn_small():
    from pypdf import PdfWriter

    writer = PdfWriter()
    writer.add_blank_page(width=10, height=14400)
    out = io.BytesIO()
    writer.write(out)
    picture = opened(previews.page_image(kept(out.getvalue()), 1, width=1920))
    assert picture.width * picture.height < 13_000_000 and picture.height < 16_384


def test_the_folder_stays_within_its_size_and_loses_the_oldest_first(settings):
    blob = kept(drawing.sheet(16))
    for page in (1, 2):
        previews.page_image(blob, page)
    old, new = (previews._path(blob.sha256, page, 960) for page in (1, 2))
    os.utime(old, (1, 1))
    settings.JIEBANG_PREVIEW_MB = new.stat().st_size / 1024 / 1024
    assert previews.sweep() == 1
    assert not old.exists() and new.exists()
