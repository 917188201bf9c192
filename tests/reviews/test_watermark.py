"""What an expert opens carries their name and the moment."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.reviews import scene


@pytest.mark.django_db
def test_the_page_of_an_application_names_who_looks_and_when():
    made = scene.declared(scene.deployed(scene.build(experts=3)))
    task = made.round.assignments.filter(state="deployed", expert=made.experts[0]).first()
    client = Client()
    client.force_login(made.user(0), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("reviews:score", args=[task.public_id])).content.decode()
    mark = page.split('<pattern id="watermark"', 1)[1].split("</pattern>", 1)[0]
    assert mark.count(made.user(0).name) == 2
    assert mark.count("年") == 2 and mark.count(":") == 4


def test_the_words_are_burnt_into_the_picture_of_a_page_and_differ_by_person():
    import io

    from PIL import Image, ImageChops

    from reviews import watermark

    out = io.BytesIO()
    Image.new("RGB", (960, 1358), "white").save(out, "WEBP", lossless=True)

    def burnt(words):
        return Image.open(io.BytesIO(watermark.burn(out.getvalue(), words))).convert("L")

    one, other = burnt("专家甲 2026年11月28日"), burnt("专家乙 2026年11月28日")
    dark = sum(one.histogram()[:245])
    assert dark > 960 * 1358 / 200  # all over the page, and
    assert one.getextrema()[0] > 150  # never so dark that the page cannot be read
    for box in ((0, 0, 480, 679), (480, 679, 960, 1358)):
        assert sum(one.crop(box).histogram()[:245]) > 500
    assert ImageChops.difference(one, other).getbbox()
    small = io.BytesIO()
    Image.new("RGB", (160, 220), "white").save(small, "WEBP")
    assert watermark.burn(small.getvalue(), "专家甲") == small.getvalue()


def test_a_copy_of_a_file_carries_the_words_on_every_page_and_keeps_its_text():
    """Dark spots appear all over a white page, others for another name; words stay selectable."""
    import io

    import pypdfium2
    from PIL import ImageChops
    from pypdf import PdfReader, PdfWriter

    from documents import binding
    from reviews import watermark

    writer, held = PdfWriter(), io.BytesIO()
    for _ in range(3):
        writer.add_blank_page(*watermark.A4)
    writer.write(held)
    blank = held.getvalue()

    def copy(words):
        stamps = watermark.stamps(words, 3)
        out = io.BytesIO()
        binding.bind([binding.Part(blank, stamped=True)], title="", stamps=stamps, out=out)
        return out.getvalue()

    def drawn(data, page):
        return pypdfium2.PdfDocument(data)[page].render(scale=1).to_pil().convert("L")

    one, other = copy("专家甲 2026年11月28日"), copy("专家乙 2026年11月28日")
    assert len(PdfReader(io.BytesIO(one)).pages) == 3
    for page in range(3):
        picture = drawn(one, page)
        assert picture.getextrema()[1] == 255
        assert 150 < picture.getextrema()[0] < 250, "to be seen, and to be read through"
        for box in ((0, 0, 297, 420), (298, 421, 595, 841)):
            assert picture.crop(box).getextrema()[0] < 250
        assert ImageChops.difference(picture, drawn(other, page)).getbbox()
    assert len(one) < 200_000


@pytest.mark.django_db
def test_the_workbook_taken_along_says_who_took_it_and_when():
    import io

    from openpyxl import load_workbook

    made = scene.declared(scene.deployed(scene.build(experts=3)))
    client = Client()
    client.force_login(made.user(0), backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(reverse("reviews:scores_sheet", args=[made.round.public_id]))
    page = load_workbook(io.BytesIO(answer.content)).active
    assert made.user(0).name in page["A1"].value and "年" in page["A1"].value
    assert made.user(0).name in page.oddFooter.center.text
