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
